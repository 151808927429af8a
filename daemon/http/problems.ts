import type { Response } from 'express'
import { ERRORS, type ErrorCode } from '../contract/errors.ts'
import { Failure, type FieldError } from '../domain/failure.ts'
import { StoreFailure } from '../ports/stores/index.ts'

/** RFC 9457 problem details. */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: ErrorCode
  readonly errors?: readonly FieldError[]
  readonly decision_id?: string
}

const STORE_RETRY_SECONDS = 2

/** Errors of Express and its body reader, by their `type` or `status`. */
const fromExpress = (error: { type?: unknown; status?: unknown }): Failure | undefined => {
  if (error.type === 'entity.too.large') return new Failure('body_too_large')
  if (error.type === 'encoding.unsupported' || error.type === 'charset.unsupported')
    return new Failure('unsupported_media_type')
  if (typeof error.type === 'string' && /^(entity\.parse|request\.|encoding|stream)/.test(error.type))
    return new Failure('invalid_json')
  if (typeof error.status === 'number' && error.status >= 400 && error.status < 500)
    return new Failure('invalid_request')
  return undefined
}

/** Anything thrown as a `Failure`; what is not expected becomes `internal`, with the cause kept for the log. */
export const toFailure = (error: unknown): Failure => {
  if (error instanceof Failure) return error
  if (error instanceof StoreFailure)
    return new Failure('unavailable', { retryAfterSeconds: STORE_RETRY_SECONDS, cause: error })
  const known = typeof error === 'object' && error !== null ? fromExpress(error) : undefined
  return known ?? new Failure('internal', { cause: error })
}

const challengeOf = (code: ErrorCode): string =>
  code === 'invalid_token' || code === 'invalid_grant' ? 'Bearer error="invalid_token"' : 'Bearer'

/** The problem body of a failure. The text of 5xx answers is fixed; it never depends on the cause. */
export const problemOf = (failure: Failure, requestId: string): ProblemBody => {
  const { status, title, meaning } = ERRORS[failure.code]
  return {
    type: `urn:authctl:problem:${failure.code}`,
    title,
    status,
    detail: status >= 500 ? meaning : (failure.detail ?? meaning),
    instance: requestId,
    code: failure.code,
    ...(failure.errors === undefined ? {} : { errors: failure.errors }),
    ...(failure.decisionId === undefined ? {} : { decision_id: failure.decisionId }),
  }
}

/** Answers with the problem, unless the reply has already begun: then the connection is cut, so that half a body is not taken for a whole one. */
export const sendProblem = (response: Response, failure: Failure, requestId: string): void => {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const body = problemOf(failure, requestId)
  if (body.status === 401) response.setHeader('WWW-Authenticate', challengeOf(failure.code))
  if (failure.retryAfterSeconds !== undefined)
    response.setHeader('Retry-After', String(failure.retryAfterSeconds))
  response.setHeader('Cache-Control', 'no-store')
  response.status(body.status).type('application/problem+json').send(JSON.stringify(body))
}
