import type { Filter } from 'mongodb'
import { MAX_SLOT_LEAD_MS, StoreFailure, type LeaseStore, type Swept } from '../../ports/stores/index.ts'
import { COLLECTION_NAMES, type Collections } from './collections.ts'
import { isDuplicateKey, type Connection } from './connection.ts'

/** What a sweep knows of a document: the field that says from when it may go. */
interface ExpiringDoc {
  readonly _id: string
  readonly removableAt?: number
  readonly idleExpiresAt?: number
  readonly expiresAt?: number
}

/** The documents of each swept collection that may go. */
const EXPIRED: Readonly<Record<Swept, (now: number) => Filter<ExpiringDoc>>> = {
  otps: (now) => ({ removableAt: { $lte: now } }),
  sessions: (now) => ({ idleExpiresAt: { $lte: now } }),
  idempotency: (now) => ({ expiresAt: { $lte: now } }),
  limits: (now) => ({ expiresAt: { $lte: now } }),
  daemons: (now) => ({ expiresAt: { $lte: now } }),
  devices: (now) => ({ expiresAt: { $lte: now } }),
  spent: (now) => ({ expiresAt: { $lte: now } }),
  agents: (now) => ({ expiresAt: { $lte: now } }),
}

/** The store of leases on MongoDB. */
export const createLeaseStore = (connection: Connection, { leases }: Collections): LeaseStore => {
  const claimSlot: LeaseStore['claimSlot'] = async ({ job, slot, now, leaseMs }) => {
    try {
      const lease = await leases.findOneAndUpdate(
        {
          _id: job,
          $or: [{ slot: { $lt: slot }, expiresAt: { $lte: now } }, { slot: { $gt: now + MAX_SLOT_LEAD_MS } }],
        },
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
    const from = connection.db.collection<ExpiringDoc>(COLLECTION_NAMES[swept])
    const expired = EXPIRED[swept](now)
    const due = await from
      .find(expired, { projection: { _id: 1 } })
      .limit(limit)
      .toArray()
    if (due.length === 0) return 0
    const ids = due.map(({ _id }) => _id)
    return (await from.deleteMany({ _id: { $in: ids }, ...expired })).deletedCount
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
