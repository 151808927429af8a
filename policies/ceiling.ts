import type { CompiledStatement } from './compile.ts'
import {
  decide,
  type AccessRequest,
  type Context,
  type Decision,
  type OwnedLayer,
  type PrincipalFacts,
} from './decide.ts'
import type { Catalogue, DeclaredAction } from './catalogue.ts'
import { foldAction, matchesAction } from './compile.ts'
import { withFacts, type Facts, type Template } from './template.ts'
import { ANY_ONE, ANY_RUN } from './match.ts'

/** A request that one set of layers allows and another does not. */
export interface LackingRight {
  readonly action: string
  readonly resource: string
  readonly context: Context
  /** Why the granter may not do it. */
  readonly decision: Decision
}

/** What is asked of a ceiling: what a change gives to `who`, and what whoever makes it may do. */
export interface Grant {
  /** Facts of the account that gets more, as the caller of its own requests. */
  readonly caller: Context
  /** The same as they were, if they change too. */
  readonly callerBefore?: Context
  /** Its own layer and boundaries as they are; without layers it has nothing. */
  readonly before: readonly OwnedLayer[]
  readonly after: readonly OwnedLayer[]
  /** All layers of whoever makes the change. */
  readonly granter: readonly OwnedLayer[]
}

/** Stands for whatever a wildcard matches; a character that paths may have and names rarely do. */
const ANYTHING = '~'
/** How many requests are asked about, at most: more would hold everybody else up. */
const MAX_CANDIDATES = 100_000
/** How many combinations of context values are tried for one action. */
const MAX_CONTEXTS = 64

/** What is given is too much to be looked through. */
export class GrantTooLarge extends Error {
  override readonly name = 'GrantTooLarge'
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

/** One text that the pattern matches; undefined if a variable of it has no value. */
const instance = (template: Template, facts: Facts): string | undefined => {
  let text = ''
  const known = withFacts(template, facts)
  if (known === undefined) return undefined
  for (const part of known) {
    if (typeof part === 'string') text += part
    else if ('key' in part) {
      if (part.fallback === undefined) return undefined
      text += part.fallback
    } else
      for (const unit of part)
        text += unit === ANY_RUN || unit === ANY_ONE ? ANYTHING : String.fromCharCode(unit)
  }
  return text
}

/** Resources of the action that the statement is about, one for each of its patterns. */
function* resourcesOf(
  { resource }: CompiledStatement,
  { resources: types }: DeclaredAction,
  facts: Facts,
): Generator<string> {
  for (const pattern of resource.isComplement ? [] : resource.patterns) {
    const text = instance(pattern, facts)
    if (text === undefined) continue
    if (types.some((type) => text.startsWith(`${type}/`))) yield text
    else if (text === ANYTHING) for (const type of types) yield `${type}/${ANYTHING}`
  }
  if (!resource.isComplement) return
  for (const type of types)
    yield* [`${type}/${ANYTHING}`, `${type}/${String(facts['caller.path'] ?? ANYTHING)}`]
}

/** Values that may decide about a key: those that conditions compare it with, and beside them. */
const valuesFor = (key: string, statements: readonly CompiledStatement[]): Context[string][] => {
  const written = statements.flatMap(({ conditions }) =>
    conditions.filter((condition) => condition.key === key).flatMap(({ expected }) => expected),
  )
  const plain = written.map((text) => text.replace(/\/\d+$/, '').replace(/[*?]/g, ANYTHING))
  const near = plain.flatMap((text) =>
    /^-?\d+$/.test(text) ? [String(Number(text) - 1), String(Number(text) + 1)] : [],
  )
  return [...new Set([...plain, ...near])]
}

/** Contexts in which the conditions of these statements may hold: every key at each of its values, and absent. */
function* contextsFor(statements: readonly CompiledStatement[], facts: Facts): Generator<Context> {
  const keys = [...new Set(statements.flatMap(({ conditions }) => conditions.map(({ key }) => key)))].filter(
    (key) => !key.startsWith('principal.') && !key.startsWith('caller.'),
  )
  const options = keys.map((key) => [undefined, ...valuesFor(key, statements)])
  const total = options.reduce((product, values) => product * values.length, 1)
  for (let n = 0; n < Math.min(total, MAX_CONTEXTS); n++) {
    const context: Record<string, Context[string]> = { ...facts }
    let rest = n
    for (const [i, values] of options.entries()) {
      const value = values[rest % values.length]
      rest = Math.floor(rest / values.length)
      if (value !== undefined) context[keys[i] ?? ''] = value
    }
    yield context
  }
}

const statementsOf = (layers: readonly OwnedLayer[], effect: CompiledStatement['effect']) =>
  layers.flatMap(({ layer, principal }) =>
    layer.policies.flatMap(({ statements }) =>
      statements
        .filter((statement) => statement.effect === effect)
        .map((statement) => ({ statement, principal })),
    ),
  )

/**
 * Every request that is worth a question about one action: what Allows of the grant and Denies on either side speak of.
 */
function* candidates(action: DeclaredAction, { caller, before, after, granter }: Grant) {
  const speaking = [
    ...statementsOf(after, 'Allow'),
    ...statementsOf(granter, 'Deny'),
    ...statementsOf(before, 'Deny'),
  ].filter(({ statement }) => matchesAction(statement, foldAction(action.name)))
  const conditional = speaking
    .map(({ statement }) => statement)
    .filter(({ conditions }) => conditions.length > 0)
  const contexts = [...contextsFor(conditional, caller)]
  for (const { statement, principal } of speaking) {
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
 * The first right that a change gives and whoever makes it lacks (product.md section 1, rule 2), as a request: `after` allows it, `before` did
 * not, and the granter may not do it. What is answered is so. The search asks about one instance of every pattern in every action of the
 * catalogue, and at most 64 combinations of condition values an action, so it may miss a right; that costs nothing, since the layers of
 * ancestors are asked again at every request. Throws {@link GrantTooLarge} for more than 100,000 questions.
 */
export const findLackingRight = (grant: Grant, { actions }: Catalogue): LackingRight | undefined => {
  if (grant.granter.length > 0 && grant.granter.every(isUnlimited)) return undefined
  let left = MAX_CANDIDATES
  for (const action of actions.values())
    for (const request of candidates(action, grant)) {
      if (left-- === 0) throw new GrantTooLarge('more than can be looked through')
      if (decide(grant.after, request).verdict !== 'ALLOW') continue
      if (decide(grant.before, asBefore(request, grant)).verdict === 'ALLOW') continue
      const decision = decide(grant.granter, request)
      if (decision.verdict !== 'ALLOW') return { ...request, decision }
    }
  return undefined
}

/** Facts of an account that stands for any of a role below a path. */
export const anyoneBelow = (path: string, role: string): { principal: PrincipalFacts; caller: Context } => {
  const own = path === '' ? ANYTHING : `${path}/${ANYTHING}`
  return {
    principal: { 'principal.id': ANYTHING, 'principal.role': role, 'principal.path': own },
    caller: { 'caller.id': ANYTHING, 'caller.role': role, 'caller.path': own },
  }
}
