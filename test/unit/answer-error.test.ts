import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { ERROR_FORMS } from '../../daemon/contract/authentication.ts'
import { ERRORS, type ErrorCode } from '../../daemon/contract/errors.ts'
import { Failure } from '../../daemon/domain/failure.ts'
import { createAnswerError } from '../../daemon/http/answer-error.ts'
import { openExchange } from '../../daemon/http/exchange.ts'
import type { Log } from '../../daemon/ports/log.ts'
import { StoreFailure } from '../../daemon/ports/stores/index.ts'
import { retryStale } from '../../daemon/usecases/store-failures.ts'

const CODES = Object.keys(ERRORS) as ErrorCode[]

/** What is answered to an error, and what the log says of it. */
const answerTo = (error: unknown, form: keyof typeof ERROR_FORMS = 'problem') => {
  const logged: object[] = []
  let answered: { status: number; headers: string[] } | undefined
  const write = (level: string) => (fields: object, message: string) =>
    logged.push({ level, message, ...fields })
  const log = Object.fromEntries(
    ['debug', 'info', 'warn', 'error'].map((level) => [level, write(level)]),
  ) as unknown as Log
  const response = {
    headersSent: false,
    writeHead: (status: number, headers: string[]) => (answered = { status, headers }),
    end: () => undefined,
  } as unknown as ServerResponse
  const exchange = openExchange({ headers: {} } as IncomingMessage, response, undefined)
  exchange.errorForm = form
  createAnswerError(log)(exchange, error)
  const headers = answered?.headers ?? []
  const at = headers.indexOf('Retry-After')
  return { status: answered?.status, retryAfter: at === -1 ? undefined : headers[at + 1], logged }
}

test.each(['problem', 'oauth'] as const)(
  'who is told that something is not available is told when to ask again: %s',
  (form) => {
    for (const code of CODES) {
      const { retryAfter } = answerTo(new Failure(code), form)
      expect(retryAfter !== undefined, code).toBe(ERRORS[code].status === 503)
    }
    expect(answerTo(new Failure('overloaded', { retryAfterSeconds: 7 }), form).retryAfter).toBe('7')
    expect(answerTo(new StoreFailure('unavailable', 'gone'), form)).toMatchObject({
      status: 503,
      retryAfter: '2',
    })
  },
)

test('why a write came too late each time is in the log', async () => {
  const late = (): Promise<never> => Promise.reject(new StoreFailure('stale', 'late'))
  const error: unknown = await retryStale(late, { times: 2, what: 'the policies of root' }).catch(
    (thrown: unknown) => thrown,
  )
  expect(answerTo(error)).toMatchObject({
    status: 503,
    logged: [{ level: 'warn', code: 'unavailable', reason: 'too many writers at the policies of root' }],
  })
})
