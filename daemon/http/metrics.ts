import type { Router } from 'express'
import type { Meter } from '../ports/meter.ts'
import type { ReadCacheFigures } from '../ports/stores/index.ts'
import type { LoadFigures } from './admission.ts'
import { setRoute } from './exchange.ts'
import type { Pages } from './pages.ts'
import type { BudgetUse } from '../usecases/otp/budget.ts'
import type { ServedRequest } from './request-log.ts'

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/**
 * Prometheus metrics at `/metrics`: requests by route template, code deliveries, and the process. Nothing in
 * them names a person.
 */
export const createMetrics = async ({
  readBudgets,
  load,
  readCache,
}: {
  readBudgets: () => Promise<readonly BudgetUse[]>
  load: () => LoadFigures
  readCache: (() => ReadCacheFigures) | undefined
}) => {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client')
  const register = new Registry()
  collectDefaultMetrics({ register, prefix: 'authctl_' })
  const durations = new Histogram({
    name: 'authctl_http_request_duration_seconds',
    help: 'Requests by method, route template and status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: SECONDS,
    registers: [register],
  })
  const deliveries = new Counter({
    name: 'authctl_otp_deliveries',
    help: 'One-time codes handed to the SMS sender since the start, by outcome.',
    labelNames: ['outcome'] as const,
    registers: [register],
  })
  const denials = new Counter({
    name: 'authctl_access_denied',
    help: 'Denials by policies since the start: of requests to the daemon, and of questions at /access/check.',
    labelNames: ['of'] as const,
    registers: [register],
  })
  new Gauge({
    name: 'authctl_http_requests_waiting',
    help: 'Requests that wait for their turn at present: more is asked than can be begun.',
    registers: [register],
    collect: function () {
      this.set(load().waiting)
    },
  })
  new Gauge({
    name: 'authctl_http_requests_running',
    help: 'Requests that have begun and are not answered yet.',
    registers: [register],
    collect: function () {
      this.set(load().running)
    },
  })
  new Counter({
    name: 'authctl_http_requests_refused',
    help: 'Requests refused by 503 since the start: `full` where too many waited, `late` those that waited too long.',
    labelNames: ['reason'] as const,
    registers: [register],
    collect: function () {
      this.reset()
      for (const [reason, count] of Object.entries(load().refused)) this.inc({ reason }, count)
    },
  })
  if (readCache !== undefined) {
    new Counter({
      name: 'authctl_read_cache_lookups',
      help: 'Sessions and accounts looked up by id since the start: `hit` where they were in memory and unchanged, `miss` where they were read.',
      labelNames: ['outcome'] as const,
      registers: [register],
      collect: function () {
        const { hits, misses } = readCache()
        this.reset()
        this.inc({ outcome: 'hit' }, hits)
        this.inc({ outcome: 'miss' }, misses)
      },
    })
    new Gauge({
      name: 'authctl_read_cache_rows',
      help: 'Sessions and accounts that are in memory at present.',
      registers: [register],
      collect: function () {
        this.set(readCache().rows)
      },
    })
  }
  // Read when they are asked for: what other daemons spent counts too. Both are shown from one reading.
  let reading: Promise<readonly BudgetUse[]> | undefined
  const read = () =>
    (reading ??= readBudgets()
      .catch(() => [])
      .finally(() => (reading = undefined)))
  new Gauge({
    name: 'authctl_sms_budget_alarms',
    help: 'SMS budgets of all daemons that are spent by 80 % or more, or have stopped codes.',
    registers: [register],
    collect: async function () {
      this.set((await read()).filter(({ state }) => state !== 'ok').length)
    },
  })
  new Gauge({
    name: 'authctl_sms_budget_spent_ratio',
    help: 'What is spent of each SMS budget of all daemons, from 0 to 1; blocks of numbers are not shown.',
    labelNames: ['budget', 'window'] as const,
    registers: [register],
    collect: async function () {
      const uses = await read()
      this.reset()
      for (const { budget, window, percent } of uses)
        if (!budget.includes('block ')) this.set({ budget, window }, percent / 100)
    },
  })
  // A count that is shown from the beginning has a rate from the first event on.
  for (const outcome of ['sent', 'failed', 'retried', 'unknown'] as const) deliveries.inc({ outcome }, 0)
  for (const asked of ['requests', 'questions'] as const) denials.inc({ of: asked }, 0)
  const meter: Meter = {
    countDelivery: (outcome) => deliveries.inc({ outcome }),
    countDenials: (of, count) => denials.inc({ of }, count),
  }

  const loadPage = async (): Promise<Router> => {
    const { Router } = await import('express')
    const router = Router({ caseSensitive: true })
    router.get('/metrics', async (_request, response) => {
      setRoute(response, '/metrics')
      const text = await register.metrics()
      response.setHeader('Cache-Control', 'no-store')
      response.type(register.contentType).send(text)
    })
    return router
  }
  const pages: Pages = { at: /^\/metrics(?:\/|$)/, load: loadPage }
  const observe = ({ method, route, status, durationMs }: ServedRequest): void => {
    durations.observe({ method, route, status }, durationMs / 1000)
  }
  return { pages, observe, meter }
}

/** What `createMetrics` answers: the page `/metrics`, and what counts. */
export type Metrics = Awaited<ReturnType<typeof createMetrics>>
