import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MIGRATIONS } from '../../daemon/adapters/sqlite/migrations.ts'
import { openSqliteStore } from '../../daemon/adapters/sqlite/store.ts'
import { createSandbox, type Outcome } from '../cli/run-cli.ts'
import { bootstrap, signedIn, type SignedIn } from '../support/accounts.ts'
import { type Api, createApi } from '../support/api.ts'
import { type Fleet, startFleet } from '../support/fleet.ts'
import { numberOf, Outbox } from '../support/outbox.ts'
import { startDaemon } from '../support/running-daemon.ts'

const sandbox = createSandbox()
const directory = mkdtempSync(join(tmpdir(), 'authctl-backup-'))
let fleet: Fleet
let root: SignedIn
beforeAll(async () => {
  fleet = await startFleet(2, { AUTHCTL_RATE_LIMITS: 'off' })
  root = await bootstrap(fleet.apis[0] as Api, fleet.dataDir)
}, 60_000)
afterAll(async () => {
  await fleet.stop()
  sandbox.remove()
  rmSync(directory, { recursive: true, force: true })
})

const authctl = (dataDir: string, ...argv: string[]): Promise<Outcome> =>
  sandbox.spawn({ argv, env: { AUTHCTL_DATA_DIR: dataDir } })

const codeOf = ({ stdout, stderr }: Outcome): string =>
  (JSON.parse(stdout === '' ? stderr : stdout) as { error: { code: string } }).error.code

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8)

/** A data directory like that of the fleet, with its secrets and without its database. */
const elsewhere = (name: string): string => {
  const dataDir = join(directory, name)
  mkdirSync(dataDir, { mode: 0o700 })
  for (const file of readdirSync(fleet.dataDir).filter((found) => found.endsWith('.secret')))
    copyFileSync(join(fleet.dataDir, file), join(dataDir, file))
  return dataDir
}

test(
  'K14: a backup while two daemons write, restored elsewhere: what was acknowledged is there, what was revoked stays revoked',
  { timeout: 60_000 },
  async () => {
    const [first, second] = fleet.apis as [Api, Api]
    const outbox = new Outbox(fleet.dataDir)
    const revoked = signedIn(
      await first.post('/auth/superadmin/login', {
        username: 'root',
        password: 'correct horse battery staple',
      }),
    )
    expect((await second.post('/auth/logout', {}, revoked.access)).status).toBe(200)
    const acknowledged: SignedIn[] = []
    const load = { isRunning: true }
    let next = 0
    const worker = async (api: Api): Promise<void> => {
      while (load.isRunning) {
        const number = numberOf(next++)
        await api.post('/auth/otp/send', { number })
        const otp = await outbox.awaitCode(number)
        acknowledged.push(signedIn(await api.post('/auth/user/login', { number, otp })))
      }
    }
    const workers = [first, second, first, second].map(worker)
    await sleep(1000)
    const before = acknowledged.length
    const file = join(directory, 'copy.db')
    const backup = await authctl(fleet.dataDir, 'backup', file, '--json')
    expect(backup.code, backup.stderr).toBe(0)
    const summary = JSON.parse(backup.stdout) as { accounts: number; bytes: number; sha256: string }
    load.isRunning = false
    await Promise.all(workers)
    expect(before).toBeGreaterThan(20)
    expect(summary.accounts).toBeGreaterThanOrEqual(before + 1)
    expect(modeOf(file)).toBe('600')
    expect(readdirSync(directory)).toEqual(['copy.db'])
    expect(await authctl(fleet.dataDir, 'backup', file, '--json').then(codeOf)).toBe('target_taken')

    const dataDir = elsewhere('restored')
    const restore = await authctl(dataDir, 'restore', file, '--json')
    expect(restore.code, restore.stderr).toBe(0)
    expect(modeOf(join(dataDir, 'authctl.db'))).toBe('600')
    const daemon = await startDaemon({ AUTHCTL_DATA_DIR: dataDir, PUBLIC_URL: 'http://auth.example.test' })
    try {
      const api = createApi(daemon.url)
      for (const user of acknowledged.slice(0, before))
        expect((await api.get('/auth/me', user.access)).status).toBe(200)
      expect((await api.get('/auth/me', root.access)).status).toBe(200)
      expect((await api.get('/auth/me', revoked.access)).status).toBe(401)
      expect(
        (await api.call('POST', '/auth/token/refresh', { token: revoked.refresh, body: {} })).status,
      ).toBe(401)
    } finally {
      await daemon.stop()
    }
  },
)

