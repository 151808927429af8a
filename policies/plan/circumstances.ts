import { isAlwaysThere, keyOf, type Catalogue, type DeclaredAction } from '../catalogue.ts'
import { parseSize, type Condition } from '../engine/condition.ts'
import { ANY_RUN, literalUnits, type Glob } from '../engine/match.ts'
import { viewOf, type Context, type ContextValue } from '../engine/decide.ts'
import {
  parseTemplate,
  variablesOf,
  withFacts,
  type Facts,
  type Template,
  type View,
} from '../engine/template.ts'
import { parseTimeOfDay, parseWeekdays, tellingInstants } from '../engine/local-time.ts'
import { operandTexts } from '../engine/operands.ts'
import { numberText, parseDate, parseNumber } from '../engine/values.ts'
import { parseOperator } from '../language.ts'
import { neighbours } from './networks.ts'
import { typed, usualTexts } from './usual-values.ts'
import type { Placed } from './placed.ts'
import { ANYTHING, tellingTexts } from './texts.ts'

/** How many combinations of values are asked about, for one action of one account. */
const MAX_CONTEXTS = 1024
const MAX_TEXTS = 24
const MAX_SET = 100
const OF_ACCOUNTS = /^(?:principal|caller)\./

/** What requests hold beyond what conditions name. */
export interface Circumstances {
  readonly catalogue: Catalogue
  readonly action: DeclaredAction
  /** `caller.*` and what every request has by itself. */
  readonly facts: Context
}

/** A condition with the facts of the account whose layer it stands in. */
interface Asked {
  readonly condition: Condition
  readonly placed: Placed
  readonly facts: Facts
}

const isOfRequest = (key: string): boolean => !OF_ACCOUNTS.test(key)

/** The texts of the expected values, with the variables of accounts replaced. */
const globsOf = ({ condition, facts }: Asked, wildcards: 'glob' | 'text'): number[][] =>
  condition.expected.flatMap((text) => {
    const template = parseTemplate(text, wildcards)
    const known = template && withFacts(template, facts)
    if (known === undefined || variablesOf(known).length > 0) return []
    return [
      known.flatMap((part) =>
        typeof part === 'string'
          ? Array.from({ length: part.length }, (_, i) => part.charCodeAt(i))
          : 'key' in part
            ? []
            : [...part],
      ),
    ]
  })

const textsFor = (asked: readonly Asked[]): string[] => {
  const globs = asked.flatMap((each) =>
    globsOf(each, each.condition.operatorName.includes('Like') ? 'glob' : 'text'),
  )
  return tellingTexts({ globs, beginnings: [''], isPath: false, most: MAX_TEXTS })
}

/** Bounds, and what lies just beside them: whole numbers first, which people understand sooner. */
const numbersFor = (expected: readonly string[]): string[] => {
  const bounds = expected.filter((text) => parseNumber(text) !== undefined).map(Number)
  return [1, 1e-6]
    .flatMap((step) => bounds.flatMap((bound) => [bound, bound - step, bound + step]))
    .map(numberText)
}

const datesFor = (expected: readonly string[], earliest: number): string[] =>
  [
    ...expected
      .flatMap((text) => parseDate(text) ?? [])
      .flatMap((instant) => [instant, instant - 1000, instant + 1000]),
    ...tellingInstants(
      expected.flatMap((text) => parseTimeOfDay(text) ?? parseWeekdays(text) ?? []),
      earliest,
    ),
  ]
    .filter((instant) => instant >= earliest)
    .map((instant) => new Date(instant).toISOString().replace('.000Z', 'Z'))

/** Values that may decide about a key, by what conditions compare it with. */
const scalarsFor = (key: string, asked: readonly Asked[], { facts }: Circumstances): string[] => {
  const families = new Map<string, Asked[]>()
  for (const each of asked) {
    const family = parseOperator(each.condition.operatorName)?.operator.family ?? 'null'
    const group = family === 'like' ? 'string' : family
    families.set(group, [...(families.get(group) ?? []), each])
  }
  const expectedIn = (family: string): string[] =>
    (families.get(family) ?? []).flatMap(({ condition, facts: own }) =>
      condition.expected.flatMap((text) => operandTexts(text, own)),
    )
  const earliest = key === 'request.time' ? Number(facts['request.time'] ?? 0) * 1000 : 0
  const folded = expectedIn('string').flatMap((text) => [text.toLowerCase(), text.toUpperCase()])
  return [
    ...textsFor(families.get('string') ?? []),
    ...(families.has('string') ? folded.filter((text) => !/[*?$]/.test(text)) : []),
    ...numbersFor(expectedIn('number')),
    ...datesFor(expectedIn('date'), earliest),
    ...expectedIn('ip').flatMap(neighbours),
    ...(families.has('bool') ? ['true', 'false'] : []),
  ]
}

