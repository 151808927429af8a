import { Router } from 'express'
import type { ServedRequest } from './request-log.ts'

/** Sent, failed and retried codes since the start. */
export interface DeliveryCounts {
  readonly sent: number
  readonly failed: number
  readonly retried: number
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Denials since the start: of requests, and of questions by applications. */
export interface DenialCounts {
  readonly requests: number
  readonly questions: number
}

/**
 * Prometheus metrics at `/metrics`: requests by route template, code deliveries, and the process. Nothing in
 * them names a person.
 */
export const createMetrics = async (deliveries: DeliveryCounts, denials: DenialCounts) => {
  const { collectDefaultMetrics, Gauge, Histogram, Registry } = await import('prom-client')
  const register = new Registry()
  collectDefaultMetrics({ register, prefix: 'authctl_' })
  const durations = new Histogram({
    name: 'authctl_http_request_duration_seconds',
    help: 'Requests by method, route template and status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: SECONDS,
    registers: [register],
  })
  new Gauge({
    name: 'authctl_otp_deliveries',
    help: 'One-time codes handed to the SMS sender since the start, by outcome.',
    labelNames: ['outcome'] as const,
    registers: [register],
    collect() {
      for (const outcome of ['sent', 'failed', 'retried'] as const) this.set({ outcome }, deliveries[outcome])
    },
  })
  new Gauge({
    name: 'authctl_access_denied',
    help: 'Denials by policies since the start: of requests to the daemon, and of questions at /access/check.',
    labelNames: ['of'] as const,
    registers: [register],
    collect() {
      for (const kind of ['requests', 'questions'] as const) this.set({ of: kind }, denials[kind])
    },
  })

  const router = Router()
  router.get('/metrics', async (_request, response) => {
    const text = await register.metrics()
    response.setHeader('Cache-Control', 'no-store')
    response.type(register.contentType).send(text)
  })
  const observe = ({ method, route, status, durationMs }: ServedRequest): void => {
    durations.observe({ method, route, status }, durationMs / 1000)
  }
  return { router, observe }
}
