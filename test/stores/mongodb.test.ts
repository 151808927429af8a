import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import { dropDatabase, freshDatabase, testMongoUri } from '../support/mongo.ts'
import { PATIENT_MS } from './store-test.ts'
import { describeStore } from './store.suite.ts'

describeStore(
  'mongodb',
  () => {
    const uri = freshDatabase(testMongoUri() ?? '')
    return Promise.resolve({
      open: () => openMongoStore(uri, { verbDeadlineMs: PATIENT_MS }),
      dispose: async () => void (await dropDatabase(uri)),
    })
  },
  // The server of the run is a standalone one.
  { tellsOfChanges: false },
)

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
