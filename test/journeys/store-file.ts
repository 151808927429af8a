import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** The rows of a query on the store's file, read from outside of any daemon. */
export const queryStore = (dataDir: string, sql: string): Record<string, unknown>[] => {
  const db = new DatabaseSync(join(dataDir, 'authctl.db'))
  try {
    return db.prepare(sql).all()
  } finally {
    db.close()
  }
}

/** What SQLite's own check says: `ok`, or the damage. */
export const checkIntegrity = (dataDir: string): unknown =>
  queryStore(dataDir, 'PRAGMA integrity_check').map((row) => row['integrity_check'])

/** Bytes of the write-ahead log; 0 when there is none. */
export const walBytes = (dataDir: string): number =>
  statSync(join(dataDir, 'authctl.db-wal'), { throwIfNoEntry: false })?.size ?? 0
