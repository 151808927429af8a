import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bootstrap, signedIn } from '../support/accounts.ts'
import { type Answer, type Api, createApi } from '../support/api.ts'
import { numberOf, Outbox } from '../support/outbox.ts'
import { startDaemon } from '../support/running-daemon.ts'
import { Disk, type Loss } from './disk-image.ts'
import { readRecording, recorderTo, type Step } from './recorded-writes.ts'

/** The bar (K2) is ten thousand: `POWER_CUTS=10000 npx vitest run test/journeys/power-cut`. */
const CUTS = Number(process.env['POWER_CUTS'] ?? 200)
const LIVES = 120
const WORKERS = 4
const LOSSES: readonly Loss[] = ['nothing', 'everything', 'some', 'torn']

/** What the database must hold once the answer to a request has left the daemon. */
type Promised = (found: Found) => boolean

interface Found {
  readonly accounts: ReadonlySet<string>
  readonly sessions: ReadonlyMap<string, { rotation: number; isRevoked: boolean }>
}

/** A repeatable source of chance: a cut that fails can be looked at again. */
const createRandom = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

const sessionOf = (access: string): string =>
  (JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString()) as { sid: string }).sid

/** Signs up, rotates and signs out, and notes what each answer promises. */
const liveOneLife = async (api: Api, outbox: Outbox, index: number, promises: Map<string, Promised>) => {
  const call = async (path: string, options: object, promise: (answer: Answer) => Promised) => {
    const requestId = `life-${index}-${path.split('/').at(-1)}`
    const answer = await api.call('POST', path, { ...options, headers: { 'x-request-id': requestId } })
    expect(answer.status, answer.text).toBeLessThan(300)
    promises.set(requestId, promise(answer))
    return answer
  }
  const number = numberOf(index)
  await api.post('/auth/otp/send', { number })
  const otp = await outbox.awaitCode(number)
  const login = await call('/auth/user/login', { body: { number, otp } }, (answer) => {
    const { id } = signedIn(answer)
    return ({ accounts }) => accounts.has(id)
  })
  const { access, refresh } = signedIn(login)
  const sid = sessionOf(access)
  await call('/auth/token/refresh', { token: refresh, body: {} }, () => {
    return ({ sessions }) => (sessions.get(sid)?.rotation ?? 0) === 1
  })
  if (index % 3 === 0)
    await call('/auth/logout', { token: access, body: {} }, () => {
      return ({ sessions }) => sessions.get(sid)?.isRevoked === true
    })
}

const canRecord = (): boolean => {
  const probe = spawnSync('strace', ['-D', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', 'true'])
  return probe.status === 0
}

/** Without it the closing line says that these were skipped; CI installs it. */
const isRecordable = canRecord() || process.env['CI'] !== undefined

describe.runIf(isRecordable)('with strace', () => {
  const directory = mkdtempSync(join(tmpdir(), 'authctl-power-'))
  const promises = new Map<string, Promised>()
  let steps: Step[] = []

  beforeAll(async () => {
    const dataDir = join(directory, 'data')
    const log = join(directory, 'strace.log')
    const settings = {
      AUTHCTL_DATA_DIR: dataDir,
      AUTHCTL_RATE_LIMITS: 'off',
      AUTHCTL_LOG_LEVEL: 'warn',
      AUTHCTL_DRAIN_DELAY: '0',
    }
    const daemon = await startDaemon(settings, { through: recorderTo(log) })
    const api = createApi(daemon.url)
    try {
      await bootstrap(api, dataDir)
      const outbox = new Outbox(dataDir)
      let next = 0
      const work = async (): Promise<void> => {
        while (next < LIVES) await liveOneLife(api, outbox, next++, promises)
      }
      await Promise.all(Array.from({ length: WORKERS }, work))
    } finally {
      await daemon.stop()
    }
    steps = readRecording(log).filter(
      (step) => step.kind === 'answer' || step.file === dataDir || /authctl\.db(-wal)?$/.test(step.file),
    )
  }, 120_000)
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  /** Puts an image on a disk, opens it, and says what is wrong with it. */
  const inspect = (image: ReadonlyMap<string, Buffer>, promised: readonly string[]): string[] => {
    const folder = join(directory, 'image')
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    for (const [path, content] of image) writeFileSync(join(folder, basename(path)), content)
    const db = new DatabaseSync(join(folder, 'authctl.db'))
    try {
      db.exec('PRAGMA synchronous=OFF')
      const integrity = db.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[]
      if (integrity[0]?.integrity_check !== 'ok') return ['damaged']
      if (promised.length === 0) return []
      const rows = db.prepare('SELECT id, rotation, revoked_at FROM sessions').all()
      const found: Found = {
        accounts: new Set(
          db
            .prepare('SELECT id FROM accounts')
            .all()
            .map(({ id }) => id as string),
        ),
        sessions: new Map(
          rows.map(({ id, rotation, revoked_at }) => [
            id as string,
            { rotation: rotation as number, isRevoked: revoked_at !== null },
          ]),
        ),
      }
      return promised.filter((requestId) => promises.get(requestId)?.(found) === false)
    } catch (error) {
      return [(error as Error).message]
    } finally {
      db.close()
    }
  }

  /** Cuts the power at every sync first, just before it and just after, and then anywhere. */
  const cutPoints = (count: number, random: () => number): number[] => {
    const syncs = steps.flatMap(({ kind }, index) => (kind === 'sync' ? [index, index + 1] : []))
    const step = Math.max(1, Math.ceil(syncs.length / (count / 2)))
    const atSyncs = syncs.filter((_, index) => index % step === 0)
    const anywhere = Array.from({ length: count - atSyncs.length }, () => Math.floor(random() * steps.length))
    return [...atSyncs, ...anywhere].sort((a, b) => a - b)
  }

  const replay = (disk: Disk, count: number): string[] => {
    const random = createRandom(count)
    const promised: string[] = []
    const faults: string[] = []
    let position = 0
    cutPoints(count, random).forEach((cut, index) => {
      for (; position < cut; position++) {
        const step = steps[position] as Step
        if (step.kind !== 'answer') disk.take(step)
        else if (step.status < 300 && promises.has(step.requestId)) promised.push(step.requestId)
      }
      const loss = LOSSES[index % LOSSES.length] as Loss
      const wrong = inspect(disk.cut(loss, random), promised)
      if (wrong.length > 0) faults.push(`step ${cut}, ${loss}: ${wrong.slice(0, 3).join(', ')}`)
    })
    return faults
  }

  test(
    'K2: a power cut at any write loses nothing that was acknowledged and damages nothing',
    { timeout: 60_000 + CUTS * 100 },
    () => {
      const count = (kind: Step['kind'], file = '') =>
        steps.filter((step) => step.kind === kind && (!('file' in step) || step.file.endsWith(file))).length
      // Checkpoints are where the database itself is written.
      expect(count('sync', 'authctl.db'), 'no checkpoint was recorded').toBeGreaterThan(1)
      expect(count('sync', '-wal')).toBeGreaterThan(LIVES)
      expect(promises.size).toBeGreaterThan(LIVES * 2)
      expect(count('answer')).toBeGreaterThan(promises.size)
      expect(replay(new Disk(), CUTS)).toEqual([])
    },
  )

  test('K2: the replay notices a disk that does not keep what was synced', () => {
    expect(replay(new Disk({ honoursSync: false }), 20).length).toBeGreaterThan(5)
  })
})
