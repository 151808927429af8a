/** What the cleaning job removes once expired. */
export const SWEPT = [
  'otps',
  'sessions',
  'idempotency',
  'limits',
  'daemons',
  'devices',
  'spent',
  'agents',
] as const
/** A kind of record that the cleaning job removes. */
export type Swept = (typeof SWEPT)[number]

/**
 * Proof of holding a job; the number grows with every claim, and a holder with an older one has no effect.
 */
export interface Fence {
  readonly job: string
  readonly token: number
}

/** How far ahead a claimed slot may lie: the clocks of daemons differ, but not by years. */
export const MAX_SLOT_LEAD_MS = 86_400_000

/** Lets one daemon at a time do scheduled work (K10). */
export interface LeaseStore {
  /**
   * Claims one scheduled run of a job. Undefined: this slot (epoch ms of the schedule) or a later one was
   * claimed before, or another holder's lease has not passed. Over all processes each slot is claimed at most
   * once. A slot more than a day ahead of `now` was claimed by a clock that was wrong, and does not count.
   */
  claimSlot(claim: { job: string; slot: number; now: number; leaseMs: number }): Promise<Fence | undefined>
  /** Ends the lease early. Nothing happens if the fence is not the latest. */
  release(fence: Fence): Promise<void>
  /**
   * Deletes up to `limit` expired rows; answers how many. `stale`: the fence is not the latest, and nothing
   * was deleted.
   */
  sweep(swept: Swept, fence: Fence, now: number, limit: number): Promise<number>
}
