import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { sha256 } from '../adapters/crypto/digest.ts'
import { openDataDirectory } from '../adapters/files/data-directory.ts'
import {
  backupDatabase,
  restoreDatabase,
  type BackupSummary,
  type RestoreSummary,
} from '../adapters/sqlite/backup.ts'
import type { Settings } from '../config/settings.ts'
import { migrateStorage, type MovedKind, type MoveStep } from '../usecases/upkeep/migrate-storage.ts'

export { StoreInUse } from '../adapters/sqlite/offline.ts'
export { TargetTaken } from '../ports/archive.ts'

/**
 * The embedded database of these settings. Throws where MongoDB is in use: it has tools of its own for this.
 */
const embeddedDatabase = (settings: Settings, mayUseMongo = false): string => {
  if (settings.MONGO_DB_URI !== undefined && !mayUseMongo)
    throw new Error(
      'MONGO_DB_URI is set: back MongoDB up with mongodump and restore it with mongorestore (docs/mongodb.md)',
    )
  return resolve(openDataDirectory(settings.AUTHCTL_DATA_DIR), 'authctl.db')
}

/**
 * Copies the embedded database, whether or not daemons use it.
 * @public used by the command line, which loads this file when it is asked to
 */
export const backup = (
  settings: Settings,
  file: string,
  options: { force: boolean; onProgress?: (bytes: number) => void },
): Promise<BackupSummary> => backupDatabase(embeddedDatabase(settings), resolve(file), options)

/**
 * Whether a restore would replace a database.
 * @public used by the command line, which loads this file when it is asked to
 */
export const replacesDatabase = (settings: Settings): boolean => existsSync(embeddedDatabase(settings))

/**
 * Puts a backup in the place of the embedded database. Throws `StoreInUse` while any daemon runs.
 * @public
 */
export const restore = (settings: Settings, file: string): RestoreSummary =>
  restoreDatabase(resolve(file), embeddedDatabase(settings), new Date())

/**
 * Moves everything from the embedded database to the MongoDB of `MONGO_DB_URI`. Throws `StoreInUse` while any
 * daemon uses the former.
 * @public
 */
export const migrateToMongo = async (
  settings: Settings,
  tell: (step: MoveStep) => void,
): Promise<MovedKind[]> => {
  if (settings.MONGO_DB_URI === undefined)
    throw new Error('MONGO_DB_URI is not set: name the database to move to')
  const database = embeddedDatabase(settings, true)
  const { openSqliteArchive } = await import('../adapters/sqlite/archive.ts')
  const { openMongoArchive } = await import('../adapters/mongodb/archive.ts')
  const source = openSqliteArchive(database)
  try {
    const target = await openMongoArchive(settings.MONGO_DB_URI)
    try {
      return await migrateStorage(source, target, { sourceName: database, newDigest: sha256, tell })
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}
