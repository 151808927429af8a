import type { Routes } from '../../contract/routes.ts'
import type { KnownAccount } from '../../domain/account.ts'
import { shownUserCode } from '../../domain/device.ts'
import { Failure } from '../../domain/failure.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import { createAuthenticate } from '../../usecases/access/authenticate.ts'
import type { Deps } from '../../usecases/deps.ts'
import { requireOneProof, type ClientClaim } from '../../usecases/oauth/client-claim.ts'
import { createAuthenticateClient } from '../../usecases/oauth/client.ts'
import { createDevices } from '../../usecases/oauth/devices.ts'
import { createGrants, type GrantedToken } from '../../usecases/oauth/grants.ts'
import { createIntrospect } from '../../usecases/oauth/introspect.ts'
import { metadataOf } from '../../usecases/oauth/metadata.ts'
import { createRevoke } from '../../usecases/oauth/revoke.ts'
import { bearerToken } from '../authenticate.ts'
import type { ClientClaim as HeaderClaim, Handlers } from '../reply.ts'

const toOAuthToken = (token: GrantedToken) => ({
  access_token: token.accessToken,
  token_type: 'Bearer',
  expires_in: token.expiresInSeconds,
  ...(token.scope === undefined ? {} : { scope: token.scope }),
  ...(token.refreshToken === undefined ? {} : { refresh_token: token.refreshToken }),
})

interface ClientParameters {
  readonly client_id?: string
  readonly client_secret?: string
  readonly client_assertion_type?: string
  readonly client_assertion?: string
}

/** What a request says of its sender, from the header and from the body. */
const claimOf = ({ authorization }: HeaderClaim, body: ClientParameters): ClientClaim => ({
  authorization,
  clientId: body.client_id,
  clientSecret: body.client_secret,
  assertionType: body.client_assertion_type,
  assertion: body.client_assertion,
})

/** The handlers of the endpoints of OAuth. */
export const createOauthHandlers = (deps: Deps, publicUrl: () => string) => {
  const grant = createGrants(deps)
  const devices = createDevices(deps)
  const authenticate = createAuthenticate(deps)
  const authenticateClient = createAuthenticateClient(deps, () => `${publicUrl()}/oauth/token`)
  const introspect = createIntrospect(deps, authenticate)
  const revoke = createRevoke(deps)
  const { issuer } = deps.signer

  /** The account that asks, by a token of it or for an application of it (RFC 7662 section 2.1). */
  const viewerOf = async (claim: ClientClaim, origin: RequestOrigin): Promise<KnownAccount> => {
    if (/^bearer\b/i.test(claim.authorization ?? '')) {
      requireOneProof(claim)
      const { account } = await authenticate(bearerToken(claim.authorization), { ignoreExpiry: false })
      return account
    }
    const client = await authenticateClient(claim, origin)
    if (client.kind === 'application') return client.owner
    throw new Failure('invalid_client', { reason: 'public_client' })
  }

  return {
    'oauth.metadata': () =>
      Promise.resolve({ status: 200, body: metadataOf({ issuer, publicUrl: publicUrl() }) }),

    'oauth.token': async ({ caller, body, origin }) => {
      const client = await authenticateClient(claimOf(caller, body), origin)
      const token = await grant({ client, parameters: body, origin })
      return { status: 200, body: toOAuthToken(token) }
    },

    'oauth.introspect': async ({ caller, body, origin }) => {
      const viewer = await viewerOf(claimOf(caller, body), origin)
      const facts = await introspect(body.token, viewer)
      return { status: 200, body: facts === undefined ? { active: false } : { active: true, ...facts } }
    },

    'oauth.revoke': async ({ caller, body, origin }) => {
      const client = await authenticateClient(claimOf(caller, body), origin)
      await revoke({ client, token: body.token, origin })
      return { status: 200, body: {} }
    },

    'oauth.authorizeDevice': async ({ caller, body, origin }) => {
      const client = await authenticateClient(claimOf(caller, body), origin)
      const codes = await devices.begin({ client, scope: body.scope, origin })
      const userCode = shownUserCode(codes.userCode)
      const page = `${publicUrl()}/device`
      return {
        status: 200,
        body: {
          device_code: codes.deviceCode,
          user_code: userCode,
          verification_uri: page,
          verification_uri_complete: `${page}?user_code=${userCode}`,
          expires_in: codes.expiresInSeconds,
          interval: codes.intervalSeconds,
        },
      }
    },
  } satisfies Partial<Handlers<Routes>>
}
