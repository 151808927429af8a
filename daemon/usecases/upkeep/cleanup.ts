import { StoreFailure, SWEPT, type Fence, type LeaseStore } from '../../ports/stores/index.ts'
import type { Clock } from '../../ports/clock.ts'

/** The name under which the lease of the cleaning job is held. */
export const CLEANUP_JOB = 'cleanup'
/** A tick that takes longer loses its lease to the next one, which then goes on. */
const LEASE_MS = 60_000
const ROWS_PER_STEP = 1000

/**
 * One tick of the cleaning job: claims the slot and deletes what has expired, in steps. Undefined when
 * another daemon has the slot. A holder whose lease was taken over (it was stopped, or too slow) has no
 * further effect: every step carries the fence.
 */
export const createCleanup =
  ({ leases, clock }: { leases: LeaseStore; clock: Clock }) =>
  async (slot: number): Promise<number | undefined> => {
    const fence = await leases.claimSlot({ job: CLEANUP_JOB, slot, now: clock.now(), leaseMs: LEASE_MS })
    if (fence === undefined) return undefined
    try {
      const deleted = await sweepAll(leases, fence, clock)
      await leases.release(fence)
      return deleted
    } catch (error) {
      if (error instanceof StoreFailure && error.kind === 'stale') return undefined
      throw error
    }
  }

const sweepAll = async (leases: LeaseStore, fence: Fence, clock: Clock): Promise<number> => {
  let total = 0
  for (const swept of SWEPT) {
    let deleted = ROWS_PER_STEP
    while (deleted === ROWS_PER_STEP) {
      deleted = await leases.sweep(swept, fence, clock.now(), ROWS_PER_STEP)
      total += deleted
    }
  }
  return total
}
