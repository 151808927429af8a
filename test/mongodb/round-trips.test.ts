import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Phone, UsernameKey } from '../../daemon/domain/account.ts'
import { databaseName } from '../../daemon/adapters/mongodb/connection.ts'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import type { Store } from '../../daemon/ports/stores/index.ts'
import { aNamedAccount, PHONE } from '../stores/samples.ts'
import { dropDatabase, freshDatabase, testMongoUri } from '../support/mongo.ts'

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

/** The operations that the server has seen of a step; each is a round trip. */
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
    .filter(({ op }) => op !== 'command')
    .map(({ op, ns }) => `${String(op)} ${String(ns).split('.').at(-1)}`)
}

test('E2: what is looked up before a secret is proved takes the same round trips for absent accounts', async () => {
  const { accounts } = store
  const pairs: [() => Promise<unknown>, () => Promise<unknown>][] = [
    [
      () => accounts.findByUsername('admin', 'asha' as UsernameKey),
      () => accounts.findByUsername('admin', 'nobody' as UsernameKey),
    ],
    [
      () => accounts.findByUsername('admin', 'asha' as UsernameKey),
      () => accounts.findByUsername('client', 'asha' as UsernameKey),
    ],
    [
      () => accounts.findByPhone('admin', PHONE),
      () => accounts.findByPhone('admin', '+919876500009' as Phone),
    ],
    [() => accounts.getLineage('adm_1/cli_1'), () => accounts.getLineage('')],
  ]
  for (const [existing, absent] of pairs) {
    const seen = await roundTripsOf(existing)
    expect(seen.length).toBeGreaterThan(0)
    expect(await roundTripsOf(absent)).toEqual(seen)
  }
})
