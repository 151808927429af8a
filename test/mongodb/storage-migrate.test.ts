import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sha256 } from '../../daemon/adapters/crypto/digest.ts'
import { openMongoArchive } from '../../daemon/adapters/mongodb/archive.ts'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import { openSqliteArchive } from '../../daemon/adapters/sqlite/archive.ts'
import { openSqliteStore } from '../../daemon/adapters/sqlite/store.ts'
import { migrateStorage } from '../../daemon/usecases/upkeep/migrate-storage.ts'
import { createSandbox, type Outcome } from '../cli/run-cli.ts'
import { bootstrap, createFamily, PASSWORD, signedIn } from '../support/accounts.ts'
import { createApi } from '../support/api.ts'
import { dropDatabase, freshDatabase, onDatabase, testMongoUri } from '../support/mongo.ts'
import { Outbox } from '../support/outbox.ts'
import { createApplication, tokenOf } from '../support/applications.ts'
import { populateStore } from '../support/population.ts'
import { startDaemon } from '../support/running-daemon.ts'

const sandbox = createSandbox()
const directory = mkdtempSync(join(tmpdir(), 'authctl-move-'))
const databases: string[] = []
afterAll(async () => {
  sandbox.remove()
  rmSync(directory, { recursive: true, force: true })
  await Promise.all(databases.map(dropDatabase))
})

const newDatabase = (): string => {
  const uri = freshDatabase(testMongoUri() ?? '')
  databases.push(uri)
  return uri
}

const move = (dataDir: string, uri: string): Promise<Outcome> =>
  sandbox.spawn({
    argv: ['storage', 'migrate', '--from', 'sqlite', '--to', 'mongodb', '--json'],
    env: { AUTHCTL_DATA_DIR: dataDir, MONGO_DB_URI: uri },
  })

const codeOf = ({ stdout, stderr }: Outcome): string =>
  (JSON.parse(stdout === '' ? stderr : stdout) as { error: { code: string } }).error.code

test(
  'everything moves: sessions go on, limits and tries are remembered, names stay taken, nothing runs meanwhile',
  { timeout: 90_000 },
  async () => {
    const dataDir = join(directory, 'story')
    const settings = { AUTHCTL_DATA_DIR: dataDir, PUBLIC_URL: 'http://auth.example.test', MONGO_DB_URI: '' }
    const uri = newDatabase()
    const before = await startDaemon(settings)
    const old = createApi(before.url)
    const family = await createFamily({ api: old, dataDir })
    const number = '+919876512345'
    await old.post('/auth/otp/send', { number })
    const otp = await new Outbox(dataDir).awaitCode(number)
    const user = signedIn(await old.post('/auth/user/login', { number, otp }))
    const ended = signedIn(await old.post('/auth/admin/login', { username: 'asha', password: PASSWORD }))
    await old.post('/auth/logout', {}, ended.access)
    const place = {
      type: 'Feature',
      id: 'p1',
      geometry: { type: 'Point', coordinates: [77.5, 12.9] },
      properties: { name: 'P', type: 'ev-charger' },
    }
    const places = { type: 'FeatureCollection', features: [place] }
    const imported = await old.post('/mapdirectory/places/import', places, family.root.access)
    expect(imported.status, imported.text).toBe(200)
    const application = await createApplication(old, family.client.access, { policies: ['authctl:Client'] })
    const applicationToken = await tokenOf(old, application)

    const refused = await move(dataDir, uri)
    expect([refused.code, codeOf(refused)]).toEqual([5, 'store_in_use'])
    await before.stop()
    const moved = await move(dataDir, uri)
    expect(moved.code, moved.stderr + moved.stdout).toBe(0)
    const kinds = JSON.parse(moved.stdout) as { kind: string; count: number }[]
    expect(kinds.find(({ kind }) => kind === 'accounts')?.count).toBe(5)
    expect(await move(dataDir, uri).then(codeOf)).toBe('target_taken')

    const after = await startDaemon({ ...settings, MONGO_DB_URI: uri })
    try {
      const api = createApi(after.url)
      for (const account of [user, family.root, family.admin, family.client, family.subClient])
        expect((await api.get('/auth/me', account.access)).status).toBe(200)
      expect((await api.get('/auth/me', ended.access)).status).toBe(401)
      expect((await api.get('/auth/me', applicationToken)).status).toBe(200)
      expect((await api.get('/auth/me', await tokenOf(api, application))).status).toBe(200)
      expect((await api.del('/policies/nothing', applicationToken)).status).toBe(404)
      const { body: kept } = await api.get('/applications', family.admin.access)
      expect(kept).toMatchObject({ items: [{ id: application.id, policies: ['authctl:Client'] }] })
      expect((await api.call('POST', '/auth/token/refresh', { token: user.refresh, body: {} })).status).toBe(
        200,
      )
      expect((await api.post('/auth/otp/send', { number })).status).toBe(429)
      expect((await api.post('/auth/user/login', { number, otp })).status).toBe(401)
      const body = { name: 'x', username: 'asha', password: PASSWORD }
      expect((await api.post('/auth/admin/create', body, family.root.access)).status).toBe(409)
      expect((await api.post('/auth/admin/login', { username: 'asha', password: PASSWORD })).status).toBe(200)
      await expect(bootstrap(api, dataDir)).rejects.toThrow(/4\d\d|ENOENT/)
      expect((await api.get('/mapdirectory/places/p1', family.root.access)).status).toBe(200)
    } finally {
      await after.stop()
    }
  },
)

