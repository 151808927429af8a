import { createHash, randomBytes } from 'node:crypto'
import { MongoClient, type Db } from 'mongodb'

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
