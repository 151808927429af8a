import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createSessions } from '../../usecases/sessions/sessions.ts'
import type { Handlers } from '../reply.ts'
import { toAccount } from '../views.ts'

/** The handlers of the caller itself. */
export const createAuthHandlers = (deps: Deps) => {
  const sessions = createSessions(deps)

  return {
    'auth.me': ({ caller }) => Promise.resolve({ status: 200, body: toAccount(caller.account) }),

    'auth.logout': async ({ caller, origin }) => {
      await sessions.logout({ principal: caller, origin })
      return { status: 200, body: { detail: 'Logged out successfully' } }
    },
  } satisfies Partial<Handlers<Routes>>
}
