import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Database } from '../../daemon/adapters/sqlite/database.ts'
import { openSqliteStore } from '../../daemon/adapters/sqlite/store.ts'
import type { Account, AccountId, Phone } from '../../daemon/domain/account.ts'
import type { Session } from '../../daemon/domain/session.ts'
import type { Store } from '../../daemon/ports/stores/index.ts'
import { createFamily, PASSWORD } from '../support/accounts.ts'
import { startTestDaemon } from '../support/in-process.ts'
import { aNamedAccount, anAccount, aSession, aUser, MANY, stepOf, T0 } from './samples.ts'

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'authctl-cache-'))
  file = join(directory, 'authctl.db')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Every verb that writes accounts or sessions; a refusal is as good as a success. */
const VERBS: readonly ((store: Store, account: Account, session: Session) => Promise<unknown>)[] = [
  (store, account) => store.accounts.setStatus({ id: account.id, status: 'disabled', now: T0 }),
  (store, account) => store.accounts.setStatus({ id: account.id, status: 'active', now: T0 }),
  (store, { id }) => store.accounts.setPasswordHash({ id, from: 'a', to: 'b', keepEpoch: false, now: T0 }),
  (store, { id }) => store.accounts.setPasswordHash({ id, from: 'b', to: 'a', keepEpoch: true, now: T0 }),
  async (store, { id }) => {
    const { version = 0 } = (await store.accounts.get(id)) ?? {}
    return store.accounts.update({ id, version, fields: { name: `name ${version}` }, now: T0 })
  },
  (store, { id }) => store.accounts.delete({ id, now: T0 }),
  (store, account) => store.accounts.insert(account),
  (store, account) => store.accounts.getOrInsertUser({ ...aUser(), phone: `+91${account.id}` as Phone }),
  (store, _account, session) => store.sessions.insert(aSession({ accountId: session.accountId }), 2),
  async (store, _account, session) => {
    const { rotation: presented = 0 } = (await store.sessions.get(session.id)) ?? {}
    return store.sessions.rotate(
      stepOf(session, { presented, successorDigest: `digest-${presented}`, graceMs: 0 }),
    )
  },
  (store, _account, session) => store.sessions.rotate(stepOf(session, { graceMs: 0 })),
  (store, _account, session) => store.sessions.setEpoch(session.id, Math.floor(Math.random() * 1000)),
  (store, _account, { id, accountId }) => store.sessions.revoke({ id, accountId, now: T0 }),
  (store, _account, { id, accountId }) => store.sessions.revokeAll({ accountId, except: id, now: T0 }),
  (store, _account, { accountId }) => store.sessions.revokeAll({ accountId, except: null, now: T0 }),
]

const step = fc.record({
  verb: fc.nat(VERBS.length - 1),
  at: fc.nat(2),
  by: fc.constantFrom('own', 'other'),
  waits: fc.boolean(),
})

