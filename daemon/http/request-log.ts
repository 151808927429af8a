import type { NextFunction, Request, Response } from 'express'
import type { Log } from '../ports/log.ts'
import { logFieldsOf, routeOf } from './request-context.ts'

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
export const logRequests =
  (log: Log, observe: (served: ServedRequest) => void) =>
  (request: Request, response: Response, next: NextFunction): void => {
    const startedAt = performance.now()
    response.once('close', () => {
      const served: ServedRequest = {
        method: request.method,
        route: routeOf(response),
        status: response.statusCode,
        durationMs: Math.round((performance.now() - startedAt) * 100) / 100,
      }
      const aborted = response.writableFinished ? {} : { aborted: true }
      log.info({ ...logFieldsOf(response), ...served, ...aborted }, 'request')
      observe(served)
    })
    next()
  }
