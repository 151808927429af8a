import { isAlwaysThere, keyOf } from '../catalogue.ts'
import type { Condition } from '../engine/condition.ts'
import { viewOf, type Context, type ContextValue } from '../engine/decide.ts'
import { ANY_RUN, literalUnits, type Glob } from '../engine/match.ts'
import { variablesOf, withFacts, type Template } from '../engine/template.ts'
import { isOfAccount } from '../language.ts'
import type { Steps } from '../steps.ts'
import { combinationsOf, type Bearing, type Circumstance } from './combinations.ts'
import type { Placed } from './placed.ts'
import { expectedBy, requestKeysIn, requestKeysOf } from './request-keys.ts'
import { valuesFor, type Asked, type Circumstances } from './telling-values.ts'
import { Reader, tellingTexts } from './texts.ts'
import type { Worth } from './worth.ts'
import { typed } from './usual-values.ts'

const MAX_TEXTS = 24

/** A condition in its place, with what it says of requests. */
interface Borne extends Asked {
  readonly bearing: Bearing
}

const borneBy = (placed: Placed, { statement, facts }: { statement: number; facts: Context }): Borne[] => {
  const { owned } = placed
  return placed.statement.conditions.map((condition) => ({
    condition,
    facts: { ...facts, ...owned.principal },
    bearing: {
      statement,
      keys: requestKeysOf(condition),
      holds: (said) =>
        condition.holds(viewOf(owned, { action: '', resource: '', context: { ...facts, ...said } })),
    },
  }))
}

/**
 * For each key those that conditions compare it with, itself among them, also by way of others: what tells
 * something about one of them may be the value of the others.
 */
const comparedKeys = (conditions: readonly Condition[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const groups = new Map<string, ReadonlySet<string>>()
  for (const condition of conditions) {
    const compared = [condition.key, ...requestKeysOf(condition)]
    const group = new Set(compared.flatMap((key) => [key, ...(groups.get(key) ?? [])]))
    for (const key of group) groups.set(key, group)
  }
  return groups
}

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
  asked: readonly Borne[],
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
  return [...new Set([...values, ...texts.flatMap((text) => typed(type, text) ?? [])])]
}

/** The keys by which these statements name resources, each with those statements as bits. */
const namingIn = (about: readonly Placed[]): ReadonlyMap<string, bigint> => {
  const naming = new Map<string, bigint>()
  for (const [i, { statement }] of about.entries())
    for (const key of requestKeysIn(statement.resource.patterns))
      naming.set(key, (naming.get(key) ?? 0n) | (1n << BigInt(i)))
  return naming
}

/** Keys that every question about the action has to say. */
const neededKeys = ({ catalogue, action }: Circumstances): string[] =>
  [...action.keys].filter((key) => catalogue.keys.get(key)?.always === true)

/**
 * What an asker may say with a question about an action, so that every set of these statements that can hold
 * together does in one of them, if it is worth a question, up to a bound. The simplest come first; what the
 * server says by itself is left out. It stops between values, so that others may be served.
 */
export function* circumstancesOf(
  about: readonly Placed[],
  circumstances: Circumstances & { readonly isWorth: Worth },
): Steps<readonly Circumstance[]> {
  const { facts, isWorth } = circumstances
  const asked = about.flatMap((placed, statement) => borneBy(placed, { statement, facts }))
  const conditions = asked.map(({ condition }) => condition)
  const naming = namingIn(about)
  const texts = yield* variableTexts(about, circumstances)
  const compared = comparedKeys(conditions)
  const keys = [
    ...asked.flatMap(({ bearing }) => bearing.keys),
    ...naming.keys(),
    ...neededKeys(circumstances),
  ]
  // Keys that are compared stand side by side: what one leaves open the next settles.
  const order = new Set(keys.flatMap((key) => [...(compared.get(key) ?? [key])]))
  const options = new Map<string, readonly (ContextValue | undefined)[]>()
  for (const key of order) {
    if (isOfAccount(key)) continue
    const own = asked.filter(({ condition }) => compared.get(key)?.has(condition.key))
    const isVariable =
      naming.has(key) || own.some(({ condition }) => requestKeysIn(expectedBy(condition)).length > 0)
    const told = [...(compared.get(key) ?? [key])].flatMap((each) => texts.get(each) ?? [])
    options.set(key, yield* optionsFor(key, own, { circumstances, isVariable, texts: told }))
  }
  const bearings = asked.map(({ bearing }) => bearing)
  return yield* combinationsOf(options, { bearings, naming, isWorth })
}
