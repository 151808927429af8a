import type { Catalogue, DeclaredAction } from '../catalogue.ts'
import { foldAction, matchesAction, type CompiledStatement } from '../engine/compile.ts'
import type { Context, OwnedLayer, PrincipalFacts } from '../engine/decide.ts'

/** What is asked of a ceiling: what a change gives to somebody, and what its maker may do. */
export interface Grant {
  /** Facts of the account that gets more, as the caller of its own requests, and of the present request. */
  readonly caller: Context
  /** The same as they were, if they change too. */
  readonly callerBefore?: Context
  /** Its own layer and boundaries as they are; without layers it has nothing. */
  readonly before: readonly OwnedLayer[]
  readonly after: readonly OwnedLayer[]
  /** All layers of the account that makes the change. */
  readonly granter: readonly OwnedLayer[]
}

/** Whether a layer allows everything, whatever the circumstances. */
export const isUnlimited = ({ layer }: OwnedLayer): boolean =>
  layer.statements.every(({ effect }) => effect === 'Allow') &&
  layer.statements.some(
    ({ action, resource, conditions }) =>
      conditions.length === 0 &&
      !action.isComplement &&
      action.sources.includes('*') &&
      !resource.isComplement &&
      resource.sources.includes('*'),
  )

/** A statement with the owner of its layer. */
export interface Owned {
  readonly statement: CompiledStatement
  readonly principal: PrincipalFacts
}

/** All statements of these layers, each with the owner of its layer. */
export const statementsOf = (layers: readonly OwnedLayer[]): Owned[] =>
  layers.flatMap(({ layer, principal }) => layer.statements.map((statement) => ({ statement, principal })))

/**
 * The declared actions that a statement is about, whatever their case: only those of the services that its
 * patterns name are looked at.
 */
const actionsOf = (statement: CompiledStatement, { actions, byService }: Catalogue): DeclaredAction[] => {
  const { isComplement, sources } = statement.action
  const near =
    isComplement || sources.includes('*')
      ? [...actions.values()]
      : [...new Set(sources.map((pattern) => pattern.slice(0, pattern.indexOf(':')).toLowerCase()))].flatMap(
          (service) => byService.get(service) ?? [],
        )
  return near.filter(({ name }) => matchesAction(statement, foldAction(name)))
}

/** The actions that some Allow of these is about, in the order of the catalogue. */
export const allowedActions = (owned: readonly Owned[], catalogue: Catalogue): DeclaredAction[] => {
  const allowed = new Set(
    owned.flatMap(({ statement }) => (statement.effect === 'Allow' ? actionsOf(statement, catalogue) : [])),
  )
  return [...catalogue.actions.values()].filter((action) => allowed.has(action))
}

/** How many patterns and values are compared, at most: more would hold everybody else up. */
const MAX_COMPARISONS = 2_000_000

/** What is given is too much to be looked through. */
export class GrantTooLarge extends Error {
  override readonly name = 'GrantTooLarge'
}

/** Counts comparisons, and throws {@link GrantTooLarge} beyond those that it was made for. */
export type Budget = (comparisons: number) => void

/** A budget for one change: two million comparisons, unless it is to be another number. */
export const createBudget = (comparisons = MAX_COMPARISONS): Budget => {
  let left = comparisons
  return (spent) => {
    left -= spent
    if (left < 0) throw new GrantTooLarge('more than can be looked through')
  }
}
