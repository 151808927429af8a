import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isBusy } from './connection.ts'

/** Somebody else has the database open. */
export class StoreInUse extends Error {
  override readonly name = 'StoreInUse'
}

/**
 * Opens a database that nobody else has open, and keeps others out until it is closed. Any connection of any
 * process, idle ones too, holds a shared lock on a database in WAL mode; leaving that mode needs the
 * exclusive one, and merges and removes the -wal and -shm files. The next daemon turns WAL on again. Throws
 * `StoreInUse`.
 */
export const openAlone = (file: string): DatabaseSync => {
  if (!existsSync(file)) throw new Error(`there is no database at ${file}`)
  const db = new DatabaseSync(file, { timeout: 500 })
  try {
    const { journal_mode: mode } = db.prepare('PRAGMA journal_mode=DELETE').get() as { journal_mode: string }
    if (mode !== 'delete') throw new StoreInUse()
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db.close()
    if (error instanceof StoreInUse || isBusy(error))
      throw new StoreInUse(`${file} is in use: stop every daemon and command that uses it, then try again`)
    throw error
  }
}
