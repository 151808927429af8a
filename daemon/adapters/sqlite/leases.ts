import { MAX_SLOT_LEAD_MS, StoreFailure, type LeaseStore, type Swept } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'

interface LeaseRow {
  slot: number
  fence: number
  expires_at: number
}

/**
 * The primary key and the condition of expiry of each swept table; one comparison with `now`, so that an
 * index finds only what it deletes.
 */
const SWEEPS: Readonly<Record<Swept, { key: string; expired: string }>> = {
  otps: {
    key: 'phone, purpose',
    expired: 'max(expires_at, tries_until, wrong_until) <= :now',
  },
  sessions: { key: 'id', expired: 'idle_expires_at <= :now' },
  idempotency: { key: 'key', expired: 'expires_at <= :now' },
  limits: { key: 'key', expired: 'expires_at <= :now' },
  daemons: { key: 'id', expired: 'expires_at <= :now' },
  devices: { key: 'id', expired: 'expires_at <= :now' },
  spent: { key: 'key', expired: 'expires_at <= :now' },
  agents: { key: 'id', expired: 'expires_at <= :now' },
}

/** The store of leases on SQLite. */
export const createLeaseStore = (db: Database): LeaseStore => {
  const current = db.writing('SELECT * FROM leases WHERE job = :job')
  const put = db.writing(
    `INSERT INTO leases VALUES (:job, :slot, :fence, :expires_at)
     ON CONFLICT (job) DO UPDATE SET slot = excluded.slot, fence = excluded.fence, expires_at = excluded.expires_at`,
  )
  const release = db.writing('UPDATE leases SET expires_at = 0 WHERE job = :job AND fence = :fence')
  const sweepSql = (swept: Swept): string => {
    const { key, expired } = SWEEPS[swept]
    return `DELETE FROM ${swept} WHERE (${key}) IN (SELECT ${key} FROM ${swept} WHERE ${expired} LIMIT :limit)`
  }

  return {
    claimSlot: ({ job, slot, now, leaseMs }) =>
      db.write(() => {
        const row = current.get<LeaseRow>({ job })
        const counts = row !== undefined && row.slot <= now + MAX_SLOT_LEAD_MS
        if (counts && (row.slot >= slot || row.expires_at > now)) return undefined
        const token = (row?.fence ?? 0) + 1
        put.run({ job, slot, fence: token, expires_at: now + leaseMs })
        return { job, token }
      }),

    release: async (fence) => {
      await db.write(() => void release.run({ job: fence.job, fence: fence.token }))
      await db.read(() => db.truncateLog())
    },

    sweep: (swept, fence, now, limit) =>
      db.write(() => {
        if (current.get<LeaseRow>({ job: fence.job })?.fence !== fence.token) {
          throw new StoreFailure('stale', 'the lease was taken over')
        }
        return db.writing(sweepSql(swept)).run({ now, limit })
      }),
  }
}
