import { MongoClient, type CollectionInfo } from 'mongodb'
import { expect, test } from 'vitest'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import {
  createDatabasePool,
  dropDatabase,
  freshDatabase,
  onDatabase,
  testMongoUri,
} from '../support/mongo.ts'
import { aNamedAccount, aSigningKey } from './samples.ts'
import { PATIENT_MS } from './store-test.ts'
import { describeStore } from './store.suite.ts'

const pool = createDatabasePool()
describeStore(
  'mongodb',
  async () => {
    const uri = await pool.take()
    return {
      open: () => openMongoStore(uri, { verbDeadlineMs: PATIENT_MS }),
      dispose: () => Promise.resolve(pool.giveBack(uri)),
    }
  },
  // The server of the run is a standalone one.
  { tellsOfChanges: false },
)

test('a database that is used again is as a new one: with the schema of the store, and without anything else', async () => {
  const own = createDatabasePool()
  const used: string[] = []
  const use = async (): Promise<string> => {
    const uri = await own.take()
    const store = await openMongoStore(uri)
    const found = await onDatabase(uri, async (db) => {
      const collections = (await db.listCollections<CollectionInfo>().toArray()).toSorted((a, b) =>
        a.name < b.name ? -1 : 1,
      )
      return Promise.all(
        collections.map(async ({ name, options }) => ({
          name,
          options,
          indexes: await db.collection(name).indexes(),
          documents: name === 'leases' ? [] : await db.collection(name).find().toArray(),
        })),
      )
    })
    await store.accounts.insert(aNamedAccount('asha'))
    await store.signingKeys.add(aSigningKey({}))
    await store.close()
    own.giveBack(uri)
    used.push(uri)
    return JSON.stringify(found)
  }
  const asNew = await use()
  while (new Set(used).size === used.length) expect(await use()).toBe(asNew)
  for (const uri of new Set(used)) await dropDatabase(uri)
})

test('a place that was taken away is brought back by no daemon that stalled in an older import', async () => {
  const uri = freshDatabase(testMongoUri() ?? '')
  const store = await openMongoStore(uri, { verbDeadlineMs: PATIENT_MS })
  const client = new MongoClient(uri)
  try {
    const fields = { type: 'ev-charger', name: 'A', longitude: 77.5, latitude: 12.9 } as const
    const place = { id: 'a', ...fields, address: null, operator: null, updatedAt: 1 }
    await store.places.upsertMany([place])
    const places = client.db().collection<{ _id: string; revision: number }>('places')
    const written = await places.findOne({ _id: 'a' })
    expect(await store.places.remove(place)).toBe(true)
    // What such a daemon does when it goes on: its import, as it was written down.
    const { revision = 0, ...rest } = written ?? { _id: 'a' }
    const older = { _id: 'a', revision: { $lt: revision } }
    await expect(places.replaceOne(older, { ...rest, revision }, { upsert: true })).rejects.toThrow(/E11000/)
    expect([await store.places.get('a'), await store.places.list({ limit: 9 })]).toEqual([undefined, []])
    const [index] = await places.indexes().then((all) => all.filter(({ name }) => name === 'deleted'))
    expect(index).toMatchObject({ expireAfterSeconds: 24 * 3600, sparse: true })
  } finally {
    await client.close()
    await store.close()
    await dropDatabase(uri)
  }
})
