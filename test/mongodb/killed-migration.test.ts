import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { collectionsOf } from '../../daemon/adapters/mongodb/collections.ts'
import { SCHEMA_VERSION } from '../../daemon/adapters/mongodb/migrations.ts'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import type { UsernameKey } from '../../daemon/domain/account.ts'
import { dropDatabase, freshDatabase, onDatabase, testMongoUri } from '../support/mongo.ts'
import { ROOT } from '../support/source-files.ts'
import { aNamedAccount } from '../stores/samples.ts'

/**
 * The number of the message before which the process is killed, counted over all its connections: from the
 * first claim to the last write.
 */
const KILLS = [10, 16, 24, 40, 56]
const POLICIES = ['policy_heads', 'policy_texts']
const NAMES = ['asha', 'ravi', 'meena'].map((name) => name as UsernameKey)

/** Opens the store, which migrates; kills itself before it sends its n-th message. */
const MIGRATE = `import { Socket } from 'node:net'
import { openMongoStore } from '${ROOT}daemon/adapters/mongodb/store.ts'
const [uri, last] = process.argv.slice(1)
const { write } = Socket.prototype
let sent = 0
Socket.prototype.write = function (...rest) {
  if (this.remotePort !== undefined && ++sent === Number(last)) process.kill(process.pid, 'SIGKILL')
  return write.apply(this, rest)
}
await (await openMongoStore(uri)).close()`

/** A database as the first schema left it: no policies, no skeletons, plain digests of requests. */
const olderDatabase = async (): Promise<string> => {
  const uri = freshDatabase(testMongoUri() ?? '')
  const store = await openMongoStore(uri)
  for (const name of NAMES) await store.accounts.insert(aNamedAccount(name))
  await store.close()
  await onDatabase(uri, async (db) => {
    const { guards, idempotency, reservations } = collectionsOf(db)
    await Promise.all(POLICIES.map((name) => db.dropCollection(name)))
    await reservations.deleteMany({ _id: /^skeleton:/ })
    await idempotency.insertOne({
      _id: 'k',
      fingerprint: 'f',
      leaseUntil: 0,
      expiresAt: 9e15,
      sealedReply: null,
    })
    await guards.updateOne({ _id: 'schema' }, { $set: { version: 1 } })
  })
  return uri
}

test('K13: a migration that is killed before any message is done by the next start', async () => {
  let killed = 0
  for (const last of KILLS) {
    const uri = await olderDatabase()
    const node = ['--input-type=module', '-e', MIGRATE, uri, String(last)]
    const { status, signal, stderr } = spawnSync(process.execPath, node, { encoding: 'utf8' })
    expect([status === 0, signal === 'SIGKILL'], stderr).toContain(true)
    if (signal === 'SIGKILL') killed++
    // Its lease passes after 15 s; the next one needs not wait for that here.
    await onDatabase(uri, (db) => collectionsOf(db).leases.updateMany({}, { $set: { expiresAt: 0 } }))
    const store = await openMongoStore(uri)
    for (const name of NAMES) expect(await store.accounts.findByUsername('admin', name)).toBeDefined()
    await store.close()
    await onDatabase(uri, async (db) => {
      const { guards, idempotency, reservations } = collectionsOf(db)
      expect(await guards.findOne({ _id: 'schema' })).toMatchObject({ version: SCHEMA_VERSION })
      expect(await reservations.countDocuments({ _id: /^skeleton:/ }), `killed before ${last}`).toBe(
        NAMES.length,
      )
      expect(await idempotency.countDocuments()).toBe(0)
      const names = (await db.listCollections().toArray()).map(({ name }) => name)
      expect(names).toEqual(expect.arrayContaining(POLICIES))
    })
    await dropDatabase(uri)
  }
  expect(killed, 'no migration was killed').toBeGreaterThan(3)
})
