import type { SpentStore } from '../../ports/stores/index.ts'
import type { Collections } from './collections.ts'
import { insertedFirst, type Connection } from './connection.ts'

/** The store of what is used up on MongoDB. */
export const createSpentStore = (connection: Connection, { spent }: Collections): SpentStore => ({
  spend: ({ key, expiresAt, now, path = null }) =>
    connection.run(async () => {
      if (await insertedFirst(() => spent.insertOne({ _id: key, expiresAt, path }))) return true
      const over = { _id: key, expiresAt: { $lte: now } }
      return (await spent.updateOne(over, { $set: { expiresAt, path } })).matchedCount === 1
    }),
  isSpent: (key, now) =>
    connection.run(async () => (await spent.findOne({ _id: key, expiresAt: { $gt: now } })) !== null),
})