const nextCallback = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the read cache of SQLite', () => {
  test('C13: after any verbs of this process and of another, in any order, what it answers is what is stored', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const place = join(mkdtempSync(join(directory, 'run-')), 'authctl.db')
        const [own, other, plain] = [
          openSqliteStore(place, 100),
          openSqliteStore(place, 100),
          openSqliteStore(place),
        ]
        const parent = aNamedAccount('parent', { passwordHash: 'a' })
        await own.accounts.insert(parent)
        const accounts = [0, 1, 2].map((n) => {
          const child = anAccount({ passwordHash: 'a', parentId: n === 0 ? null : parent.id })
          return n === 0 ? child : { ...child, path: `${parent.path}/${child.id}` }
        })
        const sessions = accounts.map(({ id }) => aSession({ accountId: id }))
        for (const account of accounts) await own.accounts.insert(account)
        for (const session of sessions) await own.sessions.insert(session, MANY)
        const compare = async (): Promise<void> => {
          for (const { id } of sessions)
            expect(await own.sessions.get(id)).toEqual(await plain.sessions.get(id))
          for (const { id } of accounts)
            expect(await own.accounts.getLineageOf(id)).toEqual(
              (await plain.accounts.getLineageOf(id)).map((account) => account),
            )
        }
        await compare()
        const running: Promise<unknown>[] = []
        for (const { verb, at, by, waits } of steps) {
          const [account, session, run] = [accounts[at], sessions[at], VERBS[verb]]
          if (account === undefined || session === undefined || run === undefined)
            throw new Error('no such step')
          running.push(run(by === 'own' ? own : other, account, session).catch(() => undefined))
          if (waits) await Promise.all(running.splice(0))
          await compare()
        }
        await Promise.all(running)
        await compare()
        for (const store of [own, other, plain]) await store.close()
      }),
      { numRuns: 12 },
    )
  })

  test('a statement that names no id, and one of a trigger, are told of too', async () => {
    const db = new Database(file, 100)
    const store = openSqliteStore(file, 100)
    const [account, session] = [anAccount(), aSession()]
    await store.accounts.insert(account)
    await store.sessions.insert(session, MANY)
    const rows = db.cache.memory<{ n: number }>('sessions')
    const read = (): number | undefined => db.cache.use(() => rows(session.id, () => ({ n: reads++ }))?.n)
    let reads = 0
    expect([read(), read()]).toEqual([0, 0])
    const everybody = db.writing("UPDATE sessions SET ip = 'x' WHERE created_at > 0")
    await db.write(() => everybody.run())
    expect([read(), read()]).toEqual([1, 1])
    const nobody = db.writing("UPDATE sessions SET ip = 'x' WHERE created_at < 0")
    await db.write(() => nobody.run())
    expect(read()).toBe(1)
    const raw = new DatabaseSync(file)
    raw.exec(
      `CREATE TRIGGER far AFTER INSERT ON places BEGIN DELETE FROM sessions WHERE id = '${session.id}'; END`,
    )
    await nextCallback()
    expect([read(), read()]).toEqual([2, 2])
    const place = db.writing("INSERT INTO places VALUES ('p', 't', 'n', 1, 1, NULL, NULL, 0)")
    await db.write(() => place.run())
    expect(read()).toBe(3)
    raw.close()
    await store.close()
    await db.close()
  })

  test('what is undone was never seen, by whichever process it is undone', async () => {
    const db = new Database(file, 100)
    const store = openSqliteStore(file, 100)
    const session = aSession()
    await store.sessions.insert(session, MANY)
    const row = db.reading('SELECT ip FROM sessions WHERE id = :id')
    const rows = db.cache.memory<{ ip: string }>('sessions')
    const read = () =>
      db.cache.use(() =>
        rows(session.id, () => ({ ip: row.get<{ ip: string }>({ id: session.id })?.ip ?? '' })),
      )
    expect(read()).toEqual({ ip: '127.0.0.1' })
    const change = db.writing('UPDATE sessions SET ip = :ip WHERE id = :id')
    const failed = db.write(() => {
      change.run({ id: session.id, ip: 'undone' })
      throw new Error('on purpose')
    })
    const kept = db.write(() => change.run({ id: session.id, ip: 'kept' }))
    expect(read()).toEqual({ ip: '127.0.0.1' })
    await expect(failed).rejects.toThrow('on purpose')
    await kept
    expect(read()).toEqual({ ip: 'kept' })
    const raw = new DatabaseSync(file)
    raw.exec(`BEGIN IMMEDIATE; UPDATE sessions SET ip = 'foreign'`)
    expect(read()).toEqual({ ip: 'kept' })
    raw.exec('ROLLBACK')
    expect(read()).toEqual({ ip: 'kept' })
    await nextCallback()
    expect(read()).toEqual({ ip: 'kept' })
    raw.exec(`UPDATE sessions SET ip = 'foreign'`)
    // Whatever is served in this callback had come before.
    expect(read()).toEqual({ ip: 'kept' })
    await nextCallback()
    expect(read()).toEqual({ ip: 'foreign' })
    raw.close()
    await store.close()
    await db.close()
  })

  test('while the writing connection is in a transaction, nothing that is remembered counts', async () => {
    const db = new Database(file, 100)
    const store = openSqliteStore(file, 100)
    const session = aSession()
    await store.sessions.insert(session, MANY)
    const rows = db.cache.memory<{ n: number }>('sessions')
    let reads = 0
    const read = () => db.cache.use(() => rows(session.id, () => ({ n: reads++ })))?.n
    expect([read(), read()]).toEqual([0, 0])
    expect(await db.write(() => [read(), read()])).toEqual([1, 2])
    expect([read(), read()]).toEqual([3, 3])
    await store.close()
    await db.close()
  })

  test('it is bounded, counts what it does, and is off by a setting', async () => {
    const store = openSqliteStore(file, 10)
    const off = openSqliteStore(file, 0)
    const sessions = Array.from({ length: 100 }, () => aSession())
    await Promise.all(sessions.map((session) => store.sessions.insert(session, MANY)))
    for (const { id } of sessions) for (const _again of [1, 2]) await store.sessions.get(id)
    expect(store.readCache?.()).toEqual({ hits: 100, misses: 100, rows: 10, mostRows: 30 })
    for (const { id } of sessions) for (const _again of [1, 2]) await off.sessions.get(id)
    expect(off.readCache?.()).toEqual({ hits: 0, misses: 0, rows: 0, mostRows: 0 })
    await store.close()
    await off.close()
  })

  test('E2: a sign-in that has proved nothing asks the file, whether there is an account or not', async () => {
    const daemon = await startTestDaemon({ AUTHCTL_METRICS: 'true' })
    const { root } = await createFamily(daemon)
    const { api } = daemon
    const lookups = async (): Promise<number> => {
      const { text } = await api.get('/metrics')
      const counts = [...text.matchAll(/authctl_read_cache_lookups\{outcome="\w+"\} (\d+)/g)]
      expect(counts).toHaveLength(2)
      return counts.reduce((sum, [, count]) => sum + Number(count), 0)
    }
    await api.get('/auth/me', root.access)
    const before = await lookups()
    expect(before).toBeGreaterThan(0)
    for (const [role, username, password] of [
      ['superadmin', 'root', 'wrong password of somebody'],
      ['superadmin', 'nobody', PASSWORD],
      ['client', 'chetan', 'wrong password of somebody'],
      ['client', 'root', PASSWORD],
    ])
      expect((await api.post(`/auth/${role}/login`, { username, password })).status).toBe(401)
    await api.post('/auth/user/login', { number: '+919876543210', otp: '123456' })
    expect(await lookups()).toBe(before)
    await daemon.stop()
  })

  test('what is not there is not remembered, and no password hash is', async () => {
    const store = openSqliteStore(file, 10)
    const account = anAccount({ id: 'adm_late' as AccountId, passwordHash: 'hash' })
    expect(await store.accounts.getLineageOf(account.id)).toEqual([])
    await store.accounts.insert(account)
    const [known] = await store.accounts.getLineageOf(account.id)
    const { passwordHash, ...rest } = account
    expect(known).toEqual(rest)
    expect(await store.accounts.get(account.id)).toEqual({ ...rest, passwordHash })
    await store.close()
  })
})
