import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccountId, UsernameKey } from '../../daemon/domain/account.ts'
import { findLookAlikes } from '../../daemon/host/look-alikes.ts'
import { collectionsOf } from '../../daemon/adapters/mongodb/collections.ts'
import { databaseName } from '../../daemon/adapters/mongodb/connection.ts'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import {
  createDatabasePool,
  dropDatabase,
  freshDatabase,
  onDatabase,
  testMongoUri,
} from '../support/mongo.ts'
import { type ReplicaSet, startReplicaSet } from '../support/replica-set.ts'
import { aNamedAccount, aPlace, aSigningKey, anAccount } from '../stores/samples.ts'
import { kindOf, PATIENT_MS } from '../stores/store-test.ts'
import { describeStore } from '../stores/store.suite.ts'

const server = (): string => testMongoUri() ?? ''

test('the database is the one that the connection string names, else authctl', () => {
  expect(databaseName('mongodb://a:1,b:2/tenants?replicaSet=x')).toBe('tenants')
  expect(databaseName('mongodb+srv://u:p@cluster.example.com/')).toBe('authctl')
  expect(databaseName('mongodb://localhost')).toBe('authctl')
})

describe('the schema', () => {
  const uri = freshDatabase(server())
  afterAll(() => dropDatabase(uri))

  test('twenty daemons that start together on an empty database make it once and all serve', async () => {
    const stores = await Promise.all(Array.from({ length: 20 }, () => openMongoStore(uri)))
    await Promise.all(stores.map((store) => store.ping()))
    await Promise.all(stores.map((store) => store.close()))
    const indexes = await onDatabase(uri, (db) => db.collection('accounts').indexes())
    const byName = new Map(indexes.map((index) => [index.name, index]))
    expect([byName.get('username')?.unique, byName.get('phone')?.unique]).toEqual([true, true])
  })

  test('documents that are not of the schema are refused by the server itself', async () => {
    const insert = onDatabase(uri, (db) => db.collection<{ _id: string }>('sessions').insertOne({ _id: 'x' }))
    await expect(insert).rejects.toThrow(/validation/)
  })

  test('a daemon takes over from one that died while it migrated', { timeout: 40_000 }, async () => {
    const left = freshDatabase(server())
    await onDatabase(left, async (db) => {
      const { leases } = collectionsOf(db)
      await leases.insertOne({ _id: 'schema', slot: 0, fence: 1, expiresAt: Date.now() + 2000 })
      await db.createCollection('accounts')
    })
    const store = await openMongoStore(left)
    await store.accounts.insert(aNamedAccount('asha'))
    await store.close()
    await dropDatabase(left)
  })

  test('H9: accounts of before that look alike keep their names, and the oldest of them keeps others away', async () => {
    const older = freshDatabase(server())
    const first = await openMongoStore(older)
    const names = ['paypal', 'раураӏ'] as const
    for (const [createdAt, name] of names.entries()) {
      await first.accounts.insert(aNamedAccount(name, { createdAt }))
      // As an authctl that knew no looks has left it.
      await onDatabase(older, (db) => collectionsOf(db).reservations.deleteMany({ _id: /^skeleton:/ }))
    }
    await first.close()
    await onDatabase(older, (db) =>
      collectionsOf(db).guards.updateOne({ _id: 'schema' }, { $set: { version: 3 } }),
    )
    const store = await openMongoStore(older)
    const [oldest, newest] = await Promise.all(
      names.map((name) => store.accounts.findByUsername('admin', name as UsernameKey)),
    )
    expect([oldest?.username, newest?.username]).toEqual([...names])
    const isTaken = () => kindOf(store.accounts.insert(aNamedAccount('paypa1')))
    expect(await isTaken()).toBe('conflict')
    expect(await findLookAlikes(store.accounts)).toMatchObject({
      isWhole: true,
      found: [{ older: { username: 'paypal' }, newer: { username: 'раураӏ' } }],
    })
    await store.accounts.delete({ id: newest?.id as AccountId, now: 0 })
    expect(await isTaken()).toBe('conflict')
    await store.accounts.delete({ id: oldest?.id as AccountId, now: 0 })
    expect(await isTaken()).toBe('resolved')
    await store.close()
    await dropDatabase(older)
  })

  test('a newer schema is refused and left alone', async () => {
    const newer = freshDatabase(server())
    await onDatabase(newer, (db) => collectionsOf(db).guards.insertOne({ _id: 'schema', version: 9999 }))
    await expect(openMongoStore(newer)).rejects.toThrow(/newer authctl/)
    const names = await onDatabase(newer, async (db) =>
      (await db.listCollections().toArray()).map(({ name }) => name),
    )
    expect(names).toEqual(['guards'])
    await dropDatabase(newer)
  })
})

