import type { Response } from 'express'
import type { Quota } from '../domain/request-origin.ts'

const secondsOf = (ms: number): number => Math.max(0, Math.ceil(ms / 1000))

/** Lists of structured fields (RFC 9651): each item is the name of a quota, as a string, with parameters. */
const POLICY = ({ name, limit, windowMs }: Quota): string => `"${name}";q=${limit};w=${secondsOf(windowMs)}`
const STATE = ({ name, left }: Quota): string[] =>
  left === undefined ? [] : [`"${name}";r=${left.events};t=${secondsOf(left.resetMs)}`]

/**
 * Tells of quotas by `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11): what may
 * be asked, and what is left of it.
 */
export const setQuotas = (response: Response, quotas: readonly Quota[]): void => {
  if (response.headersSent) return
  response.setHeader('RateLimit-Policy', quotas.map(POLICY).join(', '))
  const states = quotas.flatMap(STATE)
  if (states.length > 0) response.setHeader('RateLimit', states.join(', '))
}
