import type { CompiledStatement } from '../../../policies/index.ts'
import type { PolicyUse } from '../../domain/daemon-record.ts'
import { splitName } from '../../domain/policy-snapshot.ts'
import type { Clock } from '../../ports/clock.ts'

const MINUTE_MS = 60_000
/** For how long it is known that a policy has allowed something. */
export const USE_MS = 7 * 24 * 60 * MINUTE_MS
/** How many policies are known to have allowed something: those that did so last. */
export const MAX_KNOWN_USES = 1000

/** How many are remembered: managed policies too, which are not told of. */
const MAX_REMEMBERED = 2 * MAX_KNOWN_USES

/** Which policies have allowed something lately on this daemon, to the minute. */
export interface PolicyUses {
  /** Something was allowed by these statements. */
  readonly note: (allowing: readonly CompiledStatement[]) => void
  /** The latest of the last seven days, the last used first. */
  readonly latest: () => PolicyUse[]
}

/** Begins to remember what allows something: a time for each policy, whatever is asked. */
export const createPolicyUses = (clock: Clock): PolicyUses => {
  const usedAt = new Map<string, number>()
  const forget = (now: number): void => {
    for (const [policy, at] of usedAt) if (at <= now - USE_MS) usedAt.delete(policy)
  }
  /** The last used stand last, and the first are forgotten where there are too many. */
  const use = (policy: string, minute: number): void => {
    usedAt.delete(policy)
    usedAt.set(policy, minute)
    const [oldest] = usedAt.keys()
    if (usedAt.size > MAX_REMEMBERED && oldest !== undefined) usedAt.delete(oldest)
  }
  return {
    note: (allowing) => {
      const now = clock.now()
      const minute = now - (now % MINUTE_MS)
      for (const { policy } of allowing) if (usedAt.get(policy.name) !== minute) use(policy.name, minute)
    },
    latest: () => {
      forget(clock.now())
      return [...usedAt]
        .map(([policy, at]) => ({ policy, at }))
        .filter(({ policy }) => splitName(policy).namespace !== undefined)
        .sort((a, b) => b.at - a.at)
        .slice(0, MAX_KNOWN_USES)
    },
  }
}

/** Remembers nothing: where nobody asks. */
export const NO_USES: PolicyUses = { note: () => undefined, latest: () => [] }
