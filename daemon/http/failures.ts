import type { Response } from 'express'
import type { ErrorForm } from '../contract/authentication.ts'
import { Failure } from '../domain/failure.ts'
import { StoreFailure } from '../ports/stores/index.ts'
import { sendProblem } from './problems.ts'
import { errorFormOf } from './request-context.ts'

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

/**
 * Anything thrown as a `Failure`; what is not expected becomes `internal`, with the cause kept for the log.
 */
export const toFailure = (error: unknown): Failure => {
  if (error instanceof Failure) return error
  if (error instanceof StoreFailure)
    return new Failure('unavailable', { retryAfterSeconds: STORE_RETRY_SECONDS, cause: error })
  const known = typeof error === 'object' && error !== null ? fromExpress(error) : undefined
  return known ?? new Failure('internal', { cause: error })
}

/** How a failure is written in each form. */
const WRITERS: Readonly<Record<ErrorForm, (response: Response, failure: Failure) => void>> = {
  problem: sendProblem,
}

/**
 * Answers with the failure, in the form of the route. When the reply has already begun, the connection is
 * cut, so that half a body is not taken for a whole one.
 */
export const sendFailure = (response: Response, failure: Failure): void => {
  if (response.headersSent) {
    response.destroy()
    return
  }
  if (failure.retryAfterSeconds !== undefined)
    response.setHeader('Retry-After', String(failure.retryAfterSeconds))
  response.setHeader('Cache-Control', 'no-store')
  WRITERS[errorFormOf(response)](response, failure)
}
