import { setTimeout as sleep } from 'node:timers/promises'
import { MongoNetworkTimeoutError, MongoServerError, type AnyBulkWriteOperation, type Db } from 'mongodb'
import { LIVE, toAccount } from './account-documents.ts'
import { reservation, skeletonNamesOf } from './account-insertion.ts'
import { COLLECTION_NAMES, collectionsOf, type CollectionName, type ReservationDoc } from './collections.ts'
import { insertedFirst, type Deployment } from './connection.ts'
import { COLLECTIONS, type CollectionSchema } from './schema.ts'

const BATCH = 1000

type Migration = (db: Db, deployment: Deployment, from: number) => Promise<void>

/** Makes collections and indexes as they are now. A new database has them by the first version. */
const bringUpToDate: Migration = async (db, deployment, from) => {
  if (from > 0) await createCollections(db, deployment)
}

/**
 * Makes indexes as they are now, and drops their predecessors after that: no query is ever without one. A new
 * database has no predecessors.
 */
const replacing =
  (...predecessors: readonly (readonly [CollectionName, string])[]): Migration =>
  async (db, deployment, from) => {
    await bringUpToDate(db, deployment, from)
    if (from === 0) return
    for (const [collection, index] of predecessors) await dropIndex(db, collection, index)
  }

/**
 * Schema versions, oldest first; each runs once, in order, and may be run again from its beginning after a
 * crash.
 */
const MIGRATIONS: readonly Migration[] = [
  (db, deployment) => createCollections(db, deployment),
  // Policies: two collections, and fields of accounts that older ones do without.
  bringUpToDate,
  // Rows of before hold plain digests of requests, and limits the names that people typed (B1).
  async (db) => {
    const { idempotency, limits } = collectionsOf(db)
    await idempotency.deleteMany({})
    await limits.deleteMany({ _id: /^password:/ })
  },
  // What usernames look like. If accounts look alike already, the oldest has the skeleton; all keep
  // their names.
  async (db) => {
    const { accounts, reservations } = collectionsOf(db)
    const named = accounts.find({ ...LIVE, usernameKey: { $type: 'string' } })
    const operations: AnyBulkWriteOperation<ReservationDoc>[] = []
    const flush = async (): Promise<void> => {
      if (operations.length > 0) await reservations.bulkWrite(operations.splice(0))
    }
    for await (const doc of named.sort({ createdAt: 1, _id: 1 }).allowDiskUse()) {
      operations.push(...skeletonNamesOf(toAccount(doc)).map((name) => reservation(name, doc._id)))
      if (operations.length >= BATCH) await flush()
    }
    await flush()
  },
  // What daemons say of themselves.
  bringUpToDate,
  // An index that removes what is left of places that were taken away.
  bringUpToDate,
  // Applications.
  bringUpToDate,
  // Devices that ask to be signed in, and what works once.
  bringUpToDate,
  // What processes of applications say of themselves.
  bringUpToDate,
  // An index of the devices that are let in for an account.
  bringUpToDate,
  // Public keys of applications, which a daemon of before inserts without.
  bringUpToDate,
  // An index of the owners of agents.
  bringUpToDate,
  // When public keys were used last.
  async (db) => {
    const keyed = { 'publicKeys.0': { $exists: true } }
    await db.collection(COLLECTION_NAMES.applications).updateMany(keyed, {
      $set: { 'publicKeys.$[].lastUsedAt': null },
    })
  },
  // Indexes without those whom nobody looks up by them, and without what each refresh changes.
  replacing(['accounts', 'list_of_parent'], ['accounts', 'abandoned'], ['sessions', 'of_account']),
]

/** The version of the schema that this release writes. */
export const SCHEMA_VERSION = MIGRATIONS.length

const LEASE = 'schema'
const LEASE_MS = 15_000
const RENEWAL_MS = 5000
const POLL_MS = 100
const INDEX_NOT_FOUND = 27
const COLLECTION_EXISTS = 48

const createCollections = async (db: Db, deployment: Deployment): Promise<void> => {
  await Promise.all(
    Object.entries(COLLECTIONS).map(([name, schema]) => createCollection(db, name, schema, deployment)),
  )
}

/**
 * Waits for indexes for as long as a server makes them, which among a million documents is longer than a
 * reply may take. Asked again, it goes on with what it has begun; one that cannot be reached any more fails.
 */
const untilBuilt = async (build: () => Promise<unknown>): Promise<void> => {
  for (;;)
    try {
      await build()
      return
    } catch (error) {
      if (!(error instanceof MongoNetworkTimeoutError)) throw error
    }
}

const createCollection = async (
  db: Db,
  name: string,
  { validator, indexes }: CollectionSchema,
  { topology }: Deployment,
): Promise<void> => {
  try {
    await db.createCollection(name, { validator })
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== COLLECTION_EXISTS) throw error
    await db.command({ collMod: name, validator })
  }
  const wanted = indexes.filter((index) => !(topology === 'sharded' && index.unlessSharded === true))
  if (wanted.length === 0) return
  const descriptions = wanted.map(({ name: index, key, options }) => ({ key, name: index, ...options }))
  await untilBuilt(() => db.collection(name).createIndexes(descriptions))
}

/** Drops an index that may be gone already. */
const dropIndex = async (db: Db, collection: CollectionName, name: string): Promise<void> => {
  try {
    await db.collection(collection).dropIndex(name)
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== INDEX_NOT_FOUND) throw error
  }
}

/**
 * Brings the schema up to date: of several daemons that start together one migrates, under a lease that it
 * renews and that another takes over if it dies; the others wait. Throws when a newer authctl has written the
 * database: nothing is changed then.
 */
export const migrate = async (db: Db, deployment: Deployment): Promise<void> => {
  const { leases, guards } = collectionsOf(db)
  const holder = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)

  const version = async (): Promise<number> => {
    const schema = (await guards.findOne({ _id: 'schema' })) as { version: number } | null
    const found = schema?.version ?? 0
    if (found > SCHEMA_VERSION) {
      throw new Error(
        `the database has schema ${found}, this authctl knows ${SCHEMA_VERSION}: run the newer authctl, or restore a backup`,
      )
    }
    return found
  }

  const claim = (): Promise<boolean> =>
    insertedFirst(() =>
      leases.updateOne(
        { _id: LEASE, $or: [{ expiresAt: { $lte: Date.now() } }, { fence: holder }] },
        { $set: { slot: 0, fence: holder, expiresAt: Date.now() + LEASE_MS } },
        { upsert: true },
      ),
    )

  const advance = async (from: number): Promise<void> => {
    for (const [index, migration] of MIGRATIONS.entries()) {
      if (index < from) continue
      await migration(db, deployment, from)
      const next = { $set: { version: index + 1 } }
      await insertedFirst(() =>
        guards.updateOne({ _id: 'schema', version: { $lt: index + 1 } }, next, { upsert: true }),
      )
    }
  }

  while ((await version()) < SCHEMA_VERSION) {
    if (!(await claim())) {
      await sleep(POLL_MS)
      continue
    }
    const renewal = setInterval(() => void claim().catch(() => undefined), RENEWAL_MS)
    try {
      await advance(await version())
    } finally {
      clearInterval(renewal)
      await leases.updateOne({ _id: LEASE, fence: holder }, { $set: { expiresAt: 0 } })
    }
  }
}
