import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { bootstrap, type SignedIn } from '../support/accounts.ts'
import { type Api, createApi } from '../support/api.ts'
import { numberOf } from '../support/outbox.ts'
import { startDaemon } from '../support/running-daemon.ts'

/**
 * The bar (K7) is a minute of ten times the capacity, and holds on a machine that does nothing else:
 * `OVERLOAD_SECONDS=60 npx vitest run test/journeys/overload`. A short run on a busy machine
 * asks for four times as much, and its bars are wide: they tell a daemon that sheds load from one that does
 * not.
 */
const FULL_SECONDS = Number(process.env['OVERLOAD_SECONDS'] ?? 0)
const BARS =
  FULL_SECONDS > 0
    ? { seconds: FULL_SECONDS, times: 10, p99Ms: 1000, probeP99Ms: 100, goodput: 0.8, recoveryMs: 5000 }
    : { seconds: 2, times: 4, p99Ms: 2500, probeP99Ms: 1000, goodput: 0.3, recoveryMs: 5000 }
const PEAK_MS = 700
const PEAK_CALLERS = 32
/** As a proxy has them: more than may run and wait, so that all that is asked arrives. */
const CONNECTIONS = 256
const TICK_MS = 10
const PROBE_EVERY_MS = 50
const MAX_WAITING = 100

interface Asked {
  readonly status: number
  readonly ms: number
  readonly retryAfter: string | undefined
  readonly isSafe: boolean
}

/** It takes the daemon some milliseconds to find that none of its accounts may do it. */
const QUESTION = JSON.stringify({ action: 'authctl:CreateSuperAdmin', resource: 'account/x', limit: 200 })
const ACCOUNTS = 200

/** Asks over kept connections; a lost one rejects. */
const createAsker = ({ url, access }: { url: string; access: string }) => {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  onTestFinished(() => agent.destroy())
  return (path: string, body?: string): Promise<Asked> =>
    new Promise((resolve, reject) => {
      const startedAt = performance.now()
      const headers = {
        authorization: `Bearer ${access}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
      }
      const outgoing = request(`${url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        agent,
        headers,
      })
      outgoing.on('error', reject)
      outgoing.on('response', (incoming) => {
        incoming.resume().on('error', reject)
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            ms: performance.now() - startedAt,
            retryAfter: incoming.headers['retry-after'],
            isSafe: incoming.headers['x-content-type-options'] === 'nosniff',
          }),
        )
      })
      outgoing.end(body)
    })
}
type Ask = ReturnType<typeof createAsker>

const ask = (asker: Ask): Promise<Asked> => asker('/access/who-can', QUESTION)

const p99 = (answers: readonly Asked[]): number => {
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0
}

/** How many a second are answered to callers who each wait for their answer. */
const measurePeak = async (asker: Ask): Promise<number> => {
  const startedAt = performance.now()
  let answered = 0
  await Promise.all(
    Array.from({ length: PEAK_CALLERS }, async () => {
      while (performance.now() - startedAt < PEAK_MS) {
        expect((await ask(asker)).status).toBe(200)
        answered++
      }
    }),
  )
  return (answered / (performance.now() - startedAt)) * 1000
}

/** Asks at a steady rate, whatever is answered. */
const overload = async (asker: Ask, perSecond: number, seconds: number) => {
  const asked: Promise<Asked>[] = []
  const probes: Promise<Asked>[] = []
  const startedAt = performance.now()
  for (;;) {
    const elapsed = performance.now() - startedAt
    if (elapsed >= seconds * 1000) break
    while (asked.length < (elapsed / 1000) * perSecond) asked.push(ask(asker))
    if (probes.length < elapsed / PROBE_EVERY_MS) probes.push(asker('/healthz'))
    await sleep(TICK_MS)
  }
  const answers = await Promise.all(asked)
  return { answers, probes: await Promise.all(probes), seconds: (performance.now() - startedAt) / 1000 }
}

const figureOf = async (api: Api, name: string): Promise<number> => {
  const { text } = await api.get('/metrics')
  return Number(new RegExp(`^${name.replaceAll(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1])
}

const start = async (): Promise<{ api: Api; root: SignedIn; asker: Ask }> => {
  const daemon = await startDaemon({
    AUTHCTL_RATE_LIMITS: 'off',
    AUTHCTL_LOG_LEVEL: 'silent',
    AUTHCTL_METRICS: 'true',
    AUTHCTL_MAX_WAITING_REQUESTS: String(MAX_WAITING),
  })
  onTestFinished(async () => void (await daemon.stop()))
  const api = createApi(daemon.url)
  const root = await bootstrap(api, daemon.dataDir)
  for (let index = 0; index < ACCOUNTS; index++)
    await api.post(
      '/auth/admin/create',
      { name: 'A', number: numberOf(index), issue_token: false },
      root.access,
    )
  return { api, root, asker: createAsker({ url: daemon.url, access: root.access }) }
}

test(
  'K7: asked for many times more than it can do, a daemon answers what it admits soon, and the rest with 503 at once',
  { timeout: 60_000 + BARS.seconds * 4000 },
  async () => {
    const { api, asker } = await start()
    await Promise.all(Array.from({ length: CONNECTIONS }, () => asker('/healthz')))
    const peak = await measurePeak(asker)
    const { answers, probes, seconds } = await overload(asker, peak * BARS.times, BARS.seconds)

    const admitted = answers.filter(({ status }) => status === 200)
    const refused = answers.filter(({ status }) => status === 503)
    const figures = {
      peak: Math.round(peak),
      asked: Math.round(answers.length / seconds),
      goodput: Math.round(admitted.length / seconds),
      admittedP99Ms: Math.round(p99(admitted)),
      refusedP99Ms: Math.round(p99(refused)),
      probeP99Ms: Math.round(p99(probes)),
      loopDelayP99Ms: Math.round((await figureOf(api, 'authctl_nodejs_eventloop_lag_p99_seconds')) * 1000),
    }
    if (FULL_SECONDS > 0) process.stderr.write(`overload: ${JSON.stringify(figures)}\n`)
    const told = JSON.stringify(figures)
    expect(new Set(answers.map(({ status }) => status)), told).toEqual(new Set([200, 503]))
    expect(new Set(refused.map(({ retryAfter }) => retryAfter))).toEqual(new Set(['1']))
    expect(refused.filter(({ isSafe }) => !isSafe)).toEqual([])
    expect(new Set(probes.map(({ status }) => status))).toEqual(new Set([200]))
    expect(figures.goodput, told).toBeGreaterThan(peak * BARS.goodput)
    expect(figures.admittedP99Ms, told).toBeLessThan(BARS.p99Ms)
    expect(figures.probeP99Ms, told).toBeLessThan(BARS.probeP99Ms)

    const overAt = performance.now()
    while ((await ask(asker)).status !== 200)
      expect(performance.now() - overAt, 'not back to normal').toBeLessThan(BARS.recoveryMs)
    expect(await figureOf(api, 'authctl_http_requests_waiting')).toBe(0)
    const counted = await Promise.all(
      ['full', 'late'].map((reason) => figureOf(api, `authctl_http_requests_refused{reason="${reason}"}`)),
    )
    expect(counted.reduce((sum, count) => sum + count)).toBe(refused.length)
  },
)
