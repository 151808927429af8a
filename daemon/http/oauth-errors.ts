import { statusOf } from '../contract/authentication.ts'
import { ERRORS } from '../contract/errors.ts'
import { descriptionOf, registeredError } from '../contract/oauth-errors.ts'
import type { Failure } from '../domain/failure.ts'
import { sendText } from './answer.ts'
import type { Exchange } from './exchange.ts'

/** What the caller reads: the catalogue's text, or the failure's own with the parameters at fault. */
const describe = ({ code, detail, errors = [] }: Failure): string => {
  const { status, meaning } = ERRORS[code]
  if (status >= 500) return meaning
  const faults = errors.map((each) => `${each.pointer.replace(/^\//, '')}: ${each.detail}`)
  return faults.length > 0 ? faults.join(' ') : (detail ?? meaning)
}

/** How to authenticate: by the scheme that was tried (RFC 6749 section 5.2). */
const challengeOf = (failure: Failure): string =>
  failure.code === 'invalid_token'
    ? 'Bearer realm="authctl", error="invalid_token"'
    : 'Basic realm="authctl", charset="UTF-8"'

/** Answers with the failure as OAuth has it (RFC 6749 section 5.2); `headers` are those of every failure. */
export const sendOAuthError = (exchange: Exchange, failure: Failure, headers: string[]): void => {
  const status = statusOf('oauth', failure.code)
  if (status === 401) headers.push('WWW-Authenticate', challengeOf(failure))
  headers.push('Content-Type', 'application/json; charset=utf-8')
  const body = { error: registeredError(failure.code), error_description: descriptionOf(describe(failure)) }
  sendText(exchange.response, status, headers, JSON.stringify(body))
}
