import { isAlwaysThere, keyOf } from '../catalogue.ts'
import type { Condition } from '../engine/condition.ts'
import { viewOf, type Context, type ContextValue } from '../engine/decide.ts'
import { ANY_RUN, literalUnits, type Glob } from '../engine/match.ts'
import { parseTemplate, variablesOf, withFacts, type Template, type View } from '../engine/template.ts'
import type { Steps } from '../steps.ts'
import type { Placed } from './placed.ts'
import { valuesFor, type Asked, type Circumstances } from './telling-values.ts'
import { Reader, tellingTexts } from './texts.ts'
import { typed } from './usual-values.ts'

/** How many combinations of values are asked about, for one action of one account. */
const MAX_CONTEXTS = 1024
const MAX_TEXTS = 24
const OF_ACCOUNTS = /^(?:principal|caller)\./

const isOfRequest = (key: string): boolean => !OF_ACCOUNTS.test(key)

/** Which of the conditions hold with this value. */
const verdictOf = (
  key: string,
  value: ContextValue | undefined,
  { asked, facts }: { asked: readonly Asked[]; facts: Context },
): string => {
  const context = value === undefined ? without(facts, key) : { ...facts, [key]: value }
  const views = new Map<Placed['owned'], View>()
  return asked
    .map(({ condition, placed: { owned } }) => {
      const view = views.get(owned) ?? viewOf(owned, { action: '', resource: '', context })
      views.set(owned, view)
      return condition.holds(view) ? 1 : 0
    })
    .join('')
}

const without = (facts: Context, key: string): Context =>
  Object.hasOwn(facts, key)
    ? Object.fromEntries(Object.entries(facts).filter(([name]) => name !== key))
    : facts

/** The keys of requests that variables of these templates name. */
const keysIn = (templates: readonly Template[]): string[] =>
  templates
    .flatMap(variablesOf)
    .map(({ key }) => key)
    .filter(isOfRequest)

const templatesOf = ({ expected }: Condition): Template[] =>
  expected.flatMap((text) => {
    const template = parseTemplate(text, 'glob')
    return template === undefined ? [] : [template]
  })

/**
 * For each key those that conditions compare it with, itself among them, also by way of others: what tells
 * something about one of them may be the value of the others.
 */
const comparedKeys = (conditions: readonly Condition[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const groups = new Map<string, ReadonlySet<string>>()
  for (const condition of conditions) {
    const compared = [condition.key, ...keysIn(templatesOf(condition))]
    const group = new Set(compared.flatMap((key) => [key, ...(groups.get(key) ?? [])]))
    for (const key of group) groups.set(key, group)
  }
  return groups
}

const variableKeys = ({ statement: { resource, conditions } }: Placed): string[] =>
  keysIn([...resource.patterns, ...conditions.flatMap(templatesOf)])

/** A pattern in which a variable of the request may be any text. */
const looseGlob = (template: Template): Glob =>
  template.flatMap((part): number[] =>
    typeof part === 'string' ? literalUnits(part) : 'key' in part ? [ANY_RUN] : [...part],
  )

/**
 * What stands in a text where a pattern has its first variable of a request; undefined if it is another text.
 */
const variableIn = (template: Template, text: string): readonly [key: string, value: string] | undefined => {
  const at = template.findIndex((part) => typeof part === 'object' && 'key' in part)
  const [part, before = '', behind = ''] = [template[at], at === 0 ? '' : template[at - 1], template[at + 1]]
  if (at > 1 || typeof part !== 'object' || !('key' in part) || typeof before !== 'string') return undefined
  if (!text.startsWith(before)) return undefined
  const end = typeof behind === 'string' && behind !== '' ? text.indexOf(behind, before.length) : text.length
  return end === -1 ? undefined : [part.key, text.slice(before.length, end)]
}

/** Values of variables in patterns of resources by which a text of theirs matches other patterns too. */
function* variableTexts(
  about: readonly Placed[],
  { action, facts }: Circumstances,
): Steps<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  const templates = about.flatMap(({ statement, owned }) =>
    statement.resource.patterns.flatMap((pattern) => {
      const known = withFacts(pattern, { ...facts, ...owned.principal })
      return known === undefined ? [] : [known]
    }),
  )
  const variable = templates.filter((template) => variablesOf(template).length > 0)
  if (variable.length === 0) return found
  const texts = yield* tellingTexts({
    readers: templates.map((template) => new Reader(looseGlob(template))),
    beginnings: action.resources.map((type) => `${type}/`),
    isPath: true,
    most: MAX_TEXTS,
  })
  for (const template of variable)
    for (const text of texts) {
      const [key, value] = variableIn(template, text) ?? []
      if (key !== undefined && value !== undefined) found.set(key, [...(found.get(key) ?? []), value])
    }
  return found
}

