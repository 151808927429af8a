import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { bootstrap, PASSWORD } from '../support/accounts.ts'
import { type Api, createApi } from '../support/api.ts'
import { startDaemon } from '../support/running-daemon.ts'
import { numberOf } from '../support/outbox.ts'

const REQUESTS_PER_SECOND = 500
const LOAD_BEFORE_MS = 1500
const DRAIN_MS = 2000
/** More than this wait for a slow machine: the rate then falls instead of the queue growing. */
const MAX_OUTSTANDING = 128
const READINESS_EVERY_MS = 20
const EXIT_MS = 10_000
const FORCED_EXIT_MS = 1000

interface Sent {
  readonly id: string
  readonly expected: number
  /** The status, or the code of the connection's error. */
  readonly outcome: number | string
}

/** One request of the mix: mostly token checks and codes, and now and then a slow password login. */
const sendOne = async (api: Api, index: number, token: string): Promise<Sent> => {
  const id = randomUUID()
  const headers = { 'x-request-id': id }
  const answer = (): ReturnType<Api['call']> => {
    if (index % 50 === 0)
      return api.call('POST', '/auth/superadmin/login', {
        headers,
        body: { username: 'root', password: PASSWORD },
      })
    if (index % 2 === 0)
      return api.call('POST', '/auth/otp/send', { headers, body: { number: numberOf(index) } })
    return api.call('GET', '/auth/me', { headers, token })
  }
  const outcome = await answer().then(
    ({ status }) => status,
    (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error),
  )
  return { id, expected: 200, outcome }
}

/** Requests at a steady rate until told to stop. */
const sendSteadily = (api: Api, token: string) => {
  const running: Promise<Sent>[] = []
  let outstanding = 0
  const send = async (index: number): Promise<Sent> => {
    outstanding++
    try {
      return await sendOne(api, index, token)
    } finally {
      outstanding--
    }
  }
  const startedAt = performance.now()
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * REQUESTS_PER_SECOND
    const count = Math.min(due - running.length, MAX_OUTSTANDING - outstanding)
    for (let sent = 0; sent < count; sent++) running.push(send(running.length))
  }, 5)
  return {
    stop: (): Promise<Sent[]> => {
      clearInterval(timer)
      return Promise.all(running)
    },
  }
}

/**
 * What `/readyz` answers to new connections, in the order of asking; those that nobody accepted are left out.
 */
const watchReadiness = (url: string) => {
  const asked: Promise<number | undefined>[] = []
  const ask = async (): Promise<number | undefined> => {
    try {
      const response = await fetch(`${url}/readyz`, { headers: { connection: 'close' } })
      await response.body?.cancel()
      return response.status
    } catch {
      return undefined
    }
  }
  const timer = setInterval(() => asked.push(ask()), READINESS_EVERY_MS)
  return {
    stop: async (): Promise<number[]> => {
      clearInterval(timer)
      return (await Promise.all(asked)).filter((status) => status !== undefined)
    },
  }
}

test(
  'K3: SIGTERM under 500 requests a second: readiness first, every request that was read is answered, exit 0',
  { timeout: 60_000 },
  async () => {
    const daemon = await startDaemon(
      { AUTHCTL_RATE_LIMITS: 'off', AUTHCTL_DRAIN_DELAY: String(DRAIN_MS) },
      { entry: 'command' },
    )
    onTestFinished(async () => void (await daemon.stop()))
    const api = createApi(daemon.url)
    const root = await bootstrap(api, daemon.dataDir)
    const load = sendSteadily(api, root.access)
    await sleep(LOAD_BEFORE_MS)
    const readiness = watchReadiness(daemon.url)
    await sleep(100)
    const signalledAt = performance.now()
    daemon.kill('SIGTERM')
    const code = await daemon.exited
    const exitMs = performance.now() - signalledAt
    const sent = await load.stop()
    const output = daemon.output()
    await daemon.stop()

    expect(code, output.slice(-2000)).toBe(0)
    expect(exitMs).toBeLessThanOrEqual(EXIT_MS)
    const seen = await readiness.stop()
    expect(seen, 'stopped listening without saying so').toContain(503)
    expect(new Set(seen)).toEqual(new Set([200, 503]))

    const answered = sent.filter(({ outcome }) => typeof outcome === 'number')
    const refused = sent.filter(({ outcome }) => typeof outcome === 'string')
    expect(answered.filter(({ outcome, expected }) => outcome !== expected)).toEqual([])
    expect(answered.length, 'the load was too small to show anything').toBeGreaterThan(50)
    // Every request that the daemon has read has a line in its log: none of those may have failed at the
    // caller.
    const readThenLost = refused.filter(({ id }) => output.includes(id))
    expect(readThenLost).toEqual([])
    expect(output).not.toContain('"aborted":true')
  },
)

test('K3: a second SIGTERM ends it at once', { timeout: 30_000 }, async () => {
  const daemon = await startDaemon({ AUTHCTL_DRAIN_DELAY: '20000' }, { entry: 'command' })
  onTestFinished(async () => {
    daemon.kill('SIGKILL')
    await daemon.stop()
  })
  daemon.kill('SIGTERM')
  await sleep(300)
  expect((await fetch(`${daemon.url}/readyz`)).status).toBe(503)
  const signalledAt = performance.now()
  daemon.kill('SIGTERM')
  const code = await daemon.exited
  expect(performance.now() - signalledAt).toBeLessThanOrEqual(FORCED_EXIT_MS)
  expect(code).toBe(1)
  await daemon.stop()
})