test('production refuses a standalone server', async () => {
  await expect(openMongoStore(freshDatabase(server()), { refuseStandalone: true })).rejects.toThrow(
    /standalone/,
  )
})

describe('a replica set', () => {
  let set: ReplicaSet
  beforeAll(async () => void (set = await startReplicaSet()), 60_000)
  afterAll(() => set.stop(), 60_000)

  test(
    'C12, L4: changes are told by change stream, those of the keys well within a second, also after an election',
    { timeout: 60_000 },
    async () => {
      const uri = freshDatabase(set.uri)
      const [watching, writing] = [
        await openMongoStore(uri, { refuseStandalone: true }),
        await openMongoStore(uri),
      ]
      const told = { count: 0 }
      const stop = watching.signingKeys.watch(() => void (told.count += 1))
      const from = (await watching.changes.read(undefined))?.position
      const inserted: string[] = []
      await sleep(500)
      for (const sequence of [1, 2]) {
        const before = told.count
        await writing.signingKeys.add(aSigningKey({ kid: `kid-${sequence}`, sequence }))
        const start = performance.now()
        while (told.count === before && performance.now() - start < 5000) await sleep(10)
        expect(performance.now() - start).toBeLessThan(1000)
        const account = anAccount()
        await writing.accounts.insert(account)
        inserted.push(account.id)
        await set.stepDown()
        await sleep(2000)
      }
      const idsTold = async (): Promise<string[]> => {
        await watching.changes.settle()
        const { changes = [] } = (await watching.changes.read(from)) ?? {}
        return changes.map((change) => ('id' in change ? change.id : change.kind))
      }
      await expect.poll(() => idsTold().catch(() => [])).toEqual(inserted)
      await stop()
      await Promise.all([watching.close(), writing.close()])
    },
  )

  test('a page of places is read as of one instant: writers that never pause keep no reader waiting, and imports are seen whole', async () => {
    const WRITERS = 8
    const uri = freshDatabase(set.uri)
    // Writers wait for each other: only readers are held to a time.
    const writing = await openMongoStore(uri, { verbDeadlineMs: PATIENT_MS })
    const reading = await openMongoStore(uri, { verbDeadlineMs: 5000 })
    const states = ['a', 'b'].map((name) =>
      Array.from({ length: 20 }, (_none, index) => aPlace(`p${index}`, { name })),
    )
    const over = new AbortController()
    const write = async (own: number): Promise<void> => {
      for (let n = own; !over.signal.aborted; n++) await writing.places.upsertMany(states[n % 2] ?? [])
    }
    await writing.places.upsertMany(states[0] ?? [])
    const written = Promise.all(Array.from({ length: WRITERS }, (_none, own) => write(own)))
    const before = await reading.places.revision()
    for (let n = 0; n < 10; n++) {
      const page = await reading.places.list({ limit: 50 })
      expect(page).toHaveLength(20)
      expect(new Set(page.map(({ name }) => name)).size).toBe(1)
      expect(await reading.places.get('p7')).toBeDefined()
    }
    expect(await reading.places.revision()).toBeGreaterThan(before)
    over.abort()
    await written
    await Promise.all([reading.close(), writing.close()])
  })
})

/**
 * As on a sharded cluster, which cannot have a unique index without the shard key: what is unique rests on
 * its reservation alone.
 */
const withoutIndexes = createDatabasePool()
describeStore(
  'mongodb without unique indexes',
  async () => {
    const uri = await withoutIndexes.take()
    await (await openMongoStore(uri)).close()
    await onDatabase(uri, async (db) => {
      for (const index of await db.collection('accounts').indexes())
        if (index.unique === true) await db.collection('accounts').dropIndex(index.name ?? '')
    })
    return {
      open: () => openMongoStore(uri, { verbDeadlineMs: PATIENT_MS }),
      dispose: () => Promise.resolve(withoutIndexes.giveBack(uri)),
    }
  },
  { tellsOfChanges: false },
)
