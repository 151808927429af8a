import { randomUUID } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'
import type { ErrorForm } from '../contract/authentication.ts'
import { peerAddress } from '../domain/address.ts'
import type { RequestOrigin } from '../domain/request-origin.ts'
import { setQuotas } from './rate-limit-headers.ts'
import { readTrace, type TraceContext } from './trace-context.ts'

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/
const MAX_USER_AGENT = 200

interface Context {
  requestId: string
  /** The template of the matched route; the path itself is never logged, for it may hold a secret. */
  route: string
  /** How errors of the route are answered. */
  errorForm: ErrorForm
  trace: TraceContext | undefined
  /** The account that asks, once it is known. */
  actorId: string | undefined
}

const contextOf = (response: Response): Context => response.locals as Context

/** Gives every request an id: the caller's `X-Request-Id` if it is harmless, otherwise a new one. */
export const identifyRequest = (request: Request, response: Response, next: NextFunction): void => {
  const offered = request.headers['x-request-id']
  const requestId = typeof offered === 'string' && REQUEST_ID.test(offered) ? offered : randomUUID()
  Object.assign(response.locals, {
    requestId,
    route: 'unmatched',
    errorForm: 'problem',
    trace: readTrace(request.headers['traceparent']),
    actorId: undefined,
  } satisfies Context)
  response.setHeader('X-Request-Id', requestId)
  next()
}

/** The id of the request that is answered. */
export const requestIdOf = (response: Response): string => contextOf(response).requestId
/** The template of the route that answers; `unmatched` where there is none. */
export const routeOf = (response: Response): string => contextOf(response).route
/** The form in which an error is answered. */
export const errorFormOf = (response: Response): ErrorForm => contextOf(response).errorForm

/** Notes which route answers: the template of its path, and the form of its errors. */
export const setRoute = (response: Response, route: string, errorForm: ErrorForm = 'problem'): void => {
  Object.assign(contextOf(response), { route, errorForm } satisfies Partial<Context>)
}

/** Notes who asks. */
export const setActor = (response: Response, actorId: string): void => {
  contextOf(response).actorId = actorId
}

/** By what the log tells one request from another, and whose it was. */
export const logFieldsOf = (response: Response) => {
  const { requestId, trace, actorId } = contextOf(response)
  return {
    requestId,
    ...(trace === undefined ? {} : { traceId: trace.traceId }),
    ...(actorId === undefined ? {} : { actorId }),
  }
}

/** Where the request comes from, as use cases and audit events know it. */
export const originOf = (request: Request, response: Response): RequestOrigin => ({
  ip: peerAddress(request.ip),
  userAgent: request.headers['user-agent']?.slice(0, MAX_USER_AGENT) ?? null,
  requestId: requestIdOf(response),
  traceparent: contextOf(response).trace?.traceparent,
  tellQuotas: (quotas) => setQuotas(response, quotas),
})
