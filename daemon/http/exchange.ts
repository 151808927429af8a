import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Response } from 'express'
import type { ErrorForm } from '../contract/authentication.ts'
import { peerAddress } from '../domain/address.ts'
import type { RequestOrigin, SeenRequest } from '../domain/request-origin.ts'
import { policyText, stateText } from './rate-limit-headers.ts'
import { readTrace, type TraceContext } from './trace-context.ts'

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/
/** The platform writes other letters than it has read. */
const ASCII = /^[\x20-\x7e]+$/
const MAX_USER_AGENT = 200
const MAX_REMEMBERED_PEERS = 1000

/** One request, its answer, and what becomes known of them on the way. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The caller's `X-Request-Id` if it is harmless, otherwise a new one. */
  readonly requestId: string
  /** Undefined when the peer is already gone. */
  readonly ip: string | undefined
  readonly trace: TraceContext | undefined
  /** When it came, by `performance.now`. */
  readonly startedAt: number
  /**
   * The template of the route that answers, or `unmatched`; a path is never logged, for it may hold a secret.
   */
  route: string
  /** How errors of the route are answered. */
  errorForm: ErrorForm
  /** The account that asks, once it is known. */
  actorId: string | undefined
  /** Takes it out of the count of those that are to be answered soon. */
  detach: () => void
  /** The headers of the answer so far: names and values in turn. */
  readonly headers: string[]
  /** The quotas that the request was counted against, as headers tell them. */
  quotaPolicy: string | undefined
  quotaState: string | undefined
}

/** Begins an exchange; `ip` is that of the peer, behind as many proxies as are trusted. */
export const openExchange = (
  request: IncomingMessage,
  response: ServerResponse,
  ip: string | undefined,
): Exchange => {
  const offered = request.headers['x-request-id']
  const requestId = typeof offered === 'string' && REQUEST_ID.test(offered) ? offered : randomUUID()
  return {
    request,
    response,
    requestId,
    ip,
    trace: readTrace(request.headers['traceparent']),
    startedAt: performance.now(),
    route: 'unmatched',
    errorForm: 'problem',
    actorId: undefined,
    detach: () => undefined,
    headers: ['X-Request-Id', requestId],
    quotaPolicy: undefined,
    quotaState: undefined,
  }
}

/** Answers under the caller's own `X-Request-Id`, whatever ASCII it is; the log has one that is harmless. */
export const echoRequestId = ({ request, headers }: Exchange): void => {
  const offered = request.headers['x-request-id']
  if (typeof offered === 'string' && ASCII.test(offered))
    headers[headers.indexOf('X-Request-Id') + 1] = offered
}

/** Lets pages beside the routes find the exchange again. */
export const attachExchange = (exchange: Exchange): void => {
  Object.assign(exchange.response, { locals: { exchange } })
}

/** The exchange of a page beside the routes. */
export const exchangeOf = (response: Response): Exchange => response.locals['exchange'] as Exchange

/** Notes which page answers. */
export const setRoute = (response: Response, route: string): void => {
  exchangeOf(response).route = route
}

/** The headers of the answer with the quotas: names and values in turn, in a list of its own. */
export const answerHeaders = ({ headers, quotaPolicy, quotaState }: Exchange): string[] => {
  const all = [...headers]
  if (quotaPolicy !== undefined) all.push('RateLimit-Policy', quotaPolicy)
  if (quotaState !== undefined) all.push('RateLimit', quotaState)
  return all
}

/** By what the log tells one request from another, and whose it was. */
export const logFieldsOf = ({ requestId, trace, actorId }: Exchange) => ({
  requestId,
  ...(trace === undefined ? {} : { traceId: trace.traceId }),
  ...(actorId === undefined ? {} : { actorId }),
})

const peers = new Map<string | undefined, string | null>()

/** The address in its one spelling; those of late are remembered, for most requests come from few. */
const addressOf = (ip: string | undefined): string | null => {
  const known = peers.get(ip)
  if (known !== undefined) return known
  if (peers.size >= MAX_REMEMBERED_PEERS) peers.clear()
  const address = peerAddress(ip)
  peers.set(ip, address)
  return address
}

const MAX_ECHO = 200

/** A header as it was sent, cut; several of one name are one list. */
const sentHeader = ({ headers }: IncomingMessage, name: string): string | null => {
  const text = [headers[name] ?? []].flat().join(', ').slice(0, MAX_ECHO)
  return text === '' ? null : text
}

const seenOf = ({ request }: Exchange): SeenRequest => ({
  peer: addressOf(request.socket.remoteAddress),
  host: sentHeader(request, 'host'),
  forwardedFor: (sentHeader(request, 'x-forwarded-for') ?? '').split(/\s*,\s*/).filter((part) => part !== ''),
  forwardedProto: sentHeader(request, 'x-forwarded-proto'),
  forwardedHost: sentHeader(request, 'x-forwarded-host'),
})

/** Where the request comes from, as use cases and audit events know it. */
export const originOf = (exchange: Exchange): RequestOrigin => ({
  ip: addressOf(exchange.ip),
  userAgent: exchange.request.headers['user-agent']?.slice(0, MAX_USER_AGENT) ?? null,
  requestId: exchange.requestId,
  traceparent: exchange.trace?.traceparent,
  seen: () => seenOf(exchange),
  tellQuotas: (quotas) => {
    exchange.quotaPolicy = policyText(quotas)
    exchange.quotaState = stateText(quotas) ?? exchange.quotaState
  },
})
