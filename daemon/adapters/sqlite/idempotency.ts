import type { IdempotencyOutcome, IdempotencyStore } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'

interface IdempotencyRow {
  fingerprint: string
  lease_until: number
  expires_at: number
  sealed_reply: string | null
}

/** The store of idempotency keys on SQLite. */
export const createIdempotencyStore = (db: Database): IdempotencyStore => {
  const current = db.writing('SELECT * FROM idempotency WHERE key = :key')
  const put = db.writing(
    `INSERT INTO idempotency VALUES (:key, :fingerprint, :lease_until, :expires_at, NULL)
     ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, lease_until = excluded.lease_until,
       expires_at = excluded.expires_at, sealed_reply = NULL`,
  )
  const finish = db.writing(
    'UPDATE idempotency SET sealed_reply = :reply WHERE key = :key AND fingerprint = :fingerprint AND sealed_reply IS NULL',
  )
  const abandon = db.writing(
    'DELETE FROM idempotency WHERE key = :key AND fingerprint = :fingerprint AND sealed_reply IS NULL',
  )

  return {
    begin: ({ key, fingerprint, now, leaseUntil, expiresAt }) =>
      db.write((): IdempotencyOutcome => {
        const row = current.get<IdempotencyRow>({ key })
        if (row && row.expires_at > now) {
          if (row.fingerprint !== fingerprint) return { kind: 'mismatch' }
          if (row.sealed_reply !== null) return { kind: 'replay', sealedReply: row.sealed_reply }
          if (row.lease_until > now) return { kind: 'in-progress' }
        }
        put.run({ key, fingerprint, lease_until: leaseUntil, expires_at: expiresAt })
        return { kind: 'started' }
      }),
    finish: (key, fingerprint, reply) => db.write(() => void finish.run({ key, fingerprint, reply })),
    abandon: (key, fingerprint) => db.write(() => void abandon.run({ key, fingerprint })),
  }
}
