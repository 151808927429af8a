import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bootstrap } from '../support/accounts.ts'
import { type Api, createApi } from '../support/api.ts'
import { startFleet } from '../support/fleet.ts'
import { freshDatabase } from '../support/mongo.ts'
import { numberOf } from '../support/outbox.ts'
import { type ProxiedServer, startProxiedServer } from '../support/replica-set.ts'
import { untilWell } from '../support/recovery.ts'

/**
 * Seconds without a server; the bar (K6) is a minute: `OUTAGE_SECONDS=60 npx vitest run
 * test/mongodb/outages`.
 */
const SECONDS = Number(process.env['OUTAGE_SECONDS'] ?? 8)
const CALLS_A_SECOND = 50
const MAX_ANSWER_MS = 3000
const MAX_RECOVERY_MS = 5000
const MAX_GROWTH_KB = 50 * 1024

const residentKb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

const timed = async <T>(call: () => Promise<T>): Promise<{ answer: T; ms: number }> => {
  const start = performance.now()
  return { answer: await call(), ms: performance.now() - start }
}

describe('K6: MongoDB is away', () => {
  const faults: readonly [string, (server: ProxiedServer) => void][] = [
    ['every connection is refused', ({ proxy }) => proxy.refuse()],
    ['every connection is half-open', ({ proxy }) => proxy.swallow()],
  ]

  test.each(faults)(
    '%s: 503 with Retry-After in time, no pile-up, keys and liveness go on, and it is well soon after',
    { timeout: SECONDS * 1000 + 90_000 },
    async (_name, strike) => {
      const server = await startProxiedServer()
      const fleet = await startFleet(1, {
        MONGO_DB_URI: freshDatabase(server.uri),
        AUTHCTL_RATE_LIMITS: 'off',
      })
      onTestFinished(async () => {
        server.proxy.pass()
        await fleet.stop()
        await server.stop()
      }, 60_000)
      const [api] = fleet.apis as [Api]
      const [daemon] = fleet.daemons
      const root = await bootstrap(api, fleet.dataDir)
      const load = () => Promise.all(Array.from({ length: 100 }, () => api.get('/auth/me', root.access)))
      for (let n = 0; n < 5; n++) await load()
      const before = residentKb(daemon?.pid ?? 0)

      strike(server)
      const answers: { status: number; retryAfter: number; ms: number }[] = []
      const calls: Promise<void>[] = []
      const end = performance.now() + SECONDS * 1000
      // More connections than calls can wait, so that no call waits in a queue of the client.
      const callers = Array.from({ length: 8 }, () => createApi(api.url))
      for (let n = 0; performance.now() < end; n++) {
        const caller = callers[n % callers.length] as Api
        const call =
          n % 3 > 0
            ? () => caller.get('/auth/me', root.access)
            : () => caller.post('/auth/otp/send', { number: numberOf(n) })
        calls.push(
          timed(call).then(({ answer, ms }) => {
            answers.push({ status: answer.status, retryAfter: Number(answer.headers['retry-after']), ms })
          }),
        )
        await sleep(1000 / CALLS_A_SECOND)
      }
      const keys = await timed(() => createApi(api.url).get('/.well-known/jwks.json'))
      const alive = await createApi(api.url).get('/healthz')
      const ready = await createApi(api.url).get('/readyz')
      await Promise.all(calls)
      const growth = residentKb(daemon?.pid ?? 0) - before

      server.proxy.pass()
      const recovery = await untilWell(
        async () => (await api.get('/auth/me', root.access)).status === 200,
        30_000,
      )
      console.info(
        `${answers.length} calls in ${SECONDS} s: slowest ${Math.round(Math.max(...answers.map(({ ms }) => ms)))} ms, RSS +${growth} KB, well after ${Math.round(recovery)} ms`,
      )
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
      expect(answers.every(({ retryAfter }) => retryAfter >= 1)).toBe(true)
      expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(MAX_ANSWER_MS)
      expect([keys.answer.status, alive.status, ready.status]).toEqual([200, 200, 503])
      expect(growth).toBeLessThan(MAX_GROWTH_KB)
      expect(recovery).toBeLessThan(MAX_RECOVERY_MS)
    },
  )
})
