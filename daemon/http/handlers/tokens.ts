import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createTokens } from '../../usecases/sessions/tokens.ts'
import type { Handlers } from '../reply.ts'
import { toToken } from '../views.ts'

/** The handlers of tokens. */
export const createTokenHandlers = (deps: Deps) => {
  const tokens = createTokens(deps)

  return {
    'tokens.regenerate': async ({ caller, body, origin }) => {
      const token = await tokens.regenerate({ principal: caller, refreshKey: body.refresh_key, origin })
      return { status: 200, body: { detail: 'Token regenerated successfully', token: toToken(token) } }
    },

    'tokens.refresh': async ({ caller, body, origin }) => {
      const token = await tokens.refresh({
        refreshToken: caller.refreshToken,
        applicationId: body.client_id,
        origin,
      })
      return { status: 200, body: { detail: 'Token refreshed successfully', token: toToken(token) } }
    },
  } satisfies Partial<Handlers<Routes>>
}
