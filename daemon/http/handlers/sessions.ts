import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createSessions } from '../../usecases/sessions/sessions.ts'
import type { Handlers } from '../reply.ts'
import { toSession } from '../views.ts'

/** The handlers of the caller's sessions. */
export const createSessionHandlers = (deps: Deps) => {
  const sessions = createSessions(deps)

  return {
    'sessions.list': async ({ caller }) => ({
      status: 200,
      body: {
        items: (await sessions.list(caller.account)).map((session) => toSession(session, caller.session.id)),
      },
    }),

    'sessions.revoke': async ({ caller, params, origin }) => {
      await sessions.revoke({ principal: caller, id: params.id, origin })
      return { status: 200, body: { detail: 'Session ended' } }
    },

    'sessions.revokeOthers': async ({ caller, origin }) => ({
      status: 200,
      body: {
        detail: 'Every other session has ended',
        revoked: await sessions.revokeOthers({ principal: caller, origin }),
      },
    }),
  } satisfies Partial<Handlers<Routes>>
}
