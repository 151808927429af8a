import type { ErrorCode, Problem } from './types.gen.ts'

const BRAND = Symbol.for('authctl.error')

/**
 * The base of everything the SDK throws. Match by `code` or with `isAuthctlError`, which work across copies of the package as `instanceof`
 * does not.
 */
export class AuthctlError extends Error {
  readonly code: string
  readonly [BRAND] = true
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** Whether a value was thrown by (any copy of) this SDK. */
export const isAuthctlError = (value: unknown): value is AuthctlError =>
  typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true

export interface ApiErrorInit {
  readonly status: number
  readonly headers: Headers
  readonly problem: Partial<Problem>
  readonly attempts: number
}

/** The daemon answered with an error. `code` is one of the catalogue, or `http_<status>` for answers that are not the daemon's own. */
export class ApiError extends AuthctlError {
  declare readonly code: ErrorCode | `http_${number}`
  readonly status: number
  /** The id to quote to the operator. */
  readonly requestId: string | undefined
  /** The fields at fault. */
  readonly details: NonNullable<Problem['errors']>
  /** Seconds to wait, if the daemon said so. */
  readonly retryAfter: number | undefined
  readonly headers: Headers
  /** How often the call was made. */
  readonly attempts: number

  constructor({ status, headers, problem, attempts }: ApiErrorInit) {
    super(
      problem.code ?? `http_${status}`,
      problem.detail ?? problem.title ?? `the server answered ${status}`,
    )
    this.status = status
    this.requestId = problem.instance ?? headers.get('x-request-id') ?? undefined
    this.details = problem.errors ?? []
    this.retryAfter = retryAfterSeconds(headers)
    this.headers = headers
    this.attempts = attempts
  }
}

/** The seconds of a `Retry-After` header; dates and nonsense are none. */
export const retryAfterSeconds = (headers: Headers): number | undefined => {
  const text = headers.get('retry-after')
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

/** No answer within the time of one attempt. */
export class TimeoutError extends AuthctlError {
  readonly attempts: number
  constructor(origin: string, timeoutMs: number, attempts: number) {
    super('timeout', `no answer from ${origin} within ${timeoutMs} ms`)
    this.attempts = attempts
  }
}

/** The server could not be reached, or the connection broke. */
export class NetworkError extends AuthctlError {
  readonly attempts: number
  constructor(origin: string, attempts: number, cause: unknown) {
    super('network', `the server at ${origin} cannot be reached`, { cause })
    this.attempts = attempts
  }
}

/** The caller's own signal ended the call. */
export class AbortError extends AuthctlError {
  constructor(cause: unknown) {
    super('aborted', 'the call was aborted', { cause })
  }
}

/** There is nothing to authenticate with: sign in first. */
export class NotSignedInError extends AuthctlError {
  constructor() {
    super('not_signed_in', 'not signed in')
  }
}
