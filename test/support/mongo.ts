import { createHash, randomBytes } from 'node:crypto'
import { MongoClient, type Db } from 'mongodb'
import { COLLECTION_NAMES } from '../../daemon/adapters/mongodb/collections.ts'

/** The run's standalone server; undefined in a run on SQLite. */
export const testMongoUri = (): string | undefined => process.env['TEST_MONGO_URI']

/** What a standalone server cannot serve: it tells nobody what has changed. */
export const NEEDS_REPLICAS = ['snapshots.events', 'snapshots.changes'] as const

/** The mongod to start further servers with. */
export const mongodBinary = (): string => {
  const binary = process.env['TEST_MONGOD']
  if (binary === undefined) throw new Error('only the suites of the MongoDB project may start servers')
  return binary
}

const withDatabase = (server: string, name: string): string =>
  server.replace(/^(mongodb:\/\/[^/]+)\/?/, `$1/${name}`)

/** The connection string of the database that belongs to a data directory, on a server. */
export const databaseFor = (server: string, dataDir: string): string =>
  withDatabase(server, `t_${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`)

/** The connection string of a new database on a server. */
export const freshDatabase = (server: string): string =>
  withDatabase(server, `t_${randomBytes(8).toString('hex')}`)

/** Runs something on a database with a connection of its own. */
export const onDatabase = async <T>(uri: string, run: (db: Db) => Promise<T>): Promise<T> => {
  const client = new MongoClient(uri)
  try {
    return await run(client.db())
  } finally {
    await client.close()
  }
}

export const dropDatabase = (uri: string): Promise<boolean> => onDatabase(uri, (db) => db.dropDatabase())

/** Removes every document but the one that tells the version of the schema. */
const empty = (uri: string): Promise<void> =>
  onDatabase(uri, async (db) => {
    for (const name of Object.values(COLLECTION_NAMES))
      await db
        .collection<{ _id: string }>(name)
        .deleteMany(name === COLLECTION_NAMES.guards ? { _id: { $ne: 'schema' } } : {})
  })

/** So many rest before the oldest is used again: what a store began before it closed is over then. */
const RESTING = 3

/** Databases to use one after the other; none is the same as one that is in use. */
export interface DatabasePool {
  /** A database without documents: one of before that was emptied, or a new one. */
  readonly take: () => Promise<string>
  /** Its collections and indexes must be those that the store makes. */
  readonly giveBack: (uri: string) => void
}

/** Databases on the run's server that keep their schema: to make it costs more than most tests do. */
export const createDatabasePool = (): DatabasePool => {
  const resting: string[] = []
  return {
    take: async () => {
      const oldest = resting.length > RESTING ? resting.shift() : undefined
      if (oldest === undefined) return freshDatabase(testMongoUri() ?? '')
      await empty(oldest)
      return oldest
    },
    giveBack: (uri) => void resting.push(uri),
  }
}
