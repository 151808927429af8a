import type { Routes } from '../../contract/routes.ts'
import type { AccountId } from '../../domain/account.ts'
import { createAccounts } from '../../usecases/accounts/accounts.ts'
import type { AccountDeps } from '../../usecases/accounts/create.ts'
import { createSessions } from '../../usecases/sessions/sessions.ts'
import { accountTag, changedReply } from '../account-replies.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import type { Handlers } from '../reply.ts'
import { toAccount, toSession } from '../views.ts'

/** The handlers of accounts of any role. */
export const createAccountHandlers = (deps: AccountDeps) => {
  const accounts = createAccounts(deps)
  const sessions = createSessions(deps)

  return {
    'accounts.list': async ({ caller, query }) => {
      const position = decodeCursor(query.cursor, 'number', 'string')
      const { items, next } = await accounts.list({
        principal: caller,
        role: query.role,
        parentId: query.parent_id,
        status: query.status,
        attribute: query.attribute,
        text: query.text,
        after: position && { createdAt: position[0], id: position[1] as AccountId },
        limit: query.limit ?? 50,
      })
      return {
        status: 200,
        body: { items: items.map(toAccount), next_cursor: next && encodeCursor([next.createdAt, next.id]) },
      }
    },

    'accounts.get': ({ target }) =>
      Promise.resolve({ status: 200, body: toAccount(target), headers: accountTag(target) }),

    'accounts.update': async ({ caller, target, body, precondition, origin }) =>
      changedReply(
        'Account updated',
        await accounts.update({ principal: caller, target, fields: body, precondition, origin }),
      ),

    'accounts.delete': async ({ caller, target, origin }) => {
      await accounts.remove({ principal: caller, target, origin })
      return { status: 200, body: { detail: 'Account deleted' } }
    },

    'accounts.disable': async ({ caller, target, origin }) =>
      changedReply(
        'Account disabled',
        await accounts.setStatus({ principal: caller, target, status: 'disabled', origin }),
      ),

    'accounts.enable': async ({ caller, target, origin }) =>
      changedReply(
        'Account enabled',
        await accounts.setStatus({ principal: caller, target, status: 'active', origin }),
      ),

    'accounts.sessions': async ({ target }) => ({
      status: 200,
      body: { items: (await sessions.list(target)).map((session) => toSession(session)) },
    }),

    'accounts.revokeSessions': async ({ caller, target, origin }) => ({
      status: 200,
      body: {
        detail: 'Every session has ended',
        revoked: await sessions.revokeAllOf({ principal: caller, target, origin }),
      },
    }),
  } satisfies Partial<Handlers<Routes>>
}
