import type { Db, Document } from 'mongodb'
import { MongoMemoryServer } from 'mongodb-memory-server'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { collectionsOf } from '../../daemon/adapters/mongodb/collections.ts'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import { newAccount } from '../../daemon/domain/account.ts'
import { dropDatabase, freshDatabase, mongodBinary, onDatabase, testMongoUri } from '../support/mongo.ts'
import { LAUNCH_MS } from '../support/mongod.ts'
import { aNamedAccount, aSession, aUser, MANY, stepOf, T0 } from '../stores/samples.ts'

let uri: string
beforeEach(() => (uri = freshDatabase(testMongoUri() ?? '')))
afterEach(() => dropDatabase(uri))

/** How many keys each index of the accounts has. */
const keysOfAccounts = (db: Db): Promise<Document> =>
  db.command({ validate: 'accounts' }).then(({ keysPerIndex }) => keysPerIndex as Document)

test('an account that lives is in those indexes only by which it is looked up', async () => {
  const store = await openMongoStore(uri)
  await store.accounts.getOrInsertUser(aUser())
  const ofUser = await onDatabase(uri, keysOfAccounts)
  const none = { attached: 0, children: 0, not_live: 0 }
  expect(ofUser).toEqual({ _id_: 1, list: 1, phone: 1, username: 0, ...none })
  const parent = aNamedAccount('asha')
  await store.accounts.insert(parent)
  const born = newAccount({ role: 'client', rowKey: 'child', parent, now: T0 }, { name: 'Ravi' })
  await store.accounts.insert(born)
  await store.close()
  // One for each list that a child is in: that of its parent, and that of the whole tree.
  const ofAll = await onDatabase(uri, keysOfAccounts)
  expect(ofAll).toMatchObject({ _id_: 3, phone: 1, username: 1, ...none, children: 2 })
})

test('a refresh changes one key of one index: when the session ends', async () => {
  const store = await openMongoStore(uri)
  const session = aSession()
  await store.sessions.insert(session, MANY)
  const written = await onDatabase(uri, async (db) => {
    await db.command({ profile: 2 })
    expect(await store.sessions.rotate(stepOf(session))).toEqual({ kind: 'rotated' })
    await db.command({ profile: 0 })
    return db.collection('system.profile').find({ op: 'update' }).toArray()
  })
  await store.close()
  expect(written.map(({ ns, keysInserted, keysDeleted }) => [ns, keysInserted, keysDeleted])).toEqual([
    [`${new URL(uri).pathname.slice(1)}.sessions`, 1, 1],
  ])
})

/** The indexes that were replaced since, as the schema of before had them. */
const BEFORE = {
  accounts: [
    {
      name: 'list_of_parent',
      key: { parentId: 1, scopes: 1, role: 1, status: 1, order: 1 },
      partialFilterExpression: { state: 'live' },
    },
    { name: 'abandoned', key: { pendingSince: 1 }, expireAfterSeconds: 24 * 3600 },
  ],
  sessions: [
    {
      name: 'of_account',
      key: { accountId: 1, revokedAt: 1, createdAt: -1, _id: 1, idleExpiresAt: 1, absoluteExpiresAt: 1 },
    },
  ],
} as const

const indexesOf = (db: Db): Promise<unknown> =>
  Promise.all(
    (['accounts', 'sessions'] as const).map(async (name) =>
      (await db.collection(name).indexes()).toSorted((a, b) => (String(a.name) < String(b.name) ? -1 : 1)),
    ),
  )

/** Makes a database one of before these indexes, without those of it that are gone already. */
const takeBack = async (db: Db, gone: readonly (readonly [string, string])[] = []): Promise<void> => {
  const { accounts, sessions, guards } = collectionsOf(db)
  await Promise.all([accounts.dropIndex('children'), accounts.dropIndex('not_live')])
  await sessions.dropIndex('newest')
  for (const [name, indexes] of Object.entries(BEFORE))
    await db.collection(name).createIndexes(indexes.map((index) => ({ ...index })))
  for (const [name, index] of gone) await db.collection(name).dropIndex(index)
  await guards.updateOne({ _id: 'schema' }, { $set: { version: 13 } })
}

test.each([
  ['by the first daemon of this release', []],
  ['after one that died in the middle of it', [['accounts', 'list_of_parent']]],
] as const)('the indexes of a database of before are replaced %s', async (_by, dropped) => {
  await (await openMongoStore(uri)).close()
  const asNew = await onDatabase(uri, indexesOf)
  await onDatabase(uri, (db) => takeBack(db, dropped))
  expect(await onDatabase(uri, indexesOf)).not.toEqual(asNew)
  await (await openMongoStore(uri)).close()
  expect(await onDatabase(uri, indexesOf)).toEqual(asNew)
})

/** Longer than the server may be silent. */
const LONG_MS = 6000

test('indexes that take longer to make than a reply may are waited for', { timeout: 60_000 }, async () => {
  const server = await MongoMemoryServer.create({
    binary: { systemBinary: mongodBinary() },
    instance: { launchTimeout: LAUNCH_MS, args: ['--setParameter', 'enableTestCommands=1'] },
  })
  onTestFinished(async () => void (await server.stop()))
  const own = freshDatabase(server.getUri())
  await (await openMongoStore(own)).close()
  const asNew = await onDatabase(own, indexesOf)
  await onDatabase(own, takeBack)
  await onDatabase(server.getUri(), async (db) => {
    const data = { failCommands: ['createIndexes'], blockConnection: true, blockTimeMS: LONG_MS }
    await db.admin().command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data })
  })
  await (await openMongoStore(own)).close()
  expect(await onDatabase(own, indexesOf)).toEqual(asNew)
})
