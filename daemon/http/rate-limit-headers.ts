import type { Quota } from '../domain/request-origin.ts'

const secondsOf = (ms: number): number => Math.max(0, Math.ceil(ms / 1000))

/** Lists of structured fields (RFC 9651): each item is the name of a quota, as a string, with parameters. */
const POLICY = ({ name, limit, windowMs }: Quota): string => `"${name}";q=${limit};w=${secondsOf(windowMs)}`
const STATE = ({ name, left }: Quota): string[] =>
  left === undefined ? [] : [`"${name}";r=${left.events};t=${secondsOf(left.resetMs)}`]

/** `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-11): what may be asked. */
export const policyText = (quotas: readonly Quota[]): string => quotas.map(POLICY).join(', ')

/** `RateLimit` of the same draft: what is left of the quotas; undefined when that is known of none. */
export const stateText = (quotas: readonly Quota[]): string | undefined => {
  const states = quotas.flatMap(STATE)
  return states.length > 0 ? states.join(', ') : undefined
}
