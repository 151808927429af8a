import { ANSWER_HEADERS, requestHeadersOf } from '../contract/headers.ts'
import { routes } from '../contract/routes.ts'
import type { Exchange } from './exchange.ts'

/**
 * Headers of every answer (H11), names and values in turn: no answer is a page, so nothing may be loaded or
 * framed. Pages set their own policy.
 */
export const securityHeaders = ({ hsts }: { hsts: boolean }): readonly string[] => [
  'X-Content-Type-Options',
  'nosniff',
  'Content-Security-Policy',
  "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy',
  'no-referrer',
  ...(hsts ? ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'] : []),
]

const ALLOWED_METHODS = [...new Set(Object.values(routes).map(({ method }) => method))].join(', ')
const ALLOWED_HEADERS = requestHeadersOf(Object.values(routes)).join(', ')
const EXPOSED_HEADERS = Object.keys(ANSWER_HEADERS).join(', ')

const PREFLIGHT_HEADERS = [
  ['Access-Control-Allow-Methods', ALLOWED_METHODS],
  ['Access-Control-Allow-Headers', ALLOWED_HEADERS],
  ['Access-Control-Max-Age', '600'],
].flat()

/**
 * Lets the named origins, compared exactly, call from browsers; no cookies, no wildcard. Others get no CORS
 * header at all. Answers whether the request was a preflight, and now has its answer.
 */
export const createCors = (origins: readonly string[]): ((exchange: Exchange) => boolean) => {
  const allowed = new Set(origins)
  if (allowed.size === 0) return () => false
  return ({ request, response, headers }) => {
    const { origin } = request.headers
    headers.push('Vary', 'Origin')
    if (origin === undefined || !allowed.has(origin)) return false
    headers.push('Access-Control-Allow-Origin', origin, 'Access-Control-Expose-Headers', EXPOSED_HEADERS)
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined)
      return false
    headers.push(...PREFLIGHT_HEADERS)
    response.writeHead(204, headers)
    response.end()
    return true
  }
}
