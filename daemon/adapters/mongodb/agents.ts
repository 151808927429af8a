import type { AgentStore } from '../../ports/stores/index.ts'
import type { Collections } from './collections.ts'
import { upserting, type Connection } from './connection.ts'

/** The store of agents on MongoDB. */
export const createAgentStore = (connection: Connection, { agents }: Collections): AgentStore => ({
  renew: ({ id, ...record }) =>
    connection.run(async () => (await agents.replaceOne({ _id: id }, record)).matchedCount === 1),
  add: ({ id, ...record }) =>
    connection.run(
      async () => void (await upserting(() => agents.replaceOne({ _id: id }, record, { upsert: true }))),
    ),
  list: (now, limit) =>
    connection.run(async () =>
      (
        await agents
          .find({ expiresAt: { $gt: now } })
          .sort({ expiresAt: 1 })
          .limit(limit)
          .toArray()
      )
        .map(({ _id, ...record }) => ({ id: _id, ...record }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    ),
})
