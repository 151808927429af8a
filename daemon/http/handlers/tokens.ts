import type { Routes } from '../../contract/routes.ts'
import { JWKS_MAX_AGE_SECONDS } from '../../domain/signing-key.ts'
import type { Deps } from '../../usecases/deps.ts'
import {
  createRefreshToken,
  createRegenerateToken,
  createSetRefreshKey,
} from '../../usecases/sessions/tokens.ts'
import type { Handlers } from '../reply.ts'
import { toToken } from '../views.ts'

export const createTokenHandlers = (deps: Deps) => {
  const refresh = createRefreshToken(deps)
  const setKey = createSetRefreshKey(deps)
  const regenerate = createRegenerateToken(deps)

  return {
    'refreshKeys.set': async ({ caller, body, origin }) => {
      await setKey({ principal: caller, newKey: body.new_key, oldKey: body.old_key, origin })
      return { status: 200, body: { detail: 'Refresh key set successfully' } }
    },

    'tokens.regenerate': async ({ caller, body, origin }) => {
      const token = await regenerate({ principal: caller, refreshKey: body.refresh_key, origin })
      return { status: 200, body: { detail: 'Token regenerated successfully', token: toToken(token) } }
    },

    'tokens.refresh': async ({ caller, body, origin }) => {
      const token = await refresh({ refreshToken: caller.refreshToken, clientId: body.client_id, origin })
      return { status: 200, body: { detail: 'Token refreshed successfully', token: toToken(token) } }
    },

    'keys.jwks': () =>
      Promise.resolve({
        status: 200,
        body: deps.signer.jwks(),
        headers: { 'Cache-Control': `public, max-age=${JWKS_MAX_AGE_SECONDS}` },
      }),
  } satisfies Partial<Handlers<Routes>>
}
