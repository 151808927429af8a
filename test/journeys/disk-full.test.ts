import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { bootstrap, PASSWORD, type SignedIn, signedIn } from '../support/accounts.ts'
import { type Answer, type Api, createApi } from '../support/api.ts'
import { numberOf } from '../support/outbox.ts'
import { startDaemon } from '../support/running-daemon.ts'
import { checkIntegrity, queryStore } from './store-file.ts'

const DISK_BYTES = 12 * 1024 * 1024
const RECOVERY_MS = 5000
const WORKERS = 6
/** Enough tries for every kind of page to be asked for while there is no room. */
const REFUSED = 60

/** A way to take the room away from the data directory of a running daemon, and to give it back. */
interface Shortage {
  readonly begin: (dataDir: string, pid: number) => void
  readonly end: (dataDir: string, pid: number) => void
}

/** Fills a small file system to the last byte (ENOSPC). */
const fullDisk: Shortage = {
  begin: (dataDir) => {
    for (let bytes = DISK_BYTES; bytes >= 1024; bytes = Math.floor(bytes / 2)) {
      try {
        writeFileSync(join(dataDir, '..', `filler-${bytes}`), Buffer.alloc(bytes))
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
      }
    }
  },
  end: (dataDir) => {
    for (let bytes = DISK_BYTES; bytes >= 1024; bytes = Math.floor(bytes / 2))
      rmSync(join(dataDir, '..', `filler-${bytes}`), { force: true })
  },
}

const limitFiles = (pid: number, bytes: number | 'unlimited'): void =>
  void execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:unlimited`])

/** Lets no file grow any more (EFBIG), which SQLite sees as an error of the device. */
const failingWrites: Shortage = {
  begin: (dataDir, pid) => limitFiles(pid, statSync(join(dataDir, 'authctl.db')).size),
  end: (_dataDir, pid) => limitFiles(pid, 'unlimited'),
}

const mountSmall = (place: string): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', place]).status === 0
const unmount = (place: string): void => void execFileSync('umount', [place])

const canMount = ((): boolean => {
  const place = mkdtempSync(join(tmpdir(), 'authctl-mount-'))
  const isMounted = mountSmall(place)
  if (isMounted) unmount(place)
  rmSync(place, { recursive: true, force: true })
  return isMounted
})()
const canLimit = spawnSync('prlimit', ['--fsize']).status === 0

/** A folder with little room where this user may make one, and an ordinary one otherwise. */
const createPlace = (isSmall: boolean): string => {
  const place = mkdtempSync(join(tmpdir(), 'authctl-full-'))
  if (isSmall) expect(mountSmall(place)).toBe(true)
  onTestFinished(() => {
    if (isSmall) unmount(place)
    rmSync(place, { recursive: true, force: true })
  })
  return place
}

let names = 0
const createAdmin = (api: Api, root: SignedIn): Promise<Answer> => {
  const username = `admin-${names++}`
  return api.post('/auth/admin/create', { name: 'A', username, password: PASSWORD }, root.access)
}

/** Writes of two kinds until enough were refused; what was acknowledged, and what was answered otherwise. */
const writeWithoutRoom = async (api: Api, root: SignedIn) => {
  const created: string[] = []
  const sent: string[] = []
  const refusals: Answer[] = []
  const work = async (worker: number): Promise<void> => {
    for (let turn = 0; refusals.length < REFUSED; turn++) {
      const number = numberOf(worker * 100_000 + turn)
      const answer =
        worker === 0 ? await createAdmin(api, root) : await api.post('/auth/otp/send', { number })
      if (answer.status === 201) created.push(signedIn(answer).id)
      else if (answer.status === 200) sent.push(number)
      else refusals.push(answer)
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)))
  return { created, sent, refusals }
}

test.for([
  ['a full disk', fullDisk, canMount],
  ['a device that takes no more', failingWrites, canLimit],
] as const)(
  'K4: %s: no false success, tokens are still checked, and it recovers by itself',
  { timeout: 90_000 },
  async ([, shortage, isPossible], { skip }) => {
    skip(!isPossible, shortage === fullDisk ? 'this user may not mount a small disk' : 'there is no prlimit')
    const dataDir = join(createPlace(shortage === fullDisk), 'data')
    mkdirSync(dataDir, { mode: 0o700 })
    const settings = { AUTHCTL_DATA_DIR: dataDir, AUTHCTL_RATE_LIMITS: 'off', AUTHCTL_DRAIN_DELAY: '0' }
    const daemon = await startDaemon(settings)
    onTestFinished(async () => void (await daemon.stop()))
    const api = createApi(daemon.url)
    const root = await bootstrap(api, dataDir)
    const before = signedIn(await createAdmin(api, root))

    shortage.begin(dataDir, daemon.pid)
    const writing = writeWithoutRoom(api, root)
    for (let turn = 0; turn < 20; turn++) {
      expect((await api.get('/auth/me', before.access)).status).toBe(200)
      expect((await api.get('/.well-known/jwks.json')).status).toBe(200)
      expect((await api.get('/healthz')).status).toBe(200)
    }
    const { created, sent, refusals } = await writing
    expect(refusals.filter(({ status }) => status !== 503)).toEqual([])
    expect(refusals.filter(({ headers }) => !/^\d+$/.test(String(headers['retry-after'])))).toEqual([])
    expect((await api.get('/auth/me', before.access)).status).toBe(200)

    shortage.end(dataDir, daemon.pid)
    const freedAt = performance.now()
    let again = await createAdmin(api, root)
    while (again.status !== 201 && performance.now() - freedAt < RECOVERY_MS) {
      await sleep(50)
      again = await createAdmin(api, root)
    }
    expect(again.status, again.text).toBe(201)
    expect(await daemon.stop()).toBe(0)
    expect(daemon.output()).not.toContain('internal error')
    expect(checkIntegrity(dataDir)).toEqual(['ok'])
    const missing = (column: string, table: string, acknowledged: readonly string[]): string[] => {
      const stored = queryStore(dataDir, `SELECT ${column} FROM ${table}`).map((row) => row[column])
      return acknowledged.filter((value) => !stored.includes(value))
    }
    expect(missing('id', 'accounts', [...created, before.id, signedIn(again).id])).toEqual([])
    expect(missing('phone', 'otps', sent)).toEqual([])
  },
)
