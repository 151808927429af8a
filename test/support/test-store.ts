import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import { openSqliteStore } from '../../daemon/adapters/sqlite/store.ts'
import type { Store } from '../../daemon/ports/stores/index.ts'
import { createDatabasePool, databaseFor, dropDatabase, onDatabase, testMongoUri } from './mongo.ts'

const pool = createDatabasePool()
/** Databases of the pool, by the data directory that they belong to. */
const lent = new Map<string, string>()

/**
 * Lets a data directory have a database that was used before, emptied. Other processes know of it by the
 * settings of its store alone.
 */
export const lendDatabase = async (dataDir: string): Promise<void> => {
  if (testMongoUri() !== undefined) lent.set(dataDir, await pool.take())
}

/**
 * Where the daemons of a data directory keep their state in this run: the SQLite file in it, or a database of
 * the run's MongoDB.
 */
const databaseOf = (dataDir: string): string | undefined => {
  const server = testMongoUri()
  return server === undefined ? undefined : (lent.get(dataDir) ?? databaseFor(server, dataDir))
}

/** The settings that name the store of a data directory. */
export const storeSettings = (dataDir: string): { MONGO_DB_URI?: string } => {
  const uri = databaseOf(dataDir)
  return uri === undefined ? {} : { MONGO_DB_URI: uri }
}

const sqliteFile = (dataDir: string): string => join(dataDir, 'authctl.db')

/** The store of a data directory, opened beside its daemons. */
export const openTestStore = async (dataDir: string): Promise<Store> => {
  const uri = databaseOf(dataDir)
  return uri === undefined ? openSqliteStore(sqliteFile(dataDir), 1000) : openMongoStore(uri)
}

type Stored = Readonly<Record<string, unknown>>
type Kind = 'accounts' | 'applications' | 'sessions' | 'limits'

const onSqlite = <T>(dataDir: string, run: (db: DatabaseSync) => T): T => {
  const db = new DatabaseSync(sqliteFile(dataDir), { timeout: 5000 })
  try {
    return run(db)
  } finally {
    db.close()
  }
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Everything of one kind as it is stored, with the names of the domain. */
export const readStored = async (dataDir: string, kind: Kind): Promise<Stored[]> => {
  const uri = databaseOf(dataDir)
  if (uri !== undefined) {
    const docs = await onDatabase(uri, (db) => db.collection(kind).find().toArray())
    return docs.map(({ _id, ...fields }) => ({ id: _id, ...fields }))
  }
  const rows = onSqlite(dataDir, (db) => db.prepare(`SELECT * FROM ${kind}`).all())
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [camel(name), value])),
  )
}

/** Changes a stored field behind the daemons' backs. */
export const changeStored = async (
  dataDir: string,
  kind: Kind,
  id: string,
  [field, value]: readonly [string, string | number],
): Promise<void> => {
  const uri = databaseOf(dataDir)
  if (uri === undefined) {
    onSqlite(dataDir, (db) =>
      db.prepare(`UPDATE ${kind} SET ${snake(field)} = ? WHERE id = ?`).run(value, id),
    )
    return
  }
  await onDatabase(uri, (db) =>
    db.collection<{ _id: string }>(kind).updateOne({ _id: id }, { $set: { [field]: value } }),
  )
}

/** All that is stored, as text in which secrets can be searched. */
export const dumpStored = async (dataDir: string): Promise<string> => {
  const uri = databaseOf(dataDir)
  if (uri !== undefined) {
    return onDatabase(uri, async (db) => {
      const collections = await db.collections()
      const contents = await Promise.all(collections.map((collection) => collection.find().toArray()))
      return JSON.stringify(contents)
    })
  }
  const files = [sqliteFile(dataDir), `${sqliteFile(dataDir)}-wal`].filter((file) => existsSync(file))
  return files.map((file) => readFileSync(file, 'latin1')).join('')
}

/** Removes what `rm` of the data directory does not, or lets the next have it. */
export const dropTestStore = async (dataDir: string): Promise<void> => {
  const uri = databaseOf(dataDir)
  if (uri === undefined) return
  if (lent.delete(dataDir)) pool.giveBack(uri)
  else await dropDatabase(uri)
}
