import type { Decider } from './decider.ts'
import type { Lineage } from './lineage.ts'
import type { Answered, PolicyState } from './state.ts'

/** What a question is decided by. */
export interface Holding {
  readonly state: PolicyState
  readonly lineage: Lineage
}

/**
 * What decides now, or the denial where that is not at hand; by decider, for functions beside it, so that
 * applications bundle only those that they use.
 */
export const holdings = new WeakMap<Decider, (principal: string) => Answered | Holding>()
