import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  createReadStream,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'
import { TargetTaken } from '../../ports/archive.ts'
import { SCHEMA_VERSION } from './migrations.ts'
import { openAlone } from './offline.ts'

/**
 * All pages in one step: a backup in several begins anew with every write of another process, and might never
 * end.
 */
const ALL_PAGES = 2 ** 30
const PROGRESS_MS = 250

/** What is in a backup. */
export interface BackupSummary {
  readonly file: string
  readonly bytes: number
  readonly schema: number
  readonly accounts: number
  readonly sha256: string
}

const flush = (path: string): void => {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

const digestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/**
 * Checks a closed copy from end to end and turns it into one file without a log. Throws with what is wrong
 * with it.
 */
const inspect = (file: string): Pick<BackupSummary, 'schema' | 'accounts'> => {
  const db = new DatabaseSync(file)
  try {
    const damage = db.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[]
    if (damage.length !== 1 || damage[0]?.integrity_check !== 'ok')
      throw new Error('its integrity check fails')
    const { user_version: schema } = db.prepare('PRAGMA user_version').get() as { user_version: number }
    if (schema === 0) throw new Error('it is not a database of authctl')
    if (schema > SCHEMA_VERSION)
      throw new Error(`it has schema ${schema}, this authctl knows ${SCHEMA_VERSION}: use the newer authctl`)
    db.exec('PRAGMA journal_mode=DELETE')
    const { accounts } = db.prepare('SELECT count(*) AS accounts FROM accounts').get() as { accounts: number }
    return { schema, accounts }
  } finally {
    db.close()
  }
}

const unusable = (what: string, error: unknown): Error =>
  new Error(`${what} cannot be used: ${error instanceof Error ? error.message : 'unknown error'}`)

/**
 * Creates an empty file with mode 0600 whatever the umask is; what is written into it later keeps that mode.
 */
const createDraft = (path: string): void => {
  closeSync(openSync(path, 'wx', 0o600))
  chmodSync(path, 0o600)
}

/** Puts a finished draft in its place for good. */
const settle = (draft: string, path: string): void => {
  flush(draft)
  renameSync(draft, path)
  flush(dirname(path))
}

/**
 * Copies the database of running daemons to a file of mode 0600, by SQLite's online backup. What was
 * acknowledged before the call is in it. The file appears whole and checked, or not at all. Throws
 * `TargetTaken` where there is one, unless `force`.
 */
export const backupDatabase = async (
  database: string,
  file: string,
  { force, onProgress }: { force: boolean; onProgress?: (bytes: number) => void },
): Promise<BackupSummary> => {
  if (!existsSync(database)) throw new Error(`there is no database at ${database}`)
  if (existsSync(file) && !force) throw new TargetTaken(`${file} exists: name another file, or pass --force`)
  const draft = `${file}.${randomBytes(6).toString('hex')}.part`
  createDraft(draft)
  const source = new DatabaseSync(database, { readOnly: true, timeout: 5000 })
  const timer = setInterval(() => onProgress?.(statSync(draft).size), PROGRESS_MS)
  try {
    await backup(source, draft, { rate: ALL_PAGES })
    const contents = inspect(draft)
    const sha256 = await digestOf(draft)
    const { size: bytes } = statSync(draft)
    settle(draft, file)
    return { file, bytes, ...contents, sha256 }
  } catch (error) {
    throw unusable('the copy', error)
  } finally {
    clearInterval(timer)
    source.close()
    for (const left of [draft, `${draft}-wal`, `${draft}-shm`]) rmSync(left, { force: true })
  }
}

/** A restored database, and where the one that it replaced is kept. */
export interface RestoreSummary extends Omit<BackupSummary, 'file' | 'sha256'> {
  readonly database: string
  readonly replaced: string | null
}

/**
 * Puts a backup in the place of the database. The backup is checked first; the database that it replaces is
 * kept beside it. Throws `StoreInUse` when anybody has that open, and nothing is changed by a restore that
 * throws.
 */
export const restoreDatabase = (file: string, database: string, now: Date): RestoreSummary => {
  if (!existsSync(file)) throw new Error(`there is no file ${file}`)
  const draft = join(dirname(database), `restore.${randomBytes(6).toString('hex')}.part`)
  createDraft(draft)
  try {
    copyFileSync(file, draft)
    let contents: ReturnType<typeof inspect>
    try {
      contents = inspect(draft)
    } catch (error) {
      throw unusable(file, error)
    }
    const { size: bytes } = statSync(draft)
    if (!existsSync(database)) {
      for (const left of [`${database}-wal`, `${database}-shm`]) rmSync(left, { force: true })
      settle(draft, database)
      return { database, bytes, ...contents, replaced: null }
    }
    const replaced = `${database}.before-restore-${now.toISOString().replace(/[:.]/g, '-')}`
    const old = openAlone(database)
    try {
      linkSync(database, replaced)
      settle(draft, database)
    } finally {
      old.close()
    }
    return { database, bytes, ...contents, replaced }
  } finally {
    for (const left of [draft, `${draft}-journal`]) rmSync(left, { force: true })
  }
}
