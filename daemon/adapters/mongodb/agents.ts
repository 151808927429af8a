import type { Filter } from 'mongodb'
import type { AgentQuery, AgentStore } from '../../ports/stores/index.ts'
import type { AgentDoc, Collections } from './collections.ts'
import { upserting, type Connection } from './connection.ts'

/** One range of one index, in order. */
const listFilter = ({ now, owners, after }: AgentQuery): Filter<AgentDoc> => ({
  ownerPath: { $gte: after?.ownerPath ?? owners.from, $lt: owners.before },
  expiresAt: { $gt: now },
  ...(after && { $or: [{ ownerPath: { $gt: after.ownerPath } }, { _id: { $gt: after.id } }] }),
})

/** The store of agents on MongoDB. */
export const createAgentStore = (connection: Connection, { agents }: Collections): AgentStore => ({
  renew: ({ id, ...record }) =>
    connection.run(async () => (await agents.replaceOne({ _id: id }, record)).matchedCount === 1),
  add: ({ id, ...record }) =>
    connection.run(
      async () => void (await upserting(() => agents.replaceOne({ _id: id }, record, { upsert: true }))),
    ),
  list: (query) =>
    connection.run(async () => {
      const found = agents.find(listFilter(query)).sort({ ownerPath: 1, _id: 1 }).limit(query.limit)
      return (await found.toArray()).map(({ _id, ...record }) => ({ id: _id, ...record }))
    }),
})