test(
  'a move that is cut goes on where it was; until it is finished no daemon opens the new store',
  { timeout: 90_000 },
  async () => {
    const file = join(directory, 'cut.db')
    const uri = newDatabase()
    const store = openSqliteStore(file)
    await populateStore(store, [0, 12_000])
    await store.close()
    const source = openSqliteArchive(file)
    const target = await openMongoArchive(uri)
    const cutAt = 7
    let batches = 0
    const options = { sourceName: file, newDigest: sha256 }
    const cutting = {
      ...target,
      write: (...args: Parameters<typeof target.write>) =>
        ++batches > cutAt ? Promise.reject(new Error('cut')) : target.write(...args),
    }
    const cut = migrateStorage(source, cutting, { ...options, tell: () => undefined })
    await expect(cut).rejects.toThrow('cut')
    await expect(openMongoStore(uri)).rejects.toThrow(/not finished/)
    await expect(target.begin('another store')).rejects.toThrow(/not empty/)
    const steps: number[] = []
    const moved = await migrateStorage(source, target, {
      ...options,
      tell: ({ stage, kind, count }) => {
        if (stage === 'copy' && kind === 'accounts') steps.push(count)
      },
    })
    expect(Math.max(...steps)).toBeLessThan(12_000 - 5000)
    expect(moved.find(({ kind }) => kind === 'accounts')?.count).toBe(12_000)
    await source.close()
    await target.close()
    const opened = await openMongoStore(uri)
    expect(await opened.accounts.list({ below: null, includeUsers: true, limit: 5 })).toHaveLength(5)
    await opened.close()
  },
)

test(
  'a record that differs on the other side is found, and the new store stays closed',
  { timeout: 30_000 },
  async () => {
    const file = join(directory, 'differs.db')
    const uri = newDatabase()
    const store = openSqliteStore(file)
    await populateStore(store, [0, 200])
    await store.close()
    const source = openSqliteArchive(file)
    const target = await openMongoArchive(uri)
    const tampering = {
      ...target,
      write: async (...args: Parameters<typeof target.write>) => {
        await target.write(...args)
        await onDatabase(uri, (db) => db.collection('sessions').updateOne({}, { $set: { revokedAt: 1 } }))
      },
    }
    await expect(
      migrateStorage(source, tampering, { sourceName: file, newDigest: sha256, tell: () => undefined }),
    ).rejects.toThrow(/sessions/)
    await expect(openMongoStore(uri)).rejects.toThrow(/not finished/)
    await source.close()
    await target.close()
  },
)
