import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { openConnection } from '../../daemon/adapters/sqlite/connection.ts'
import { MIGRATIONS } from '../../daemon/adapters/sqlite/migrations.ts'
import { openSqliteStore } from '../../daemon/adapters/sqlite/store.ts'
import { createCleanup } from '../../daemon/usecases/upkeep/cleanup.ts'
import type { AccountId, UsernameKey } from '../../daemon/domain/account.ts'
import { aNamedAccount, anAccount, anOtp, signInAt } from './samples.ts'
import { checkLookAlikes } from '../../daemon/host/look-alikes.ts'
import { kindOf } from './store-test.ts'
import { describeStore } from './store.suite.ts'

const temporaryFile = () => {
  const directory = mkdtempSync(join(tmpdir(), 'authctl-store-'))
  return {
    file: join(directory, 'authctl.db'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

describeStore(
  'sqlite',
  () => {
    const { file, remove } = temporaryFile()
    return Promise.resolve({
      open: () => Promise.resolve(openSqliteStore(file, 1000)),
      dispose: () => Promise.resolve(remove()),
    })
  },
  { tellsOfChanges: true },
)

describe('sqlite adapter', () => {
  test('every connection is WAL, synchronous=FULL and in a file of mode 0600, whatever the umask', async () => {
    const { file, remove } = temporaryFile()
    const umask = process.umask(0)
    try {
      const db = openConnection(file, 100)
      expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
      expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
      db.exec('CREATE TABLE t (a)')
      for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777).toBe(0o600)
      db.close()
    } finally {
      process.umask(umask)
      remove()
    }
  })

  test('B1: what was deleted or replaced is gone from the file and from the log after the next clean-up', async () => {
    const { file, remove } = temporaryFile()
    const store = openSqliteStore(file)
    const onDisk = () => [file, `${file}-wal`].map((name) => readFileSync(name, 'latin1')).join('')
    const account = anAccount({ passwordHash: 'hash-of-the-old-password' })
    await store.accounts.insert(account)
    const { id } = account
    const claim = { key: 'k', fingerprint: 'f', now: 0, leaseUntil: 1000, expiresAt: 2000 }
    for (let n = 0; n < 300; n++) {
      await store.idempotency.begin({ ...claim, key: `key-${n}` })
      await store.idempotency.finish(`key-${n}`, 'f', `sealed-reply-${n}-${'x'.repeat(400)}`)
    }
    const change = { id, from: 'hash-of-the-old-password', to: 'hash-of-the-new-password', keepEpoch: false }
    await store.accounts.setPasswordHash({ ...change, now: 0 })
    expect(onDisk().includes('sealed-reply-')).toBe(true)
    expect(onDisk().includes('hash-of-the-old-password')).toBe(true)
    expect(await createCleanup({ leases: store.leases, clock: { now: () => 5000 } })(1)).toBe(300)
    expect(onDisk().includes('hash-of-the-new-password')).toBe(true)
    expect(onDisk().includes('sealed-reply-')).toBe(false)
    expect(onDisk().includes('hash-of-the-old-password')).toBe(false)
    await store.close()
    remove()
  })

  test('B1: plain digests of requests that an older daemon kept are in no page, no log and no snapshot after its upgrade', async () => {
    const { file, remove } = temporaryFile()
    const older = new DatabaseSync(file)
    older.exec(`PRAGMA journal_mode=WAL; ${MIGRATIONS.slice(0, 4).join('')}; PRAGMA user_version=4`)
    const insert = older.prepare('INSERT INTO idempotency VALUES (?, ?, 0, 0, NULL)')
    for (let n = 0; n < 500; n++) insert.run(`plain-key-${n}`, `plain-digest-${n}-${'x'.repeat(40)}`)
    older.exec("DELETE FROM idempotency WHERE key < 'plain-key-4'")
    older.exec("INSERT INTO limits VALUES ('password:10.0.0.1:admin:typed-name', '[]', 0)")
    const store = openSqliteStore(file)
    older.close()
    for (const name of [file, `${file}-wal`, `${file}.schema-4`])
      expect(/plain-digest|plain-key|typed-name/.exec(readFileSync(name, 'latin1'))?.[0], name).toBe(
        undefined,
      )
    await store.close()
    remove()
  })

  test('H9: accounts of before that look alike keep their names, and the oldest of them keeps others away', async () => {
    const { file, remove } = temporaryFile()
    const older = new DatabaseSync(file)
    older.exec(`PRAGMA journal_mode=WAL; ${MIGRATIONS.slice(0, 5).join('')}; PRAGMA user_version=5`)
    const insert = older.prepare(
      `INSERT INTO accounts (id, role, username, username_key, path, status, attributes, epoch, created_at, updated_at, version)
       VALUES (:id, 'admin', :name, :name, :id, 'active', '{}', 1, :at, 0, 1)`,
    )
    insert.run({ id: 'adm_2', name: 'раураӏ', at: 2 })
    insert.run({ id: 'adm_1', name: 'paypal', at: 1 })
    older.close()
    const store = openSqliteStore(file)
    for (const name of ['раураӏ', 'paypal'])
      expect(await store.accounts.findByUsername('admin', name as UsernameKey)).toMatchObject({
        username: name,
      })
    expect(await kindOf(store.accounts.insert(aNamedAccount('paypa1')))).toBe('conflict')
    expect(await checkLookAlikes(store.accounts)).toMatchObject({
      status: 'warn',
      detail: 'usernames look alike: раураӏ (adm_2) like paypal (adm_1)',
    })
    await store.accounts.delete({ id: 'adm_2' as AccountId, now: 0 })
    expect(await kindOf(store.accounts.insert(aNamedAccount('paypa1')))).toBe('conflict')
    await store.accounts.delete({ id: 'adm_1' as AccountId, now: 0 })
    await store.accounts.insert(aNamedAccount('paypa1'))
    expect(await checkLookAlikes(store.accounts)).toMatchObject({ status: 'ok' })
    await store.close()
    remove()
  })

  test('A4: a sign-in that fails in between leaves the code as it was, and no account', async () => {
    const { file, remove } = temporaryFile()
    const store = openSqliteStore(file)
    const otp = anOtp()
    await store.otps.save(otp)
    const failing = signInAt(otp, {
      sessionOf: () => {
        throw new Error('on purpose')
      },
    })
    await expect(store.signIns.byCode(failing)).rejects.toThrow('on purpose')
    expect(await store.accounts.findByPhone('user', otp.phone)).toBe(undefined)
    expect(await store.signIns.byCode(signInAt(otp))).toMatchObject({ kind: 'proved', created: true })
    await store.close()
    remove()
  })

  test('a newer schema is refused and left alone', () => {
    const { file, remove } = temporaryFile()
    const db = new DatabaseSync(file)
    db.exec('PRAGMA user_version=9999')
    db.close()
    expect(() => openSqliteStore(file)).toThrow(/newer authctl/)
    const after = new DatabaseSync(file)
    expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 9999 })
    after.close()
    remove()
  })

  test('accounts of a file of schema 1 are listed in their scopes, and so are those that an older daemon adds', async () => {
    const { file, remove } = temporaryFile()
    const older = new DatabaseSync(file)
    older.exec(`${MIGRATIONS[0]}; PRAGMA user_version=1`)
    const insert = (path: string, role: string) => {
      const [id, parent = null] = path.split('/').toReversed() as [string, string?]
      older
        .prepare(
          `INSERT INTO accounts (id, role, parent_id, path, status, attributes, epoch, created_at, updated_at, version)
           VALUES (?, ?, ?, ?, 'active', '{}', 1, 0, 0, 1)`,
        )
        .run(id, role, parent, path)
    }
    insert('adm_1', 'admin')
    insert('adm_1/cli_1', 'client')
    insert('adm_1/cli_1/sub_1', 'sub-client')
    const store = openSqliteStore(file)
    insert('adm_1/cli_1/sub_2', 'sub-client')
    older.exec("UPDATE accounts SET status = 'disabled' WHERE id = 'cli_1'")
    older.close()
    const idsBelow = async (query: { below: string; status?: 'active' }) =>
      (await store.accounts.list({ includeUsers: false, limit: 10, ...query })).map((account) => account.id)
    expect(await idsBelow({ below: 'adm_1' })).toEqual(['cli_1', 'sub_1', 'sub_2'])
    expect(await idsBelow({ below: 'adm_1/cli_1' })).toEqual(['sub_1', 'sub_2'])
    expect(await idsBelow({ below: 'adm_1', status: 'active' })).toEqual(['sub_1', 'sub_2'])
    await store.close()
    remove()
  })

  test('many waiting writes share one transaction, and one that fails undoes itself alone', async () => {
    const { file, remove } = temporaryFile()
    const store = openSqliteStore(file)
    const limits = (key: string) => [{ key, windows: [{ limit: 1, windowMs: 1000 }] }]
    const walBytes = () => statSync(`${file}-wal`).size
    await store.limits.take(limits('warm-up'), 0)
    const before = walBytes()
    await store.limits.take(limits('alone'), 0)
    const one = walBytes() - before
    await Promise.all(Array.from({ length: 100 }, (_, index) => store.limits.take(limits(`k${index}`), 0)))
    const hundred = walBytes() - before - one
    expect(hundred).toBeLessThan(one * 10)
    await store.close()
    remove()
  })

  test('a lock held by another process is waited for without blocking the event loop', async () => {
    const { file, remove } = temporaryFile()
    const store = openSqliteStore(file)
    const rival = new DatabaseSync(file)
    rival.exec('BEGIN IMMEDIATE')
    let settled = false
    const write = store.limits
      .take([{ key: 'a', windows: [{ limit: 1, windowMs: 1000 }] }], 0)
      .then(() => (settled = true))
    let turns = 0
    const start = performance.now()
    while (performance.now() - start < 100) {
      await new Promise((resolve) => setImmediate(resolve))
      turns++
    }
    expect(settled).toBe(false)
    expect(turns).toBeGreaterThan(20)
    rival.exec('COMMIT')
    await write
    expect(settled).toBe(true)
    rival.close()
    await store.close()
    remove()
  })
})
