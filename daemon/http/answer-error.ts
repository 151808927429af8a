import { PART_GONE } from '../domain/part.ts'
import type { Log } from '../ports/log.ts'
import { logFieldsOf, type Exchange } from './exchange.ts'
import { sendFailure, toFailure } from './failures.ts'

const MAX_LOGGED_CAUSES = 5

/** A cause chain for the log: names, codes and stacks of our own errors; never a request. */
const describe = (error: unknown): object => {
  const chain: object[] = []
  let cause = error
  while (cause instanceof Error && chain.length < MAX_LOGGED_CAUSES) {
    chain.push({ name: cause.name, message: cause.message, stack: cause.stack })
    cause = cause.cause
  }
  return { causes: chain }
}

/** Answers with what was thrown; what the caller does not hear goes to the log. */
export const createAnswerError =
  (log: Log) =>
  (exchange: Exchange, error: unknown): void => {
    const failure = toFailure(error)
    const about = { ...logFieldsOf(exchange), route: exchange.route, code: failure.code }
    if (failure.code === 'internal') log.error({ ...about, ...describe(failure.cause) }, 'internal error')
    else if (failure.reason === PART_GONE) log.error({ ...about, ...describe(failure.cause) }, PART_GONE)
    else if (failure.code === 'unavailable' && failure.reason !== undefined)
      log.warn({ ...about, reason: failure.reason, ...describe(failure.cause) }, 'unavailable')
    else if (failure.code === 'unavailable')
      log.warn({ ...about, ...describe(failure.cause) }, 'store unavailable')
    else if (failure.code === 'forbidden' && failure.cause !== undefined)
      log.error({ ...about, reason: failure.reason, ...describe(failure.cause) }, 'error while deciding')
    else if (failure.reason !== undefined) log.debug({ ...about, reason: failure.reason }, 'refused')
    sendFailure(exchange, failure)
  }
