import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createRefreshKeys } from '../../usecases/sessions/refresh-keys.ts'
import type { Handlers } from '../reply.ts'

/** The handlers of refresh keys. */
export const createRefreshKeyHandlers = (deps: Deps) => {
  const refreshKeys = createRefreshKeys(deps)

  return {
    'refreshKeys.set': async ({ caller, body, origin }) => {
      await refreshKeys.set({ principal: caller, newKey: body.new_key, oldKey: body.old_key, origin })
      return { status: 200, body: { detail: 'Refresh key set successfully' } }
    },
  } satisfies Partial<Handlers<Routes>>
}
