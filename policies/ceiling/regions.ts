import type { Symbols } from '../engine/covers.ts'
import { finish, forAll, type Steps } from '../steps.ts'
import { areContrary, implies, negated, type Constraint } from './constraints.ts'
import { areDisjoint, isCovered } from './globs.ts'
import type { Budget } from './grant.ts'
import type { Matched, Placed } from './placed.ts'

/**
 * A set of requests: those whose action and resource match every list, and that meet every constraint.
 */
export interface Region {
  readonly actions: readonly Matched[]
  readonly resources: readonly Matched[]
  readonly constraints: readonly Constraint[]
}

const one = (pattern: Symbols): Matched => ({ patterns: [pattern], isComplement: false })
const split = (matched: Matched): readonly Matched[] =>
  matched.isComplement ? [matched] : matched.patterns.map(one)

/** The requests that a statement is about, one region for each action and resource that it names. */
export const regionsOf = ({ actions, resources, constraints }: Placed): Region[] =>
  split(actions).flatMap((action) =>
    split(resources).map((resource) => ({ actions: [action], resources: [resource], constraints })),
  )

/** The requests that are in both. */
export const intersection = (a: Region, b: Region): Region => ({
  actions: [...a.actions, ...b.actions],
  resources: [...a.resources, ...b.resources],
  constraints: [...a.constraints, ...b.constraints],
})

const isInside = (narrow: Matched, wide: Matched, spend: Budget): boolean => {
  if (narrow.isComplement)
    return wide.isComplement
      ? wide.patterns.every((pattern) => isCovered(pattern, narrow.patterns, spend))
      : isCovered([-1], [...narrow.patterns, ...wide.patterns], spend)
  return narrow.patterns.every((pattern) =>
    wide.isComplement
      ? wide.patterns.every((each) => areDisjoint(each, pattern, spend))
      : isCovered(pattern, wide.patterns, spend),
  )
}

const isApart = (a: Matched, b: Matched, spend: Budget): boolean =>
  isInside(a, { ...b, isComplement: !b.isComplement }, spend)

const someInside = (narrow: readonly Matched[], wide: Matched, spend: Budget): boolean =>
  narrow.some((each) => isInside(each, wide, spend))

/** The given constraints on the key of another. */
const onKey = (constraints: readonly Constraint[], { key }: Constraint): Constraint[] =>
  constraints.filter((each) => each.key === key)

/** Whether, for certain, the region holds no request. */
const isEmpty = ({ constraints }: Region, spend: Budget): boolean =>
  constraints.some((each) => areContrary(onKey(constraints, each), spend))

const unmet = (region: Region, { constraints }: Placed, spend: Budget): Constraint[] =>
  constraints.filter((each) => !implies(onKey(region.constraints, each), each, spend))

/** Whether, for certain, a statement is about every request of the region. */
const matchesAll = (region: Region, wide: Placed, spend: Budget): boolean =>
  someInside(region.actions, wide.actions, spend) &&
  someInside(region.resources, wide.resources, spend) &&
  unmet(region, wide, spend).length === 0

/** Whether a statement may match a request of the region; false is certain. */
export const mayMatch = (region: Region, other: Placed, spend: Budget): boolean => {
  if (region.actions.some((each) => isApart(each, other.actions, spend))) return false
  if (region.resources.some((each) => isApart(each, other.resources, spend))) return false
  const all = [...region.constraints, ...other.constraints]
  return !other.constraints.some((each) => areContrary(onKey(all, each), spend))
}

/** How many conditions in which statements differ are told apart, one after the other. */
const MAX_DEPTH = 4

/**
 * Whether, for certain, every request of the region is matched by one or another of these statements. Where
 * one of them asks for more, the rest of the region is asked about without it.
 */
export function* matchInSteps(
  region: Region,
  statements: readonly Placed[],
  spend: Budget,
  depth = MAX_DEPTH,
): Steps<boolean> {
  yield
  if (isEmpty(region, spend)) return true
  const near = statements.filter((each) => someInside(region.actions, each.actions, spend))
  const lacking = near.map((each) => ({ each, more: unmet(region, each, spend) }))
  const fully = lacking.filter(({ more }) => more.length === 0).map(({ each }) => each)
  if (fully.some(({ resources }) => someInside(region.resources, resources, spend))) return true
  const plain = fully.filter(({ resources }) => !resources.isComplement)
  const together = { patterns: plain.flatMap(({ resources }) => resources.patterns), isComplement: false }
  if (plain.length > 1 && someInside(region.resources, together, spend)) return true
  if (depth === 0) return false
  for (const { each, more } of lacking) {
    if (more.length > 2 || !someInside(region.resources, each.resources, spend)) continue
    const others = statements.filter((other) => other !== each)
    const isRestMatched = yield* forAll(more, (constraint) => {
      const rest = { ...region, constraints: [...region.constraints, negated(constraint)] }
      return matchInSteps(rest, others, spend, depth - 1)
    })
    if (isRestMatched) return true
  }
  return false
}

/** The same at once. */
export const isMatched = (...asked: Parameters<typeof matchInSteps>): boolean =>
  finish(matchInSteps(...asked))

/** Whether, for certain, a statement matches every request of the region that another one is about. */
export const coversShare = (region: Region, other: Placed, wide: Placed, spend: Budget): boolean =>
  regionsOf(other).every((share) => matchesAll(intersection(region, share), wide, spend))
