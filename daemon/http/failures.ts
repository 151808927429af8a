import type { ErrorForm } from '../contract/authentication.ts'
import { ERRORS } from '../contract/errors.ts'
import { Failure } from '../domain/failure.ts'
import { StoreFailure } from '../ports/stores/index.ts'
import { sendOAuthError } from './oauth-errors.ts'
import { sendProblem } from './problems.ts'
import { answerHeaders, type Exchange } from './exchange.ts'

/** What cannot be answered now is asked again as soon as a store comes back, where nobody knows better. */
const RETRY_SECONDS = 2
const UNAVAILABLE = 503

/** Errors of Express: a request to a page beside the routes that it cannot read. */
const fromExpress = ({ status }: { status?: unknown }): Failure | undefined =>
  typeof status === 'number' && status >= 400 && status < 500 ? new Failure('invalid_request') : undefined

/**
 * Anything thrown as a `Failure`; what is not expected becomes `internal`, with the cause kept for the log.
 */
export const toFailure = (error: unknown): Failure => {
  if (error instanceof Failure) return error
  if (error instanceof StoreFailure) return new Failure('unavailable', { cause: error })
  const known = typeof error === 'object' && error !== null ? fromExpress(error) : undefined
  return known ?? new Failure('internal', { cause: error })
}

/** How a failure is written in each form. */
const WRITERS: Readonly<
  Record<ErrorForm, (exchange: Exchange, failure: Failure, headers: string[]) => void>
> = {
  problem: sendProblem,
  oauth: sendOAuthError,
}

const defaultRetrySeconds = ({ code }: Failure): number | undefined =>
  ERRORS[code].status === UNAVAILABLE ? RETRY_SECONDS : undefined

/**
 * Answers with the failure, in the form of the route. When the reply has already begun, the connection is
 * cut, so that half a body is not taken for a whole one.
 */
export const sendFailure = (exchange: Exchange, failure: Failure): void => {
  if (exchange.response.headersSent) {
    exchange.response.destroy()
    return
  }
  const headers = answerHeaders(exchange)
  const { retryAfterSeconds = defaultRetrySeconds(failure) } = failure
  if (retryAfterSeconds !== undefined) headers.push('Retry-After', String(retryAfterSeconds))
  headers.push('Cache-Control', 'no-store')
  WRITERS[exchange.errorForm](exchange, failure, headers)
}
