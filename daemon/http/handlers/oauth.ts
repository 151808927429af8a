import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createGrants, type GrantedToken } from '../../usecases/oauth/grants.ts'
import { metadataOf } from '../../usecases/oauth/metadata.ts'
import type { Handlers } from '../reply.ts'

const toOAuthToken = (token: GrantedToken) => ({
  access_token: token.accessToken,
  token_type: 'Bearer',
  expires_in: token.expiresInSeconds,
  ...(token.scope === undefined ? {} : { scope: token.scope }),
  ...(token.refreshToken === undefined ? {} : { refresh_token: token.refreshToken }),
})

/** The handlers of the endpoints of OAuth. */
export const createOauthHandlers = (deps: Deps, publicUrl: () => string) => {
  const grant = createGrants(deps)
  const { issuer } = deps.signer

  return {
    'oauth.metadata': () =>
      Promise.resolve({ status: 200, body: metadataOf({ issuer, publicUrl: publicUrl() }) }),

    'oauth.token': async ({ caller, body, origin }) => {
      const { client_id: clientId, client_secret: clientSecret, ...parameters } = body
      const claim = { authorization: caller.authorization, clientId, clientSecret }
      return { status: 200, body: toOAuthToken(await grant({ claim, parameters, origin })) }
    },
  } satisfies Partial<Handlers<Routes>>
}
