import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { bootstrap, PASSWORD, signedIn, type SignedIn } from '../support/accounts.ts'
import { type Api, createApi } from '../support/api.ts'
import { testMongoUri } from '../support/mongo.ts'
import { numberOf, Outbox } from '../support/outbox.ts'
import { type RunningDaemon, startDaemon } from '../support/running-daemon.ts'
import { ROOT } from '../support/source-files.ts'
import { dropTestStore } from '../support/test-store.ts'
import { checkIntegrity } from './store-file.ts'

/** The release before this one: the last commit of the schemas before, on either store. */
const PREVIOUS = 'abed00c'
/** The bar (K13) is five minutes: `UPGRADE_SECONDS=300 npx vitest run test/journeys/mixed-releases`. */
const MIXED_MS = Number(process.env['UPGRADE_SECONDS'] ?? 2) * 1000

const directory = mkdtempSync(join(tmpdir(), 'authctl-releases-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const hasPrevious = spawnSync('git', ['cat-file', '-e', `${PREVIOUS}^{commit}`], { cwd: ROOT }).status === 0

/**
 * The source of the release before, beside the packages of this one. What it needs and this one does not,
 * such as pino, is a package for development as long as it is the release before.
 */
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
    onTestFinished(async () => {
      await Promise.all(daemons.map((daemon) => daemon.stop()))
      await dropTestStore(dataDir)
    })
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
    if (testMongoUri() === undefined) expect(checkIntegrity(dataDir)).toEqual(['ok'])
    await expect(startDaemon(settings, { main })).rejects.toThrow(
      /run the newer authctl, or restore a backup/,
    )
  },
)
