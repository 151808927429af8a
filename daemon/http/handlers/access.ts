import type { Routes } from '../../contract/routes.ts'
import type { AccountId } from '../../domain/account.ts'
import { createAccess, type AccessDeps } from '../../usecases/access/ask.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import type { Handlers } from '../reply.ts'
import { toAccount, toDecision } from '../views.ts'

/** The handlers of questions to the policies. */
export const createAccessHandlers = (deps: AccessDeps) => {
  const access = createAccess(deps)

  return {
    'access.check': async ({ caller, body, origin }) => {
      const { principal: subject, explain: isExplained = false, ...question } = body
      return {
        status: 200,
        body: toDecision(await access.check({ principal: caller, origin, subject, question, isExplained })),
      }
    },

    'access.checkBatch': async ({ caller, body, origin }) => ({
      status: 200,
      body: { results: await access.checkBatch({ principal: caller, origin, questions: body.checks }) },
    }),

    'access.explain': async ({ caller, body, origin }) => {
      const explained = await access.explainDenial({
        principal: caller,
        origin,
        decisionId: body.decision_id,
      })
      const { principal, action, resource, decided, now } = explained
      return { status: 200, body: { principal, action, resource, decided, now: toDecision(now) } }
    },

    'access.whoCan': async ({ caller, body, origin }) => {
      const { limit = 50, cursor, ...question } = body
      const position = decodeCursor(cursor, 'number', 'string')
      const { items, next } = await access.whoCan({
        principal: caller,
        origin,
        question,
        after: position && { createdAt: position[0], id: position[1] as AccountId },
        limit,
      })
      return {
        status: 200,
        body: { items: items.map(toAccount), next_cursor: next && encodeCursor([next.createdAt, next.id]) },
      }
    },
  } satisfies Partial<Handlers<Routes>>
}
