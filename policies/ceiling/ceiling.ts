import type { Catalogue, DeclaredAction } from '../catalogue.ts'
import { foldAction, matchesAction } from '../engine/compile.ts'
import { decide, type AccessRequest, type Context, type Decision } from '../engine/decide.ts'
import { allowedActions, createBudget, isUnlimited, statementsOf, type Grant, type Owned } from './grant.ts'
import type { Facts } from '../engine/template.ts'
import { finish, type Steps } from '../steps.ts'
import { contextsFor, resourcesOf } from './witness.ts'

/** A request that one set of layers allows and another does not. */
export interface LackingRight {
  readonly action: string
  readonly resource: string
  readonly context: Context
  /** Why the granter may not do it. */
  readonly decision: Decision
}

const isAllow = ({ statement }: Owned): boolean => statement.effect === 'Allow'

/** What is said about one action, on each side. */
interface Sides {
  readonly before: readonly Owned[]
  readonly after: readonly Owned[]
  readonly granter: readonly Owned[]
}

const sidesOf = ({ before, after, granter }: Grant): Sides => ({
  before: statementsOf(before),
  after: statementsOf(after),
  granter: statementsOf(granter),
})

const aboutAction = (owned: readonly Owned[], folded: string): Owned[] =>
  owned.filter(({ statement }) => matchesAction(statement, folded))

/** How much one question about the action may have to compare. */
const costOf = ({ before, after, granter }: Sides): number =>
  [...before, ...after, ...granter].reduce(
    (sum, { statement: { resource, conditions } }) => sum + 1 + resource.patterns.length + conditions.length,
    0,
  )

/**
 * Every request that is worth a question about one action: what Allows of the grant speak of, and what Denies
 * and complements on either side leave out.
 */
function* candidates(action: DeclaredAction, { caller }: Grant, sides: Sides, catalogue: Catalogue) {
  const { before, after, granter } = sides
  const conditional = [...after, ...granter, ...before]
    .map(({ statement }) => statement)
    .filter(({ conditions }) => conditions.length > 0)
  const contexts = [...contextsFor(conditional, action, { catalogue, facts: caller })]
  const leavesOut = (owned: Owned): boolean => !isAllow(owned) || owned.statement.resource.isComplement
  for (const { statement, principal } of [
    ...after.filter(isAllow),
    ...granter.filter(leavesOut),
    ...before.filter(leavesOut),
  ]) {
    const facts: Facts = { ...caller, ...principal }
    for (const resource of new Set(resourcesOf(statement, action, facts)))
      for (const context of contexts) yield { action: action.name, resource, context }
  }
}

/** The same request of the account as it was. */
const asBefore = (request: AccessRequest, { callerBefore }: Grant): AccessRequest => {
  if (callerBefore === undefined) return request
  const others = Object.entries(request.context).filter(([key]) => !key.startsWith('caller.'))
  return { ...request, context: { ...callerBefore, ...Object.fromEntries(others) } }
}

/**
 * The first right that a change gives although its maker lacks it, as a request: nobody can give more than
 * they have. Here `after` allows it, `before` did not, and the granter may not do it. What it finds is a
 * proof. The search asks about some instances of every pattern in every action that is given, and at most 64
 * combinations of condition values an action, so it may miss a right; that costs nothing where the granter's
 * layers are asked again at every request, and elsewhere `within.ts` proves. Throws {@link GrantTooLarge} for
 * more than two million comparisons.
 */
export function* seekLackingRight(
  grant: Grant,
  catalogue: Catalogue,
  spend = createBudget(),
): Steps<LackingRight | undefined> {
  if (grant.granter.length > 0 && grant.granter.every(isUnlimited)) return undefined
  const all = sidesOf(grant)
  for (const action of allowedActions(all.after, catalogue)) {
    const folded = foldAction(action.name)
    spend(all.before.length + all.after.length + all.granter.length)
    const sides = {
      before: aboutAction(all.before, folded),
      after: aboutAction(all.after, folded),
      granter: aboutAction(all.granter, folded),
    }
    const cost = costOf(sides)
    for (const request of candidates(action, grant, sides, catalogue)) {
      spend(cost)
      yield
      if (decide(grant.after, request).verdict !== 'ALLOW') continue
      if (decide(grant.before, asBefore(request, grant)).verdict === 'ALLOW') continue
      const decision = decide(grant.granter, request)
      if (decision.verdict !== 'ALLOW') return { ...request, decision }
    }
  }
  return undefined
}

/** The same at once. */
export const findLackingRight = (...asked: Parameters<typeof seekLackingRight>): LackingRight | undefined =>
  finish(seekLackingRight(...asked))
