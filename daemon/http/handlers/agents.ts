import type { Routes } from '../../contract/routes.ts'
import { AGENT_REPORT_SECONDS } from '../../domain/agent-record.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createAgents } from '../../usecases/local/agents.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import type { Handlers } from '../reply.ts'
import { toAgent } from '../views.ts'

/** The handlers of processes that decide by themselves. */
export const createAgentHandlers = (deps: Deps) => {
  const agents = createAgents(deps)

  return {
    'agents.report': async ({ caller, origin, body }) => {
      const { started_at: startedAt, heads, denials, ...said } = body
      await agents.report(
        { principal: caller, origin },
        {
          ...said,
          startedAt: Date.parse(startedAt),
          heads: heads.map(({ id, ...head }) => ({ ...head, revision: id })),
          denials: denials.map(({ at, ...denial }) => ({ ...denial, at: Date.parse(at) })),
        },
      )
      return { status: 200, body: { detail: 'Noted', next_report_seconds: AGENT_REPORT_SECONDS } }
    },

    'agents.list': async ({ caller, query }) => {
      const [ownerPath, id] = decodeCursor(query.cursor, 'string', 'string') ?? []
      const after = ownerPath === undefined || id === undefined ? undefined : { ownerPath, id }
      const { items, next } = await agents.list(caller, { after, limit: query.limit ?? 50 })
      const cursor = next && encodeCursor([next.ownerPath, next.id])
      return { status: 200, body: { items: items.map(toAgent), next_cursor: cursor } }
    },
  } satisfies Partial<Handlers<Routes>>
}
