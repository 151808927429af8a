import type { Route } from './route.ts'

/** A header of a request that an operation reads. */
export interface HeaderParameter {
  readonly name: string
  readonly description: string
  readonly pattern?: string
}

const IDEMPOTENCY_KEY: HeaderParameter = {
  name: 'Idempotency-Key',
  description: 'A key of your own for this request; a repeat within 24 hours gets the first success again',
  pattern: '^[\\x21-\\x7e]{1,255}$',
}

const PRECONDITIONS: readonly HeaderParameter[] = [
  {
    name: 'If-Match',
    description: 'The `ETag` of what you have read, or `*`; required where something is there',
  },
  { name: 'If-None-Match', description: '`*`: only if nothing is there' },
]

/** What every operation reads: by it logs of several programs are joined. */
const TRACING = ['X-Request-Id', 'traceparent'] as const

/** The headers that an operation reads beyond those of its authentication, its body and tracing. */
export const headerParametersOf = (route: Route): readonly HeaderParameter[] => [
  ...(route.idempotent === true ? [IDEMPOTENCY_KEY] : []),
  ...(route.precondition === true ? PRECONDITIONS : []),
]

const readBy = (route: Route): readonly string[] => [
  ...(route.auth === 'none' ? [] : ['Authorization']),
  ...(route.body === undefined ? [] : ['Content-Type']),
  ...headerParametersOf(route).map(({ name }) => name),
  ...TRACING,
]

/** Every header that some operation of the table reads: what a browser must be allowed to send. */
export const requestHeadersOf = (routes: readonly Route[]): readonly string[] =>
  [...new Set(routes.flatMap(readBy))].sort()

/** The headers of answers that tell callers something, and what. */
export const ANSWER_HEADERS = {
  'X-Request-Id': 'The id of the request, also in the log',
  ETag: 'Identifies what is answered; `If-Match` takes it',
  'Retry-After': 'Seconds after which to repeat the request',
  'RateLimit-Policy': 'The quotas that the request was counted against: events `q` in `w` seconds',
  RateLimit: 'What is left of them: events `r`, for `t` seconds',
} as const

/** The headers that an answer of a limited route also carries. */
export const limitHeadersOf = (route: Route): readonly (keyof typeof ANSWER_HEADERS)[] =>
  route.errors.includes('rate_limited') ? ['RateLimit-Policy', 'RateLimit'] : []
