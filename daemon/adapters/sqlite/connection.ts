import { closeSync, constants, fchmodSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { StoreFailure } from '../../ports/stores/index.ts'

const BUSY = 5
const CONSTRAINT = 19

/** The primary result code of an SQLite error; undefined for any other error. */
const resultCode = (error: unknown): number | undefined => {
  const { errcode } = error as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}

/** Whether SQLite gave up because another connection holds the lock. */
export const isBusy = (error: unknown): boolean => resultCode(error) === BUSY

/**
 * A driver error as one of the port's failures; anything that is not SQLite's is a defect and stays as it is.
 */
export const translateError = (error: unknown): unknown => {
  if (error instanceof StoreFailure) return error
  const code = resultCode(error)
  if (code === undefined) return error
  if (code === CONSTRAINT) return new StoreFailure('conflict', 'a unique key is taken', error)
  return new StoreFailure('unavailable', `SQLite answered with result code ${code}`, error)
}

/**
 * Creates the file with mode 0600 whatever the umask is, so that SQLite's -wal and -shm files inherit it. A
 * link is not followed (J4).
 */
const createPrivately = (file: string): void => {
  const descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  fchmodSync(descriptor, 0o600)
  closeSync(descriptor)
}

const expectPragma = (db: DatabaseSync, name: string, expected: string | number): void => {
  const row = db.prepare(`PRAGMA ${name}`).get() as Record<string, unknown>
  const actual = Object.values(row)[0]
  if (actual !== expected) throw new Error(`SQLite keeps ${name} at ${String(actual)} instead of ${expected}`)
}

/**
 * Opens one connection with the durability that the port promises: write-ahead log and `synchronous=FULL`,
 * both asserted. What is deleted or replaced is overwritten with zeros.
 * @param busyTimeoutMs how long SQLite itself, and with it the event loop, waits for a lock
 */
export const openConnection = (file: string, busyTimeoutMs: number): DatabaseSync => {
  createPrivately(file)
  const db = new DatabaseSync(file, { timeout: 5000, enableForeignKeyConstraints: true })
  db.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=16777216; PRAGMA trusted_schema=OFF; PRAGMA secure_delete=ON',
  )
  expectPragma(db, 'journal_mode', 'wal')
  expectPragma(db, 'synchronous', 2)
  expectPragma(db, 'foreign_keys', 1)
  expectPragma(db, 'secure_delete', 1)
  db.exec(`PRAGMA busy_timeout=${busyTimeoutMs}`)
  return db
}
