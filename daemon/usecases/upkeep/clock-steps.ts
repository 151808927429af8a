import type { Clock } from '../../ports/clock.ts'

/** How far a clock may drift, be slewed or be corrected before that counts as a step. */
const STEP_MS = 300_000
/** How long a clock has to run on from where it was put until that is believed. */
const BELIEVED_AFTER_MS = 3600_000

/**
 * Whether the clock can be believed when something is to be removed for its age: a clock that was put years
 * ahead by mistake would remove everything (K11). One that was stepped is believed an hour later.
 * @param uptimeMs milliseconds since some moment, which no step of the clock changes
 */
export const watchClockSteps = ({ now }: Clock, uptimeMs: () => number): (() => boolean) => {
  const lead = (): number => now() - uptimeMs()
  let believed = lead()
  let seen = { lead: believed, since: uptimeMs() }
  return () => {
    const present = lead()
    if (Math.abs(present - believed) <= STEP_MS) {
      believed = present
      return true
    }
    if (Math.abs(present - seen.lead) > STEP_MS) seen = { lead: present, since: uptimeMs() }
    if (uptimeMs() - seen.since < BELIEVED_AFTER_MS) return false
    believed = present
    return true
  }
}
