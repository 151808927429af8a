import { listOf } from '../engine/condition.ts'
import type { Invariant, InvariantKind, InvariantRule, Selector } from '../language.ts'
import { INVARIANT_KINDS } from '../language.ts'

/** The one rule of an invariant, with its kind. */
export const ruleOf = (invariant: Invariant): { kind: InvariantKind; rule: InvariantRule } => {
  const kind = INVARIANT_KINDS.find((each) => invariant[each] !== undefined) ?? 'neverGrants'
  return { kind, rule: invariant[kind] ?? {} }
}

/** The selectors of a rule; none, if it is about everybody. */
export const selectorsOf = ({ to }: InvariantRule): readonly Selector[] =>
  to === undefined ? [] : listOf<Selector>(to)
