import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { bootstrap, signedIn, type SignedIn } from '../support/accounts.ts'
import { type Answer, type Api, createApi } from '../support/api.ts'
import { numberOf, Outbox } from '../support/outbox.ts'
import type { RunningDaemon } from '../support/running-daemon.ts'
import { watchOthers } from './machine-load.ts'
import { walBytes } from './store-file.ts'

/** What a daemon was like in one stretch of a steady load. */
export interface Stretch {
  readonly seconds: number
  readonly requests: number
  /** Answers of 500 and above, and lost connections. */
  readonly faults: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly residentBytes: number
  readonly descriptors: number
  readonly walBytes: number
  /** What other processes than the daemon and its load had of the processors, from 0 to 1. */
  readonly othersShare: number
}

const CHECKS_PER_LIFE = 8

const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0

/** Times what it hands on, and counts what must never come. */
class Meter {
  latencies: number[] = []
  faults: string[] = []

  async time(call: Promise<Answer>): Promise<Answer> {
    const startedAt = performance.now()
    try {
      const answer = await call
      if (answer.status >= 500) this.faults.push(`${answer.status} ${answer.text}`)
      return answer
    } catch (error) {
      this.faults.push(String(error))
      throw error
    } finally {
      this.latencies.push(performance.now() - startedAt)
    }
  }

  take(): Pick<Meter, 'latencies' | 'faults'> {
    const { latencies, faults } = this
    this.latencies = []
    this.faults = []
    return { latencies, faults }
  }
}

interface Load {
  readonly api: Api
  readonly outbox: Outbox
  readonly root: SignedIn
  readonly meter: Meter
}

/** A sign-up, checks of its token, a rotation, a look around by a super-admin, and a sign-out. */
const liveOneLife = async ({ api, outbox, root, meter }: Load, index: number): Promise<void> => {
  const number = numberOf(index % 10_000_000)
  await meter.time(api.post('/auth/otp/send', { number }))
  const otp = await outbox.awaitCode(number)
  const user = signedIn(await meter.time(api.post('/auth/user/login', { number, otp })))
  for (let check = 0; check < CHECKS_PER_LIFE; check++) await meter.time(api.get('/auth/me', user.access))
  await meter.time(api.call('POST', '/auth/token/refresh', { token: user.refresh, body: {} }))
  await meter.time(api.get('/accounts?limit=20', root.access))
  await meter.time(api.get(`/accounts/${user.id}`, root.access))
  await meter.time(api.post('/auth/logout', {}, user.access))
}

/** Load at a steady rate of lives until it is stopped. A life that cannot begin in time is left out. */
const loadSteadily = (load: Load, livesPerSecond: number) => {
  const running = new Set<Promise<void>>()
  let next = 0
  const timer = setInterval(() => {
    if (running.size >= livesPerSecond * 5) return
    const life = liveOneLife(load, next++)
      .catch((error: unknown) => void load.meter.faults.push(String(error)))
      .finally(() => running.delete(life))
    running.add(life)
  }, 1000 / livesPerSecond)
  return {
    stop: async (): Promise<void> => {
      clearInterval(timer)
      await Promise.all(running)
    },
  }
}

/** Puts a steady mixed load on a new daemon with its limits off, and reports stretch by stretch. */
export const watchUnderLoad = async function* (
  daemon: RunningDaemon,
  plan: { readonly stretches: number; readonly stretchSeconds: number; readonly livesPerSecond: number },
): AsyncGenerator<Stretch & { readonly faultTexts: readonly string[] }> {
  const api = createApi(daemon.url)
  const meter = new Meter()
  const root = await bootstrap(api, daemon.dataDir)
  const load = loadSteadily({ api, outbox: new Outbox(daemon.dataDir), root, meter }, plan.livesPerSecond)
  const othersShare = watchOthers([daemon.pid, process.pid])
  try {
    for (let stretch = 0; stretch < plan.stretches; stretch++) {
      await sleep(plan.stretchSeconds * 1000)
      const { latencies, faults } = meter.take()
      yield {
        seconds: plan.stretchSeconds,
        requests: latencies.length,
        faults: faults.length,
        faultTexts: faults.slice(0, 5),
        p50Ms: quantile(latencies, 0.5),
        p99Ms: quantile(latencies, 0.99),
        residentBytes: residentBytes(daemon.pid),
        descriptors: readdirSync(`/proc/${daemon.pid}/fd`).length,
        walBytes: walBytes(daemon.dataDir),
        othersShare: othersShare(),
      }
    }
  } finally {
    await load.stop()
  }
}

const median = (values: readonly number[]): number => quantile(values, 0.5)

/**
 * The median of the slopes between all pairs of values at equal distances, by step: a few odd ones move it
 * little.
 */
export const robustSlope = (values: readonly number[]): number =>
  median(values.flatMap((early, at) => values.slice(at + 1).map((late, step) => (late - early) / (step + 1))))

/** Until then the engine still enlarges what it keeps for young objects, which looks like a leak. */
const WARM_REQUESTS = 400_000
const LEAST_WARM = 10
/** With more of the processors for others, latency is theirs as much as the daemon's. */
const QUIET_SHARE = 0.1

/**
 * Those after the warm-up, which is the first third, and as long as memory has not settled; if too few are
 * left, those after the first third, of which the memory cannot be judged.
 */
const warmOf = (stretches: readonly Stretch[]) => {
  let requests = 0
  const settledAt = stretches.findIndex((stretch) => (requests += stretch.requests) >= WARM_REQUESTS)
  const third = Math.floor(stretches.length / 3)
  const settled = settledAt === -1 ? [] : stretches.slice(Math.max(third, settledAt + 1))
  const hasSettled = settled.length >= LEAST_WARM
  return { warm: hasSettled ? settled : stretches.slice(third), hasSettled }
}

/** What a whole run came to, and which of its figures can be judged. */
export const summarize = (stretches: readonly Stretch[]) => {
  const { warm, hasSettled } = warmOf(stretches)
  const half = Math.ceil(warm.length / 2)
  const [early, late] = [warm.slice(0, half), warm.slice(-half)].map((part) =>
    median(part.map(({ p99Ms }) => p99Ms)),
  ) as [number, number]
  const resident = warm.map((stretch) => stretch.residentBytes)
  const perHour = 3600 / (stretches[0]?.seconds ?? 1)
  const descriptors = warm.map((stretch) => stretch.descriptors)
  const othersShare = median(warm.map((stretch) => stretch.othersShare))
  return {
    seconds: stretches.reduce((sum, { seconds }) => sum + seconds, 0),
    requests: stretches.reduce((sum, { requests }) => sum + requests, 0),
    faults: stretches.reduce((sum, { faults }) => sum + faults, 0),
    residentMb: Math.round(median(resident) / 1e6),
    residentSlopePercentPerHour: ((robustSlope(resident) * perHour) / median(resident)) * 100,
    descriptorsLeast: Math.min(...descriptors),
    descriptorsMost: Math.max(...descriptors),
    walMostMb: Math.max(...stretches.map((stretch) => stretch.walBytes)) / 1e6,
    p99DriftPercent: (late / early - 1) * 100,
    othersShare,
    canJudgeMemory: hasSettled,
    canJudgeLatency: warm.length >= LEAST_WARM && othersShare <= QUIET_SHARE,
  }
}
