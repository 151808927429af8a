import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { openConnection } from '../../daemon/adapters/sqlite/connection.ts'
import { MIGRATIONS } from '../../daemon/adapters/sqlite/migrations.ts'
import { openSqliteStore } from '../../daemon/adapters/sqlite/store.ts'
import { describeStore } from './store.suite.ts'

const temporaryFile = () => {
  const directory = mkdtempSync(join(tmpdir(), 'authctl-store-'))
  return {
    file: join(directory, 'authctl.db'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

describeStore('sqlite', () => {
  const { file, remove } = temporaryFile()
  return Promise.resolve({
    open: () => Promise.resolve(openSqliteStore(file)),
    dispose: () => Promise.resolve(remove()),
  })
})

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
