import type { Decider } from './decider.ts'
import type { Answered, Lineage, PolicyState } from './state.ts'
import type { Question } from './types.ts'

/** What a question is decided by. */
export interface Holding {
  readonly state: PolicyState
  readonly lineage: Lineage
}

/**
 * What decides now, or the denial where that is not at hand; by decider, for functions beside it, so that
 * applications bundle only those that they use.
 */
export const holdings = new WeakMap<Decider, (question: Question) => Answered | Holding>()
