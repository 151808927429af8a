import type { NextFunction, Request, Response } from 'express'
import { ANSWER_HEADERS, requestHeadersOf } from '../contract/headers.ts'
import { routes } from '../contract/routes.ts'

/**
 * Headers of every answer (H11): no answer is a page, so nothing may be loaded or framed. Pages set their own
 * policy.
 */
export const securityHeaders =
  ({ hsts }: { hsts: boolean }) =>
  (_request: Request, response: Response, next: NextFunction): void => {
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
    response.setHeader('Referrer-Policy', 'no-referrer')
    if (hsts) response.setHeader('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
    next()
  }

const ALLOWED_METHODS = [...new Set(Object.values(routes).map(({ method }) => method))].join(', ')
const ALLOWED_HEADERS = requestHeadersOf(Object.values(routes)).join(', ')
const EXPOSED_HEADERS = Object.keys(ANSWER_HEADERS).join(', ')

/**
 * Lets the named origins, compared exactly, call from browsers; no cookies, no wildcard. Others get no CORS
 * header at all.
 */
export const cors = (origins: readonly string[]) => {
  const allowed = new Set(origins)
  return (request: Request, response: Response, next: NextFunction): void => {
    const origin = request.headers.origin
    if (allowed.size > 0) response.setHeader('Vary', 'Origin')
    if (origin === undefined || !allowed.has(origin)) {
      next()
      return
    }
    response.setHeader('Access-Control-Allow-Origin', origin)
    response.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS)
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      next()
      return
    }
    response.setHeader('Access-Control-Allow-Methods', ALLOWED_METHODS)
    response.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS)
    response.setHeader('Access-Control-Max-Age', '600')
    response.status(204).end()
  }
}
