import { REFRESH_TIMEOUT_MS } from './sender.ts'
import { MAX_RETRY_AFTER_SECONDS } from './transport.ts'

/** What bounds a call; each has the default of the client. */
export interface CallTimes {
  readonly timeoutMs?: number | undefined
  readonly deadlineMs?: number | undefined
  readonly retries?: number | undefined
  /** How long the storage lets a refresh wait for its turn. Default 5,000, as in `/session`. */
  readonly lockMs?: number | undefined
}

/**
 * The time of all attempts, with a pause after each but the last as long as a server may ask for, which is
 * longer than any other.
 */
const attemptsMs = (timeoutMs: number, retries: number): number =>
  timeoutMs + (retries > 0 ? retries * (MAX_RETRY_AFTER_SECONDS * 1000 + timeoutMs) : 0)

/**
 * The longest time in milliseconds that a call with an access token can take: a refresh ahead of it, the
 * call, a refresh because the server refused the token after all, and the call again, each with its
 * repeats. With `deadlineMs` it is never more than that. Where a call has more retries than the client, ask
 * with those: a refresh is made with the client's. Storage that answers late is not in it: without a
 * deadline, it is bounded by itself or not at all.
 */
export const longestCallMs = ({
  timeoutMs = 15_000,
  deadlineMs = Infinity,
  retries = 2,
  lockMs = 5000,
}: CallTimes = {}): number => {
  const refreshMs = lockMs + attemptsMs(Math.min(timeoutMs, REFRESH_TIMEOUT_MS), retries)
  return Math.min(deadlineMs, 2 * (refreshMs + attemptsMs(timeoutMs, retries)))
}
