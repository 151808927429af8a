import type { Charge, ChargeOutcome, Counted, LimitWindow } from '../../domain/charge.ts'
import type { Throttle } from '../../domain/throttle.ts'

/** How often something may happen. */
export interface Limit {
  /** What is counted, such as `password-change:<id>`. */
  readonly key: string
  /**
   * At most `limit` in each window of `windowMs`, which begins with the first event in it. All windows of a
   * key count together.
   */
  readonly windows: readonly LimitWindow[]
}

/** Whether an event was counted, or what has nothing left. */
export type LimitOutcome = ChargeOutcome

/** How a `take` ended. */
export type TakeOutcome = LimitOutcome & {
  /** What is counted now in the windows of each limit that the event was counted against, in their order. */
  readonly counted: readonly (readonly Counted[])[]
}

/** What is counted for a key, as it was written last: windows that are over may still be in it. */
export interface CountedKey {
  readonly key: string
  readonly windows: readonly Counted[]
}

/** Counts what is limited, exactly over all processes. */
export interface LimitStore {
  /**
   * Takes one event from each limit in turn and stops at the first that has none left; what was taken before
   * stays taken. A refused event is not counted. Exact over all processes: in one window never more than
   * `limit` are allowed.
   */
  take(limits: readonly Limit[], now: number): Promise<TakeOutcome>
  /**
   * Counts one event, after which the next has to wait as long as `waitAfter` says; before that time it is
   * refused and not counted. One conditional write, exact over all processes: of parallel events no more are
   * allowed than one after the other.
   */
  wait(throttle: Throttle, now: number): Promise<LimitOutcome>
  /**
   * Counts one event against all charges in one write, as `judgeCharges` decides, or against none of them.
   * Exact over all processes.
   */
  takeAll(charges: readonly Charge[], now: number): Promise<LimitOutcome>
  /** Counts a confirmation for each key of a conversion charge. */
  confirm(keys: readonly string[], now: number): Promise<void>
  /** What is counted under keys that begin with `prefix`, in the order of the keys; for operators. */
  list(prefix: string): Promise<CountedKey[]>
  /** Forgets what was counted for a key, such as wrong guesses after a success. */
  forget(key: string): Promise<void>
}