test('J4: a backup has mode 0600 whatever the umask is, follows no link, and is put into no folder of others', async () => {
  const folder = join(directory, 'copies')
  mkdirSync(folder, { mode: 0o755 })
  const umask = process.umask(0)
  const open = await authctl(fleet.dataDir, 'backup', join(folder, 'open.db')).finally(() =>
    process.umask(umask),
  )
  expect(open.code, open.stderr).toBe(0)
  expect(modeOf(join(folder, 'open.db'))).toBe('600')

  const victim = join(directory, 'victim')
  writeFileSync(victim, 'whole')
  symlinkSync(victim, join(folder, 'link.db'))
  expect((await authctl(fleet.dataDir, 'backup', join(folder, 'link.db'))).code).toBe(5)
  expect((await authctl(fleet.dataDir, 'backup', join(folder, 'link.db'), '--force')).code).toBe(0)
  expect(readFileSync(victim, 'utf8')).toBe('whole')
  expect(lstatSync(join(folder, 'link.db')).isFile()).toBe(true)

  const shared = join(directory, 'shared')
  mkdirSync(shared)
  chmodSync(shared, 0o777)
  const refused = await authctl(fleet.dataDir, 'backup', join(shared, 'copy.db'), '--json')
  expect(codeOf(refused)).toBe('unsafe_folder')
  expect(readdirSync(shared)).toEqual([])
  for (const left of [folder, shared, victim]) rmSync(left, { recursive: true })
})

test(
  'a restore is refused while a daemon has the database open, idle or not, and changes nothing',
  { timeout: 30_000 },
  async () => {
    const file = join(directory, 'second.db')
    expect((await authctl(fleet.dataDir, 'backup', file)).code).toBe(0)
    const before = readdirSync(fleet.dataDir).sort()
    const refused = await authctl(fleet.dataDir, 'restore', file, '--yes', '--json')
    expect([refused.code, codeOf(refused)]).toEqual([5, 'store_in_use'])
    expect(readdirSync(fleet.dataDir).sort()).toEqual(before)
    expect((await (fleet.apis[0] as Api).get('/auth/me', root.access)).status).toBe(200)
  },
)

test(
  'a restore over a database asks, keeps the old one, and leaves no log of it',
  { timeout: 30_000 },
  async () => {
    const file = join(directory, 'third.db')
    expect((await authctl(fleet.dataDir, 'backup', file)).code).toBe(0)
    const dataDir = elsewhere('over')
    await openSqliteStore(join(dataDir, 'authctl.db')).close()
    expect((await authctl(dataDir, 'restore', file)).code).toBe(7)
    const restored = await authctl(dataDir, 'restore', file, '--yes', '--json')
    expect(restored.code, restored.stderr).toBe(0)
    const { replaced } = JSON.parse(restored.stdout) as { replaced: string }
    expect(modeOf(replaced)).toBe('600')
    const names = readdirSync(dataDir).filter((name) => !name.endsWith('.secret'))
    expect(names.sort()).toEqual(['authctl.db', replaced.slice(dataDir.length + 1)].sort())
  },
)

test.each([
  ['a damaged file', (bytes: Buffer) => bytes.fill(7, 4096 * 3, 4096 * 6)],
  ['a cut file', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ['something else', () => Buffer.from('not a database at all')],
])('%s is refused, and nothing is put in place', async (_name, damage) => {
  const good = join(directory, 'good.db')
  expect((await authctl(fleet.dataDir, 'backup', good, '--force')).code).toBe(0)
  const bad = join(directory, 'bad.db')
  writeFileSync(bad, damage(readFileSync(good)))
  const dataDir = mkdtempSync(join(directory, 'empty-'))
  const refused = await authctl(dataDir, 'restore', bad, '--json')
  expect([refused.code, codeOf(refused)]).toEqual([1, 'storage'])
  expect(readdirSync(dataDir)).toEqual([])
})

test('OPS-D10: a database of an older schema is kept as it was before it is migrated', async () => {
  const file = join(mkdtempSync(join(directory, 'old-')), 'authctl.db')
  const db = new DatabaseSync(file)
  db.exec(`${MIGRATIONS[0]}; PRAGMA user_version=1`)
  db.close()
  await openSqliteStore(file).close()
  const snapshot = new DatabaseSync(`${file}.schema-1`, { readOnly: true })
  expect(snapshot.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
  expect(snapshot.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  snapshot.close()
  expect(modeOf(`${file}.schema-1`)).toBe('600')
})
