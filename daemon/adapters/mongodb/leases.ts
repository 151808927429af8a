import type { Collection } from 'mongodb'
import { StoreFailure, type LeaseStore, type Swept } from '../../ports/stores/index.ts'
import type { Collections } from './collections.ts'
import { isDuplicateKey, type Connection } from './connection.ts'

export const createLeaseStore = (connection: Connection, collections: Collections): LeaseStore => {
  const { leases } = collections
  /** Each swept collection with the field that says from when a document may go. */
  const sweeps: Readonly<Record<Swept, { from: Collection<never>; field: string }>> = {
    otps: { from: collections.otps as never, field: 'removableAt' },
    sessions: { from: collections.sessions as never, field: 'idleExpiresAt' },
    idempotency: { from: collections.idempotency as never, field: 'expiresAt' },
    limits: { from: collections.limits as never, field: 'expiresAt' },
  }

  const claimSlot: LeaseStore['claimSlot'] = async ({ job, slot, now, leaseMs }) => {
    try {
      const lease = await leases.findOneAndUpdate(
        { _id: job, slot: { $lt: slot }, expiresAt: { $lte: now } },
        { $set: { slot, expiresAt: now + leaseMs }, $inc: { fence: 1 } },
        { upsert: true, returnDocument: 'after' },
      )
      return lease === null ? undefined : { job, token: lease.fence }
    } catch (error) {
      if (isDuplicateKey(error)) return undefined
      throw error
    }
  }

  /**
   * The fence is checked before the deletion, not in it: what is deleted has expired by the sweeper's own
   * clock, so that a sweeper that loses its lease in between deletes nothing that its successor would keep.
   */
  const sweep: LeaseStore['sweep'] = async (swept, fence, now, limit) => {
    const lease = await leases.findOne({ _id: fence.job })
    if (lease?.fence !== fence.token) throw new StoreFailure('stale', 'the lease was taken over')
    const from = sweeps[swept].from as unknown as Collection
    const expired = { [sweeps[swept].field]: { $lte: now } }
    const due = await from
      .find(expired, { projection: { _id: 1 } })
      .limit(limit)
      .toArray()
    if (due.length === 0) return 0
    const ids = due.map((doc) => doc['_id'] as unknown)
    return (await from.deleteMany({ _id: { $in: ids as never[] }, ...expired })).deletedCount
  }

  return {
    claimSlot: (claim) => connection.run(() => claimSlot(claim)),
    release: (fence) =>
      connection.run(async () => {
        await leases.updateOne({ _id: fence.job, fence: fence.token }, { $set: { expiresAt: 0 } })
      }),
    sweep: (...args) => connection.run(() => sweep(...args)),
  }
}
