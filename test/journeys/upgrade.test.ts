import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { MIGRATIONS, SCHEMA_VERSION } from '../../daemon/adapters/sqlite/migrations.ts'
import { openSqliteStore } from '../../daemon/adapters/sqlite/store.ts'
import { bootstrap, PASSWORD, signedIn, type SignedIn } from '../support/accounts.ts'
import { type Api, createApi } from '../support/api.ts'
import { numberOf, Outbox } from '../support/outbox.ts'
import { type RunningDaemon, startDaemon } from '../support/running-daemon.ts'
import { ROOT } from '../support/source-files.ts'
import { checkIntegrity, queryStore } from './store-file.ts'

/** The release before this one: the last commit of the schema before. */
const PREVIOUS = 'abed00c'
/** The bar (K13) is five minutes: `UPGRADE_SECONDS=300 npx vitest run test/journeys/upgrade`. */
const MIXED_MS = Number(process.env['UPGRADE_SECONDS'] ?? 3) * 1000
const STRACE_KILLS = [1, 2, 3, 5, 8, 13, 21, 34]
const OLDER = MIGRATIONS.map((_, version) => version).slice(1)

const directory = mkdtempSync(join(tmpdir(), 'authctl-upgrade-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** A data directory whose database was written by an older version, with rows of that time. */
const olderDatabase = (version: number): string => {
  const dataDir = mkdtempSync(join(directory, `schema-${version}-`))
  const db = new DatabaseSync(join(dataDir, 'authctl.db'))
  db.exec(`PRAGMA journal_mode=WAL; ${MIGRATIONS.slice(0, version).join('')}; PRAGMA user_version=${version}`)
  db.exec("INSERT INTO limits VALUES ('otp-send:+919876543210', '[[1,1]]', 9e15)")
  db.exec(`INSERT INTO places (id, type, name, longitude, latitude, updated_at)
    VALUES ('p1', 'ev-charger', 'One', 77.6, 12.9, 1)`)
  db.close()
  return dataDir
}

const versionOf = (dataDir: string): unknown =>
  queryStore(dataDir, 'PRAGMA user_version')[0]?.['user_version']

test.each(OLDER)('K13: a database of schema %d is migrated, and keeps what it holds', async (version) => {
  const dataDir = olderDatabase(version)
  await openSqliteStore(join(dataDir, 'authctl.db')).close()
  expect(versionOf(dataDir)).toBe(SCHEMA_VERSION)
  expect(queryStore(dataDir, 'SELECT id FROM places')).toEqual([{ id: 'p1' }])
  expect(checkIntegrity(dataDir)).toEqual(['ok'])
})

test('K13: what a killed migration left under its own process id does not stop the next', async () => {
  const dataDir = olderDatabase(SCHEMA_VERSION - 1)
  const file = join(dataDir, 'authctl.db')
  copyFileSync(file, `${file}.schema-${SCHEMA_VERSION - 1}.${process.pid}.part`)
  await openSqliteStore(file).close()
  expect(versionOf(dataDir)).toBe(SCHEMA_VERSION)
})

const canInject = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0
const MIGRATE = `import { openSqliteStore } from '${ROOT}daemon/adapters/sqlite/store.ts'
await openSqliteStore(process.argv[1]).close()`

test('K13: a migration that is killed at any write is done by the next start', async ({ skip }) => {
  skip(!canInject && process.env['CI'] === undefined, 'there is no strace')
  let killed = 0
  for (const write of STRACE_KILLS) {
    const dataDir = olderDatabase(SCHEMA_VERSION - 1)
    const file = join(dataDir, 'authctl.db')
    const inject = `--inject=pwrite64:signal=KILL:when=${write}`
    const node = [process.execPath, '--input-type=module', '-e', MIGRATE, file]
    const { status } = spawnSync('strace', [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '--trace=pwrite64',
      inject,
      ...node,
    ])
    if (status !== 0) killed++
    else expect(versionOf(dataDir)).toBe(SCHEMA_VERSION)
    expect([SCHEMA_VERSION - 1, SCHEMA_VERSION]).toContain(versionOf(dataDir))
    await openSqliteStore(file).close()
    expect(versionOf(dataDir)).toBe(SCHEMA_VERSION)
    expect(queryStore(dataDir, 'SELECT id FROM places'), `killed at write ${write}`).toEqual([{ id: 'p1' }])
    expect(checkIntegrity(dataDir)).toEqual(['ok'])
  }
  expect(killed, 'no migration was killed').toBeGreaterThan(3)
})

test('K13: a daemon that is too old for its database says so, ends, and changes nothing', async () => {
  const dataDir = join(directory, 'newer')
  mkdirSync(dataDir, { mode: 0o700 })
  const file = join(dataDir, 'authctl.db')
  await openSqliteStore(file).close()
  const db = new DatabaseSync(file)
  db.exec(`PRAGMA user_version=${SCHEMA_VERSION + 1}`)
  db.close()
  const before = readFileSync(file)
  await expect(startDaemon({ AUTHCTL_DATA_DIR: dataDir })).rejects.toThrow(
    /exit code [1-9][\s\S]*run the newer authctl, or restore a backup/,
  )
  expect(readFileSync(file).equals(before)).toBe(true)
})

const hasPrevious = spawnSync('git', ['cat-file', '-e', `${PREVIOUS}^{commit}`], { cwd: ROOT }).status === 0

/** The source of the release before, beside the packages of this one. */
const checkOutPrevious = (): string => {
  const folder = join(directory, 'previous')
  mkdirSync(folder)
  const archive = execFileSync('git', ['archive', PREVIOUS], { cwd: ROOT, maxBuffer: 2 ** 28 })
  execFileSync('tar', ['x', '-C', folder], { input: archive })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, 'daemon', 'main.ts')
}

/** A life that goes through two daemons, turn by turn; every answer is that of one daemon alone. */
const liveOneLife = async (
  [here, there]: readonly [Api, Api],
  outbox: Outbox,
  index: number,
): Promise<void> => {
  const number = numberOf(index)
  expect((await here.post('/auth/otp/send', { number })).status).toBe(200)
  const otp = await outbox.awaitCode(number)
  const login = await there.post('/auth/user/login', { number, otp })
  expect(login.status, login.text).toBe(201)
  const user = signedIn(login)
  expect((await here.get('/auth/me', user.access)).status).toBe(200)
  const refreshed = await here.call('POST', '/auth/token/refresh', { token: user.refresh, body: {} })
  expect(refreshed.status, refreshed.text).toBe(200)
  expect((await there.get('/auth/me', user.access)).status).toBe(200)
  expect((await here.post('/auth/logout', {}, user.access)).status).toBe(200)
  expect((await there.get('/auth/me', user.access)).status).toBe(401)
}

const createAdmin = async (api: Api, root: SignedIn, username: string): Promise<SignedIn> =>
  signedIn(await api.post('/auth/admin/create', { name: 'A', username, password: PASSWORD }, root.access))

test(
  'K13: the release before and this one on one database: nothing fails while the new one migrates and after',
  { timeout: 120_000 + MIXED_MS },
  async ({ skip }) => {
    skip(!hasPrevious, `this clone does not have ${PREVIOUS}: git fetch --unshallow`)
    const dataDir = join(directory, 'mixed')
    const settings = {
      AUTHCTL_DATA_DIR: dataDir,
      AUTHCTL_RATE_LIMITS: 'off',
      AUTHCTL_DRAIN_DELAY: '0',
      PUBLIC_URL: 'http://auth.example.test',
    }
    const main = checkOutPrevious()
    const daemons: RunningDaemon[] = []
    onTestFinished(async () => void (await Promise.all(daemons.map((daemon) => daemon.stop()))))
    const start = async (options: Parameters<typeof startDaemon>[1]): Promise<Api> => {
      const daemon = await startDaemon(settings, options)
      daemons.push(daemon)
      return createApi(daemon.url)
    }
    const old = await start({ main })
    const root = await bootstrap(old, dataDir)
    const outbox = new Outbox(dataDir)
    for (let index = 0; index < 5; index++) await liveOneLife([old, old], outbox, index)
    const early = await createAdmin(old, root, 'early')

    const [present] = await Promise.all([
      start({}),
      (async () => {
        for (let index = 100; index < 110; index++) await liveOneLife([old, old], outbox, index)
      })(),
    ])
    const until = performance.now() + MIXED_MS
    for (let index = 1000; performance.now() < until || index < 1010; index += 2) {
      await liveOneLife([old, present], outbox, index)
      await liveOneLife([present, old], outbox, index + 1)
    }
    const late = await createAdmin(present, root, 'late')
    for (const admin of [early, late])
      for (const api of [old, present]) expect((await api.get('/auth/me', admin.access)).status).toBe(200)
    expect((await old.post('/auth/admin/login', { username: 'late', password: PASSWORD })).status).toBe(200)
    expect((await present.post('/auth/admin/login', { username: 'early', password: PASSWORD })).status).toBe(
      200,
    )
    await Promise.all(daemons.map((daemon) => daemon.stop()))
    expect(daemons.map((daemon) => daemon.output()).join('')).not.toMatch(/internal error|store unavailable/)
    expect(checkIntegrity(dataDir)).toEqual(['ok'])
    await expect(startDaemon(settings, { main })).rejects.toThrow(
      /run the newer authctl, or restore a backup/,
    )
  },
)
