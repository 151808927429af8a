/** How many events of one key are allowed. */
import type { Throttle } from '../../domain/throttle.ts'

export interface Limit {
  /** What is counted, such as `otp-send:+919876543210`. */
  readonly key: string
  /**
   * At most `limit` in each window of `windowMs`, which begins with the first event in it. All windows of a
   * key count together.
   */
  readonly windows: readonly { readonly limit: number; readonly windowMs: number }[]
}

/** Whether the event is allowed; if not, which limit is full and for how long. */
export type LimitOutcome =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly key: string; readonly retryAfterMs: number }

/** Counts events over all daemons (F8). */
export interface LimitStore {
  /**
   * Takes one event from each limit in turn and stops at the first that has none left; what was taken before
   * stays taken. A refused event is not counted. Exact over all processes: in one window never more than
   * `limit` are allowed.
   */
  take(limits: readonly Limit[], now: number): Promise<LimitOutcome>
  /**
   * Counts one event, after which the next has to wait as long as `waitAfter` says; before that time it is
   * refused and not counted. One conditional write, exact over all processes: of parallel events no more are
   * allowed than one after the other.
   */
  wait(throttle: Throttle, now: number): Promise<LimitOutcome>
  /** Forgets what was counted for a key, such as wrong guesses after a success. */
  forget(key: string): Promise<void>
}
