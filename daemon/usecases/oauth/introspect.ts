import { isOfApplication } from '../../domain/access-token.ts'
import type { KnownAccount } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { maySee } from '../../domain/tree.ts'
import type { Authenticate } from '../access/authenticate.ts'
import type { Deps } from '../deps.ts'
import { createTokens } from '../sessions/tokens.ts'
import type { GrantDeps } from './grants.ts'

/** What is told of a live token (RFC 7662 section 2.2). Times in seconds. */
export interface TokenFacts {
  readonly iss: string
  readonly sub: string
  readonly aud?: string
  readonly exp: number
  readonly iat: number
  readonly client_id: string
  readonly token_type?: 'Bearer'
  readonly scope?: string
  readonly sid?: string
  readonly role: string
  readonly username?: string
}

/** A live token: what is told of it, and the account that it acts for. */
interface LiveToken {
  readonly facts: TokenFacts
  readonly account: KnownAccount
}

const usernameOf = ({ username }: KnownAccount): { username?: string } =>
  username === null ? {} : { username }

/**
 * Tells those who may see its account what a token is (RFC 7662), and answers undefined for every other: one
 * that is expired, revoked, of somebody else, or none at all.
 */
export const createIntrospect = (
  deps: GrantDeps & Pick<Deps, 'signer'>,
  authenticate: Authenticate,
): ((token: string, viewer: KnownAccount) => Promise<TokenFacts | undefined>) => {
  const { signer, clock } = deps
  const { issuer: iss, audience: aud } = signer
  const tokens = createTokens(deps)

  const accessToken = async (token: string): Promise<LiveToken | undefined> => {
    try {
      const claims = await signer.verify(token, { now: clock.now(), ignoreExpiry: false })
      if (claims === undefined) return undefined
      const { account } = await authenticate(token, { ignoreExpiry: false })
      const common = { iss, aud, exp: claims.expiresAt, iat: claims.issuedAt, token_type: 'Bearer' } as const
      const { sub, role } = claims
      if (isOfApplication(claims)) {
        const scope = claims.scope === undefined ? {} : { scope: claims.scope }
        return { account, facts: { ...common, ...scope, sub, role, client_id: sub } }
      }
      const { sid, applicationId } = claims
      return {
        account,
        facts: { ...common, sub, role, sid, client_id: applicationId, ...usernameOf(account) },
      }
    } catch (error) {
      if (error instanceof Failure && error.code === 'invalid_token') return undefined
      throw error
    }
  }

  const refreshToken = async (token: string): Promise<LiveToken | undefined> => {
    const found = await tokens.inspect(token)
    if (found === undefined) return undefined
    const { session, account } = found
    const facts = {
      iss,
      sub: account.id,
      exp: Math.floor(Math.min(session.idleExpiresAt, session.absoluteExpiresAt) / 1000),
      iat: Math.floor(session.rotatedAt / 1000),
      client_id: session.applicationId,
      sid: session.id,
      role: account.role,
      ...usernameOf(account),
    }
    return { account, facts }
  }

  return async (token, viewer) => {
    const found = (await refreshToken(token)) ?? (await accessToken(token))
    return found !== undefined && maySee(viewer, found.account) ? found.facts : undefined
  }
}
