import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createSetRefreshKey } from '../../usecases/sessions/tokens.ts'
import type { Handlers } from '../reply.ts'

/** The handlers of refresh keys. */
export const createRefreshKeyHandlers = (deps: Deps) => {
  const setKey = createSetRefreshKey(deps)

  return {
    'refreshKeys.set': async ({ caller, body, origin }) => {
      await setKey({ principal: caller, newKey: body.new_key, oldKey: body.old_key, origin })
      return { status: 200, body: { detail: 'Refresh key set successfully' } }
    },
  } satisfies Partial<Handlers<Routes>>
}
