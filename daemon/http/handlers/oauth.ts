import type { Routes } from '../../contract/routes.ts'
import { shownUserCode } from '../../domain/device.ts'
import type { Deps } from '../../usecases/deps.ts'
import type { ClientClaim } from '../../usecases/oauth/client.ts'
import { createDevices } from '../../usecases/oauth/devices.ts'
import { createGrants, type GrantedToken } from '../../usecases/oauth/grants.ts'
import { metadataOf } from '../../usecases/oauth/metadata.ts'
import type { ClientClaim as HeaderClaim, Handlers } from '../reply.ts'

const toOAuthToken = (token: GrantedToken) => ({
  access_token: token.accessToken,
  token_type: 'Bearer',
  expires_in: token.expiresInSeconds,
  ...(token.scope === undefined ? {} : { scope: token.scope }),
  ...(token.refreshToken === undefined ? {} : { refresh_token: token.refreshToken }),
})

/** What a request says of its sender, from the header and from the body. */
const claimOf = (
  { authorization }: HeaderClaim,
  body: { client_id?: string; client_secret?: string },
): ClientClaim => ({ authorization, clientId: body.client_id, clientSecret: body.client_secret })

/** The handlers of the endpoints of OAuth. */
export const createOauthHandlers = (deps: Deps, publicUrl: () => string) => {
  const grant = createGrants(deps)
  const devices = createDevices(deps)
  const { issuer } = deps.signer

  return {
    'oauth.metadata': () =>
      Promise.resolve({ status: 200, body: metadataOf({ issuer, publicUrl: publicUrl() }) }),

    'oauth.token': async ({ caller, body, origin }) => {
      const token = await grant({ claim: claimOf(caller, body), parameters: body, origin })
      return { status: 200, body: toOAuthToken(token) }
    },

    'oauth.authorizeDevice': async ({ caller, body, origin }) => {
      const claim = claimOf(caller, body)
      const codes = await devices.begin({ claim, scope: body.scope, origin })
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
