import { Failure } from '../../domain/failure.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Deps } from '../deps.ts'
import type { IssuedToken, SessionDeps } from '../sessions/open.ts'
import { createTokens } from '../sessions/tokens.ts'
import { requireParameter } from './parameters.ts'
import { clientCredentials } from './client-credentials.ts'
import { DEVICE_GRANT, deviceCode } from './device-grant.ts'
import type { OAuthClient } from './client.ts'

/** What the grants need. */
export type GrantDeps = SessionDeps & Pick<Deps, 'audit'>

/** The parameters of a request for a token, as they were sent. */
export interface TokenParameters {
  readonly grant_type: string
  readonly refresh_token?: string | undefined
  readonly device_code?: string | undefined
  readonly scope?: string | undefined
}

/** A token, for a session the refresh token that continues it, and the scope that was asked for. */
export type GrantedToken = Omit<IssuedToken, 'refreshToken'> &
  Partial<Pick<IssuedToken, 'refreshToken'>> & { readonly scope?: string | undefined }

/** A request for a token by an application that has proved who it is. */
export interface GrantRequest {
  readonly client: OAuthClient
  readonly parameters: TokenParameters
  readonly origin: RequestOrigin
}

/** One way to be given a token; it throws what it refuses with. */
export type Grant = (deps: GrantDeps, request: GrantRequest) => Promise<GrantedToken>

/**
 * Continues the session of a sign-in (RFC 6749 section 6). Its tokens have no scope that could be asked for.
 */
const refreshToken: Grant = (deps, { client, parameters, origin }) => {
  const presented = requireParameter(parameters, 'refresh_token')
  if (parameters.scope !== undefined) throw new Failure('invalid_scope')
  return createTokens(deps).refresh({ refreshToken: presented, applicationId: client.id, origin })
}

/** Every way to ask for a token, by its `grant_type`. The metadata lists them. */
export const GRANTS = {
  client_credentials: clientCredentials,
  refresh_token: refreshToken,
  [DEVICE_GRANT]: deviceCode,
} as const satisfies Readonly<Record<string, Grant>>

const isGrant = (name: string): name is keyof typeof GRANTS => Object.hasOwn(GRANTS, name)

/**
 * Answers a request for a token (RFC 6749 section 4). Throws `unsupported_grant_type`, `invalid_request` or
 * what the grant refuses with.
 */
export const createGrants =
  (deps: GrantDeps) =>
  (request: GrantRequest): Promise<GrantedToken> => {
    const { grant_type: grant } = request.parameters
    if (!isGrant(grant)) throw new Failure('unsupported_grant_type')
    return GRANTS[grant](deps, request)
  }
