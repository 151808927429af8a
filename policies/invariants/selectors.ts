import { listOf } from '../engine/condition.ts'
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

/** The one rule of an invariant, with its kind. */
export const ruleOf = (invariant: Invariant): { kind: InvariantKind; rule: InvariantRule } => {
  const kind = INVARIANT_KINDS.find((each) => invariant[each] !== undefined) ?? 'neverGrants'
  return { kind, rule: invariant[kind] ?? {} }
}

/** The selectors of a rule; none, if it is about everybody. */
export const selectorsOf = ({ to }: InvariantRule): readonly Selector[] =>
  to === undefined ? [] : listOf<Selector>(to)

/** Whether an invariant says something of an account; of `onlyBy`, that it is none of the named ones. */
export const isAbout = (invariant: Invariant, subject: Subject): boolean => {
  const { kind, rule } = ruleOf(invariant)
  const selectors = selectorsOf(rule)
  const isSelected = selectors.some((to) => selects(to, subject))
  if (kind === 'onlyBy') return !isSelected
  return isSelected || (kind === 'neverGrants' && rule.to === undefined)
}
