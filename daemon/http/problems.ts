import { ERROR_FORMS } from '../contract/authentication.ts'
import { ERRORS, type ErrorCode } from '../contract/errors.ts'
import type { Failure, FieldError } from '../domain/failure.ts'
import { sendText } from './answer.ts'
import type { Exchange } from './exchange.ts'

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

const CONTENT_TYPE = `${ERROR_FORMS.problem.contentType}; charset=utf-8`

/** Answers with the problem; `headers` are those that every failure has. */
export const sendProblem = (exchange: Exchange, failure: Failure, headers: string[]): void => {
  const body = problemOf(failure, exchange.requestId)
  if (body.status === 401) headers.push('WWW-Authenticate', challengeOf(failure.code))
  headers.push('Content-Type', CONTENT_TYPE)
  sendText(exchange.response, body.status, headers, JSON.stringify(body))
}
