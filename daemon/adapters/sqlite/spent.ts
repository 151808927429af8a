import type { SpentStore } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'

/** The store of what is used up on SQLite. */
export const createSpentStore = (db: Database): SpentStore => {
  const spend = db.writing(
    `INSERT INTO spent (key, expires_at, path) VALUES (:key, :expires_at, :path)
     ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at, path = excluded.path WHERE spent.expires_at <= :now`,
  )
  const find = db.reading('SELECT 1 FROM spent WHERE key = :key AND expires_at > :now')

  return {
    spend: ({ key, expiresAt, now, path }) =>
      db.write(() => spend.run({ key, expires_at: expiresAt, now, path: path ?? null }) === 1),
    isSpent: (key, now) => db.read(() => find.get({ key, now }) !== undefined),
  }
}
