import { listOf } from '../engine/condition.ts'
import { globUnits, matchGlob } from '../engine/match.ts'
import type { Invariant, InvariantKind, InvariantRule, Scalar, Selector } from '../language.ts'
import { INVARIANT_KINDS } from '../language.ts'

/** An account as selectors see it. */
export interface Subject {
  readonly id: string
  readonly role: string
  readonly attributes: Readonly<Record<string, Scalar>>
  /** Whether a username is its own, whatever its case. */
  readonly isCalled: (username: string) => boolean
}

const hasAttributes = ({ attributes: wanted = {} }: Selector, { attributes }: Pick<Subject, 'attributes'>) =>
  Object.entries(wanted).every(
    ([name, value]) => Object.hasOwn(attributes, name) && String(attributes[name]) === String(value),
  )

/** Whether a selector selects an account: by its id, its username, or its role and attributes. */
export const selects = (to: Selector, subject: Subject): boolean => {
  if (to.id !== undefined) return to.id === subject.id
  if (to.username !== undefined) return subject.isCalled(to.username)
  return to.role === subject.role && hasAttributes(to, subject)
}

/** A rule that is proved, with its kind. */
export interface ProvedRule {
  readonly kind: InvariantKind
  readonly rule: InvariantRule
}

/** The rule of an invariant that is proved; undefined, if it is about who changes objects. */
export const ruleOf = (invariant: Invariant): ProvedRule | undefined => {
  for (const kind of INVARIANT_KINDS) {
    const rule = invariant[kind]
    if (rule !== undefined) return { kind, rule }
  }
  return undefined
}

/** The selectors of a rule; none, if it is about everybody. */
export const selectorsOf = ({ to }: InvariantRule): readonly Selector[] =>
  to === undefined ? [] : listOf<Selector>(to)

/** Whether a rule says something of an account; of `onlyBy`, that it is none of the named ones. */
export const isAbout = ({ kind, rule }: ProvedRule, subject: Subject): boolean => {
  const selectors = selectorsOf(rule)
  const isSelected = selectors.some((to) => selects(to, subject))
  if (kind === 'onlyBy') return !isSelected
  return isSelected || (kind === 'neverGrants' && rule.to === undefined)
}

/**
 * The invariants by which an object is changed by two accounts together; `key` is `kind/name`. An invariant
 * that says so is such an object itself.
 */
export const approvalsFor = (key: string, invariants: readonly Invariant[]): Invariant[] =>
  invariants.filter(({ invariant, needsApproval }) => {
    if (needsApproval === undefined) return false
    return (
      key === `invariant/${invariant}` ||
      listOf<string>(needsApproval.objects).some((pattern) => matchGlob(globUnits(pattern), key))
    )
  })