/** Sets that tell conditions apart: none, each value alone, two together, all. */
const setsOf = (texts: readonly string[]): string[][] => [
  ...texts.map((text) => [text]),
  ...texts.flatMap((one, i) => texts.slice(i + 1, i + 6).map((other) => [one, other])),
  ...(texts.length > 2 ? [[...texts]] : []),
  [],
]

/** Sets of as many elements as conditions ask for, of one less and of one more. */
const setsAround = (asked: readonly Asked[]): string[][] => {
  const sizes = asked.flatMap(({ condition }) =>
    parseOperator(condition.operatorName)?.operator.family === 'size'
      ? condition.expected.flatMap((text) => parseSize(text) ?? [])
      : [],
  )
  const around = new Set(sizes.flatMap((size) => [size - 1, size, size + 1]))
  return [...around]
    .filter((size) => size > 0 && size <= MAX_SET)
    .map((size) => Array.from({ length: size }, (_none, n) => `${ANYTHING}${n}`))
}

const valuesFor = (
  key: string,
  asked: readonly Asked[],
  { circumstances, isVariable }: { circumstances: Circumstances; isVariable: boolean },
): ContextValue[] => {
  const type = keyOf(circumstances.catalogue, key)?.type ?? 'string'
  const texts = [...new Set([...scalarsFor(key, asked, circumstances), ...usualTexts(type, isVariable)])]
  if (type === 'set<string>') return [...setsOf(texts), ...setsAround(asked)]
  const values = texts.flatMap((text) => typed(type, text) ?? [])
  return type === 'string' || type === 'attribute' ? [...values, ''] : values
}

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
const variableTexts = (about: readonly Placed[], { action, facts }: Circumstances): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  const templates = about.flatMap(({ statement, owned }) =>
    statement.resource.patterns.flatMap((pattern) => {
      const known = withFacts(pattern, { ...facts, ...owned.principal })
      return known === undefined ? [] : [known]
    }),
  )
  const variable = templates.filter((template) => variablesOf(template).length > 0)
  if (variable.length === 0) return found
  const texts = tellingTexts({
    globs: templates.map(looseGlob),
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
const optionsFor = (
  key: string,
  asked: readonly Asked[],
  {
    circumstances,
    isVariable,
    texts,
  }: { circumstances: Circumstances; isVariable: boolean; texts: readonly string[] },
): (ContextValue | undefined)[] => {
  const { catalogue, action, facts } = circumstances
  const mayMiss = Object.hasOwn(facts, key) || !isAlwaysThere(catalogue, key, [action])
  const values = [...(mayMiss ? [undefined] : []), ...valuesFor(key, asked, { circumstances, isVariable })]
  // What a variable brings stands in other patterns too: each value is another question.
  const type = keyOf(catalogue, key)?.type ?? 'string'
  if (isVariable) return [...new Set([...values, ...texts.flatMap((text) => typed(type, text) ?? [])])]
  const kinds = new Map<string, ContextValue | undefined>()
  for (const value of values) {
    const kind = verdictOf(key, value ?? facts[key], { asked, facts })
    if (!kinds.has(kind)) kinds.set(kind, value)
  }
  return [...kinds.values()]
}

/** Keys that every question about the action has to say. */
const neededKeys = ({ catalogue, action }: Circumstances): string[] =>
  [...action.keys].filter((key) => catalogue.keys.get(key)?.always === true)

/**
 * What an asker may say with a question about an action, so that every combination of the conditions of these
 * statements that can hold together does in one of them, up to a bound. The simplest come first; what the
 * server says by itself is left out.
 */
export const circumstancesOf = (about: readonly Placed[], circumstances: Circumstances): Context[] => {
  const { facts } = circumstances
  const asked: Asked[] = about.flatMap((placed) =>
    placed.statement.conditions.map((condition) => ({
      condition,
      placed,
      facts: { ...facts, ...placed.owned.principal },
    })),
  )
  const variables = new Set(about.flatMap(variableKeys))
  const texts = variableTexts(about, circumstances)
  const keys = [
    ...new Set([...asked.map(({ condition }) => condition.key), ...variables, ...neededKeys(circumstances)]),
  ].filter(isOfRequest)
  const options = keys.map((key) => {
    const own = asked.filter(({ condition }) => condition.key === key)
    const isVariable =
      variables.has(key) || own.some(({ condition }) => keysIn(templatesOf(condition)).length > 0)
    return optionsFor(key, own, { circumstances, isVariable, texts: texts.get(key) ?? [] })
  })
  const total = options.reduce((product, { length }) => product * length, 1)
  // If there are too many: some from everywhere.
  const stride = Math.max(1, Math.floor(total / MAX_CONTEXTS))
  return Array.from({ length: Math.min(total, MAX_CONTEXTS) }, (_, n) => {
    let rest = n * stride
    const said: Record<string, ContextValue> = {}
    for (const [i, values] of options.entries()) {
      const value = values[rest % values.length]
      rest = Math.floor(rest / values.length)
      if (value !== undefined) said[keys[i] ?? ''] = value
    }
    return said
  })
}
