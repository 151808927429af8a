import { randomUUID } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'
import { peerAddress } from '../domain/address.ts'
import type { RequestOrigin } from '../domain/request-origin.ts'

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/
const MAX_USER_AGENT = 200

interface Context {
  requestId: string
  /** The template of the matched route; the path itself is never logged, for it may hold a secret. */
  route: string
}

const contextOf = (response: Response): Context => response.locals as Context

/** Gives every request an id: the caller's `X-Request-Id` if it is harmless, otherwise a new one. */
export const identifyRequest = (request: Request, response: Response, next: NextFunction): void => {
  const offered = request.headers['x-request-id']
  const requestId = typeof offered === 'string' && REQUEST_ID.test(offered) ? offered : randomUUID()
  Object.assign(response.locals, { requestId, route: 'unmatched' } satisfies Context)
  response.setHeader('X-Request-Id', requestId)
  next()
}

export const requestIdOf = (response: Response): string => contextOf(response).requestId
export const routeOf = (response: Response): string => contextOf(response).route
export const setRoute = (response: Response, template: string): void => {
  contextOf(response).route = template
}

/** Where the request comes from, as use cases and audit events know it. */
export const originOf = (request: Request, response: Response): RequestOrigin => ({
  ip: peerAddress(request.ip),
  userAgent: request.headers['user-agent']?.slice(0, MAX_USER_AGENT) ?? null,
  requestId: requestIdOf(response),
})
