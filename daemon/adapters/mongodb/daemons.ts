import type { DaemonStore } from '../../ports/stores/index.ts'
import type { Collections } from './collections.ts'
import { insertedFirst, type Connection } from './connection.ts'

/** The store of daemons on MongoDB. */
export const createDaemonStore = (connection: Connection, { daemons }: Collections): DaemonStore => ({
  beat: ({ id, ...record }) =>
    connection.run(() =>
      insertedFirst(() =>
        daemons.updateOne({ _id: id, beat: { $lt: record.beat } }, { $set: record }, { upsert: true }),
      ),
    ),
  list: (now) =>
    connection.run(async () =>
      (await daemons.find({ expiresAt: { $gt: now } }).toArray())
        .map(({ _id, ...record }) => ({ id: _id, ...record }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    ),
  leave: (id, now) =>
    connection.run(async () => void (await daemons.updateOne({ _id: id }, { $min: { liveUntil: now } }))),
})
