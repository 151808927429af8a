import type { Log } from '../ports/log.ts'
import { logFieldsOf, type Exchange } from './exchange.ts'

/** One finished request, by its route template. */
export interface ServedRequest {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly durationMs: number
}

/**
 * Logs each finished request by its route template, and hands it to `observe`. No path, query, header or body
 * is looked at.
 */
export const createRequestLog =
  (log: Log, observe: (served: ServedRequest) => void) =>
  (exchange: Exchange): void => {
    const { request, response } = exchange
    response.once('close', () => {
      const served: ServedRequest = {
        method: request.method ?? '',
        route: exchange.route,
        status: response.statusCode,
        durationMs: Math.round((performance.now() - exchange.startedAt) * 100) / 100,
      }
      const aborted = response.writableFinished ? {} : { aborted: true }
      log.info({ ...logFieldsOf(exchange), ...served, ...aborted }, 'request')
      observe(served)
    })
  }
