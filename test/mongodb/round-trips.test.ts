import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Phone, Role, UsernameKey } from '../../daemon/domain/account.ts'
import { databaseName } from '../../daemon/adapters/mongodb/connection.ts'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import type { Place } from '../../daemon/domain/place.ts'
import type { Store } from '../../daemon/ports/stores/index.ts'
import { aNamedAccount, aPlace, PHONE } from '../stores/samples.ts'
import { dropDatabase, freshDatabase, testMongoUri } from '../support/mongo.ts'

const ABSENT = '+919876500009' as Phone

let uri: string
let client: MongoClient
let store: Store
beforeAll(async () => {
  uri = freshDatabase(testMongoUri() ?? '')
  client = new MongoClient(uri)
  store = await openMongoStore(uri)
  await store.accounts.insert(aNamedAccount('asha', { phone: PHONE }))
})
afterAll(async () => {
  await store.close()
  await client.close()
  await dropDatabase(uri)
})

/**
 * The operations that the server has seen of a step, each a round trip, and how many documents it read and
 * sent.
 */
const roundTripsOf = async (step: () => Promise<unknown>): Promise<string[]> => {
  const db = client.db(databaseName(uri))
  await db.command({ profile: 2 })
  await step()
  await db.command({ profile: 0 })
  const seen = await db
    .collection('system.profile')
    .find({ ns: { $not: /system\.profile$/ } })
    .toArray()
  await db.collection('system.profile').drop()
  return seen
    .filter(({ op, command }) => op !== 'command' || 'aggregate' in command)
    .map(({ op, ns, nreturned, docsExamined, keysExamined }) =>
      [op, String(ns).split('.').at(-1), nreturned, docsExamined, keysExamined].join(' '),
    )
}

describe('E2: what is looked up for an absent account', () => {
  test('before a password is proved: the same round trips, which read and send as much', async () => {
    const signInLookUps = (role: Role, name: string) => async (): Promise<void> => {
      const { path } = await store.accounts.findForPassword(role, name as UsernameKey)
      await store.accounts.getLineage(path)
    }
    const seen = await roundTripsOf(signInLookUps('admin', 'asha'))
    expect(seen).toEqual(['command reservations 1 2 2', 'query accounts 1 1 1'])
    expect(await roundTripsOf(signInLookUps('admin', 'nobody'))).toEqual(seen)
    expect(await roundTripsOf(signInLookUps('client', 'asha'))).toEqual(seen)
  })

  test('by phone: as many round trips', async () => {
    const seen = await roundTripsOf(() => store.accounts.findByPhone('admin', PHONE))
    expect(seen).toHaveLength(1)
    expect(await roundTripsOf(() => store.accounts.findByPhone('admin', ABSENT))).toHaveLength(1)
  })
})

test('a page of places takes few round trips, however many places were taken away', async () => {
  const all = Array.from({ length: 400 }, (_none, index) => aPlace(`p${String(index).padStart(4, '0')}`))
  await store.places.upsertMany(all)
  const places = client.db(databaseName(uri)).collection<{ _id: string }>('places')
  await places.updateMany({ _id: { $gt: 'p0008', $lt: 'p0399' } }, { $set: { deletedAt: new Date() } })
  const page: Place[] = []
  const seen = await roundTripsOf(async () => void page.push(...(await store.places.list({ limit: 10 }))))
  expect(page.map(({ id }) => id)).toEqual([...all.slice(0, 9), ...all.slice(-1)].map(({ id }) => id))
  // The guard before and after, and two steps of ids and documents.
  expect(seen).toHaveLength(6)
})
