import { actionsMatching, isAlwaysThere, keyOf, type Catalogue, type DeclaredAction } from '../catalogue.ts'
import { ANY_VALUE, type Constraint } from '../ceiling/constraints.ts'
import type { Budget } from '../ceiling/grant.ts'
import type { Placed } from '../ceiling/placed.ts'
import { intersection, mayMatch, regionsOf, type Region } from '../ceiling/regions.ts'
import { ALL } from '../ceiling/spans.ts'
import {
  compilePolicy,
  foldAction,
  matchesAction,
  type CompiledPolicy,
  type CompiledStatement,
} from '../engine/compile.ts'
import { listOf } from '../engine/condition.ts'
import { symbolsOf } from '../engine/covers.ts'
import { globUnits } from '../engine/match.ts'
import type { InvariantRule, Statement } from '../language.ts'

/** The requests that a rule names, among those that can be asked by what is declared. */
export interface Requests {
  readonly catalogue: Catalogue
  /** The declared actions. */
  readonly actions: readonly DeclaredAction[]
  /** A policy that allows exactly these requests: a statement for each action, in their order. */
  readonly policy: CompiledPolicy
  /** Whether a statement is about one of the actions. */
  readonly isAbout: (statement: CompiledStatement) => boolean
}

const aboutAny = (actions: readonly DeclaredAction[]): Requests['isAbout'] => {
  const folded = actions.map(({ name }) => foldAction(name))
  const known = new WeakMap<CompiledStatement, boolean>()
  return (statement) => {
    const found = known.get(statement) ?? folded.some((name) => matchesAction(statement, name))
    known.set(statement, found)
    return found
  }
}

/** One statement for each action: all else is compiled once, for actions and patterns may be thousands. */
const policyFor = (source: Statement, actions: readonly DeclaredAction[]): CompiledPolicy => {
  const [name, hash] = ['invariant', 'invariant']
  const { statements, size } = compilePolicy({ Statement: [source] }, { name, hash })
  const all: CompiledStatement[] = []
  const policy = { name, hash, size: size * actions.length, statements: all }
  for (const [index, { name: action }] of actions.entries())
    for (const statement of statements) {
      const patterns = [globUnits(foldAction(action))]
      all.push({ ...statement, policy, index, action: { patterns, isComplement: false, sources: [action] } })
    }
  return policy
}

/** How many patterns and values the requests of a rule may have, over all actions, to be looked through. */
const MOST_COMPARED = 20_000

/** Whether the requests of a rule are too many to be looked through: then nothing shows that it holds. */
export const areTooMany = ({ policy }: Requests): boolean => policy.size > MOST_COMPARED

/** The requests of a rule by a catalogue: a wildcard stands for what is declared there, and for no more. */
export const requestsOf = (rule: InvariantRule, catalogue: Catalogue): Requests => {
  const { Action, NotAction, Resource, NotResource, Condition } = rule
  const patterns = listOf<string>(Action ?? NotAction ?? [])
  const named = new Set(patterns.flatMap((pattern) => actionsMatching(catalogue, pattern)))
  const actions = [...catalogue.actions.values()].filter(
    (action) => named.has(action) === (Action !== undefined),
  )
  const resources = Resource === undefined ? { NotResource: NotResource ?? [] } : { Resource }
  const statement: Statement = { Effect: 'Allow', Action: '*', ...resources, ...(Condition && { Condition }) }
  return { catalogue, actions, policy: policyFor(statement, actions), isAbout: aboutAny(actions) }
}

/** What the daemon takes as a value of a declared key. */
const valuesOf = (key: string, catalogue: Catalogue): Pick<Constraint, 'test' | 'sets'> => {
  const { type } = keyOf(catalogue, key) ?? {}
  if (type === 'set<string>') return { test: ANY_VALUE, sets: 'every' }
  if (type !== 'number' && type !== 'date') return { test: ANY_VALUE, sets: 'none' }
  return { test: { kind: 'span', family: type, spans: ALL, junk: false }, sets: 'none' }
}

/** What every question says by the declaration of its action: nothing has to be proved of others. */
const alwaysSaid = (action: DeclaredAction, catalogue: Catalogue): Constraint[] =>
  [...action.keys].map((key) => ({
    key,
    missing: !isAlwaysThere(catalogue, key, [action]),
    ...valuesOf(key, catalogue),
  }))

/**
 * The regions of the requests: `placed` are the statements of their policy, as they read for the account. A
 * question is about a resource of a type of its action, so that other resources are left out.
 */
export const regionsFor = (
  { actions, catalogue }: Requests,
  placed: readonly Placed[],
  spend: Budget,
): Region[] =>
  placed.flatMap((each) => {
    const action = actions[each.statement.index]
    if (action === undefined) return []
    const typed = action.resources.map((type): Placed => ({
      ...each,
      resources: { patterns: [symbolsOf([globUnits(`${type}/*`)])], isComplement: false },
      constraints: alwaysSaid(action, catalogue),
    }))
    return regionsOf(each).flatMap((region) =>
      typed
        .filter((type) => mayMatch(region, type, spend))
        .flatMap((type) => regionsOf(type).map((share) => intersection(region, share))),
    )
  })
