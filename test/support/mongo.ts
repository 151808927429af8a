import { randomBytes } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { beforeEach, inject } from 'vitest'

/** The connection string of the run's standalone server; throws where there is none. */
const serverUri = (): string => {
  const mongo = inject('mongo')
  if (mongo.uri === undefined) throw new Error(mongo.missing)
  return mongo.uri
}

/** The mongod to start further servers with. */
export const mongodBinary = (): string => {
  const mongo = inject('mongo')
  if (mongo.uri === undefined) throw new Error(mongo.missing)
  return mongo.binary
}

/** Skips the tests of a file, with the reason, on a machine that has no mongod. In CI the run has failed before. */
export const needsMongod = (): void => {
  const mongo = inject('mongo')
  if (mongo.uri === undefined) beforeEach((context) => context.skip(mongo.missing))
}

/** A connection string for a database of its own on the run's server, and how to drop it. */
export const freshDatabase = (server: string = serverUri()): { uri: string; drop: () => Promise<void> } => {
  const name = `t_${randomBytes(8).toString('hex')}`
  const uri = server.replace(/^(mongodb:\/\/[^/]+)\/?/, `$1/${name}`)
  return {
    uri,
    drop: async () => {
      const client = new MongoClient(uri)
      await client.db(name).dropDatabase()
      await client.close()
    },
  }
}
