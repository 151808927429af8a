import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import {
  createListSessions,
  createLogout,
  createRevokeOtherSessions,
  createRevokeSession,
  createRevokeSessionsOf,
} from '../../usecases/sessions/sessions.ts'
import type { Handlers } from '../reply.ts'
import { toAccount, toSession } from '../views.ts'

export const createSessionHandlers = (deps: Deps) => {
  const list = createListSessions(deps)
  const revoke = createRevokeSession(deps)
  const revokeOthers = createRevokeOtherSessions(deps)
  const logout = createLogout(deps)
  const revokeOf = createRevokeSessionsOf(deps)

  return {
    'auth.me': ({ caller }) => Promise.resolve({ status: 200, body: toAccount(caller.account) }),

    'auth.logout': async ({ caller, origin }) => {
      await logout({ principal: caller, origin })
      return { status: 200, body: { detail: 'Logged out successfully' } }
    },

    'sessions.list': async ({ caller }) => ({
      status: 200,
      body: { items: (await list(caller.account)).map((session) => toSession(session, caller.session.id)) },
    }),

    'sessions.revoke': async ({ caller, params, origin }) => {
      await revoke({ principal: caller, id: params.id, origin })
      return { status: 200, body: { detail: 'Session ended' } }
    },

    'sessions.revokeOthers': async ({ caller, origin }) => ({
      status: 200,
      body: {
        detail: 'Every other session has ended',
        revoked: await revokeOthers({ principal: caller, origin }),
      },
    }),

    'accounts.sessions': async ({ target }) => ({
      status: 200,
      body: { items: (await list(target)).map((session) => toSession(session)) },
    }),

    'accounts.revokeSessions': async ({ caller, target, origin }) => ({
      status: 200,
      body: {
        detail: 'Every session has ended',
        revoked: await revokeOf({ principal: caller, target, origin }),
      },
    }),
  } satisfies Partial<Handlers<Routes>>
}
