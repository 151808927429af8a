import type { Response } from 'express'
import { ERROR_FORMS } from '../contract/authentication.ts'
import { ERRORS, type ErrorCode } from '../contract/errors.ts'
import type { Failure, FieldError } from '../domain/failure.ts'
import { requestIdOf } from './request-context.ts'

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

/** Answers with the problem. */
export const sendProblem = (response: Response, failure: Failure): void => {
  const body = problemOf(failure, requestIdOf(response))
  if (body.status === 401) response.setHeader('WWW-Authenticate', challengeOf(failure.code))
  response.status(body.status).type(ERROR_FORMS.problem.contentType).send(JSON.stringify(body))
}
