import type { ErrorCode, Problem } from './types.gen.ts'

const BRAND = Symbol.for('authctl.error')

/**
 * The base of everything the SDK throws. Match by `code` or with `isAuthctlError`, which work across copies
 * of the package as `instanceof` does not.
 */
export class AuthctlError extends Error {
  declare readonly code: string
  declare readonly [BRAND]: true
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this[BRAND] = true
  }
}

/** Whether a value was thrown by (any copy of) this SDK. */
export const isAuthctlError = (value: unknown): value is AuthctlError =>
  typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true

/** What came back with an error status. */
export interface ApiErrorInit {
  readonly status: number
  readonly headers: Headers
  /** The parsed body, whatever it is. */
  readonly body: unknown
  readonly attempts: number
  /** The id that the request was sent with. */
  readonly requestId: string
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** The fields of a body, whatever it is. */
export type Fields = Readonly<Record<string, unknown>>

/** Whether a body has fields. */
export const isFields = (body: unknown): body is Fields => typeof body === 'object' && body !== null

/**
 * The daemon answered with an error. `code` is one of the catalogue (below `/oauth` one of OAuth's), or
 * `http_<status>` for answers that are not the daemon's own.
 */
export class ApiError extends AuthctlError {
  declare readonly code: ErrorCode | `http_${number}`
  declare readonly status: number
  /** The id to quote to the operator. */
  declare readonly requestId: string
  /** For a denial by the policies: `access.explain` says why to those who may ask. */
  declare readonly decisionId: string | undefined
  /** The fields at fault. */
  declare readonly details: NonNullable<Problem['errors']>
  /** Seconds to wait, if the daemon said so. */
  declare readonly retryAfter: number | undefined
  declare readonly headers: Headers
  /** How many requests the call made. */
  declare readonly attempts: number

  constructor({ status, headers, body, attempts, requestId }: ApiErrorInit) {
    // A body that is not the daemon's may have fields of other types: those are left out.
    const fields = isFields(body) ? body : {}
    const { code, detail, title, instance, decision_id: decisionId, errors } = fields
    super(
      textOf(code ?? fields['error']) ?? `http_${status}`,
      textOf(detail) ??
        textOf(title ?? fields['error_description']) ??
        `the server answered ${status} with a body that is not its own`,
    )
    this.status = status
    this.requestId = textOf(instance) ?? headers.get('x-request-id') ?? requestId
    this.decisionId = textOf(decisionId)
    this.details = Array.isArray(errors) ? (errors as NonNullable<Problem['errors']>) : []
    this.retryAfter = retryAfterSeconds(headers)
    this.headers = headers
    this.attempts = attempts
  }
}

/** Whether a value is an `ApiError` of any copy of this SDK. */
export const isApiError = (value: unknown): value is ApiError => isAuthctlError(value) && 'status' in value

/** The seconds of a `Retry-After` header (RFC 9110 section 10.2.3: seconds or a date); nonsense is none. */
export const retryAfterSeconds = (headers: Headers): number | undefined => {
  const text = headers.get('retry-after') ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const at = text.endsWith(' GMT') ? Date.parse(text) : -1
  return at >= 0 ? Math.max(0, Math.ceil((at - Date.now()) / 1000)) : undefined
}

/** How far a call had come that got no answer. */
interface Unanswered {
  readonly attempts: number
  readonly requestId: string
}

/** A call that got no answer. */
export class UnansweredError extends AuthctlError {
  declare readonly attempts: number
  /** The id under which the request is in the daemon's log, if it arrived. */
  declare readonly requestId: string
  constructor(text: readonly [code: string, message: string], call: Unanswered, cause?: unknown) {
    super(...text, { cause })
    this.attempts = call.attempts
    this.requestId = call.requestId
  }
}

/** No answer within the time of one attempt, or within the total deadline. */
export class TimeoutError extends UnansweredError {
  constructor(origin: string, timeoutMs: number, call: Unanswered) {
    super(['timeout', `no answer from ${origin} within ${timeoutMs} ms`], call)
  }
}

/** The server could not be reached, or the connection broke. */
export class NetworkError extends UnansweredError {
  constructor(origin: string, call: Unanswered, cause: unknown) {
    super(['network', `the server at ${origin} cannot be reached`], call, cause)
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

/**
 * The call cannot be sent as it was made: an empty id, a path that is none, a header that HTTP does not
 * allow, a text that ends in the middle of a character, a body that is no JSON.
 */
export class ArgumentError extends AuthctlError {
  constructor(message: string, cause?: unknown) {
    super('invalid_argument', message, { cause })
  }
}