/** The values of a key that are worth a question; undefined: the request does not say it. */
function* optionsFor(
  key: string,
  asked: readonly Asked[],
  {
    circumstances,
    isVariable,
    texts,
  }: { circumstances: Circumstances; isVariable: boolean; texts: readonly string[] },
): Steps<(ContextValue | undefined)[]> {
  const { catalogue, action, facts } = circumstances
  const mayMiss = Object.hasOwn(facts, key) || !isAlwaysThere(catalogue, key, [action])
  const worth = yield* valuesFor(key, asked, { circumstances, isVariable })
  const values = [...(mayMiss ? [undefined] : []), ...worth]
  // What a variable brings stands in other patterns too: each value is another question.
  const type = keyOf(catalogue, key)?.type ?? 'string'
  if (isVariable) return [...new Set([...values, ...texts.flatMap((text) => typed(type, text) ?? [])])]
  const kinds = new Map<string, ContextValue | undefined>()
  for (const value of values) {
    yield
    const kind = verdictOf(key, value ?? facts[key], { asked, facts })
    if (!kinds.has(kind)) kinds.set(kind, value)
  }
  return [...kinds.values()]
}

/** Numbers in no order, the same each time: a linear congruential generator (Numerical Recipes). */
const createDraws = (): ((below: number) => number) => {
  let state = 1
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/**
 * Which value of each key: every combination, or if there are too many each value beside the simplest of the
 * others, then some from everywhere.
 */
function* combinationsOf(options: readonly (readonly unknown[])[]): Generator<readonly number[]> {
  const total = options.reduce((product, { length }) => product * length, 1)
  if (total <= MAX_CONTEXTS) {
    for (let n = 0; n < total; n++) {
      let rest = n
      yield options.map(({ length }) => {
        const index = rest % length
        rest = Math.floor(rest / length)
        return index
      })
    }
    return
  }
  const simplest = options.map(() => 0)
  yield simplest
  let asked = 1
  for (const [i, { length }] of options.entries())
    for (let index = 1; index < length; index++, asked++) yield simplest.with(i, index)
  for (const draw = createDraws(); asked < MAX_CONTEXTS; asked++)
    yield options.map(({ length }) => draw(length))
}

/** Keys that every question about the action has to say. */
const neededKeys = ({ catalogue, action }: Circumstances): string[] =>
  [...action.keys].filter((key) => catalogue.keys.get(key)?.always === true)

/**
 * What an asker may say with a question about an action, so that every combination of the conditions of these
 * statements that can hold together does in one of them, up to a bound. The simplest come first; what the
 * server says by itself is left out. It stops between values, so that others may be served.
 */
export function* circumstancesOf(about: readonly Placed[], circumstances: Circumstances): Steps<Context[]> {
  const { facts } = circumstances
  const asked: Asked[] = about.flatMap((placed) =>
    placed.statement.conditions.map((condition) => ({
      condition,
      placed,
      facts: { ...facts, ...placed.owned.principal },
    })),
  )
  const variables = new Set(about.flatMap(variableKeys))
  const texts = yield* variableTexts(about, circumstances)
  const keys = [
    ...new Set([...asked.map(({ condition }) => condition.key), ...variables, ...neededKeys(circumstances)]),
  ].filter(isOfRequest)
  const compared = comparedKeys(asked.map(({ condition }) => condition))
  const options: (ContextValue | undefined)[][] = []
  for (const key of keys) {
    const own = asked.filter(({ condition }) => compared.get(key)?.has(condition.key))
    const isVariable =
      variables.has(key) || own.some(({ condition }) => keysIn(templatesOf(condition)).length > 0)
    options.push(yield* optionsFor(key, own, { circumstances, isVariable, texts: texts.get(key) ?? [] }))
  }
  return [...combinationsOf(options)].map((indices) => {
    const said: Record<string, ContextValue> = {}
    for (const [i, values] of options.entries()) {
      const value = values[indices[i] ?? 0]
      if (value !== undefined) said[keys[i] ?? ''] = value
    }
    return said
  })
}
