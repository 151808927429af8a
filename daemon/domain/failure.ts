import type { ErrorCode } from '../contract/errors.ts'

/** One field that is wrong, and why. */
export interface FieldError {
  /** JSON pointer, or `/query/NAME`, `/path/NAME`, `/header/NAME`. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

interface FailureOptions {
  /** Replaces the catalogue's meaning; never carries a secret or a driver's text. */
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
  /** By which those who may ask can have a denial explained. */
  readonly decisionId?: string
  /** The true reason, for the audit record only. */
  readonly reason?: string
  readonly cause?: unknown
}

/**
 * The one throwable of domain and use cases: a code of the catalogue and what the caller may know about it.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: ErrorCode
  readonly detail: string | undefined
  readonly errors: readonly FieldError[] | undefined
  readonly retryAfterSeconds: number | undefined
  readonly reason: string | undefined
  readonly decisionId: string | undefined

  constructor(code: ErrorCode, options: FailureOptions = {}) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.detail = options.detail
    this.errors = options.errors
    this.retryAfterSeconds = options.retryAfterSeconds
    this.reason = options.reason
    this.decisionId = options.decisionId
  }
}

/** What is not there and what the caller may not see are answered alike. */
export const notFound = (): never => {
  throw new Failure('not_found')
}
