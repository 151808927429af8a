import { keyOf, type Catalogue, type DeclaredAction } from '../catalogue.ts'
import { listOf, parseSize, type Condition } from '../engine/condition.ts'
import type { Context, ContextValue } from '../engine/decide.ts'
import { parseTimeOfDay, parseWeekdays, tellingInstants } from '../engine/local-time.ts'
import { operandTexts } from '../engine/operands.ts'
import { parseTemplate, variablesOf, withFacts, type Facts } from '../engine/template.ts'
import { numberText, parseDate, parseNumber } from '../engine/values.ts'
import { parseOperator } from '../language.ts'
import type { Steps } from '../steps.ts'
import { neighbours } from './networks.ts'
import { ANYTHING, Reader, tellingTexts } from './texts.ts'
import { typed, usualTexts } from './usual-values.ts'

const MAX_TEXTS = 24
const MAX_SET = 100

/** What requests hold beyond what conditions name. */
export interface Circumstances {
  readonly catalogue: Catalogue
  readonly action: DeclaredAction
  /** `caller.*` and what every request has by itself. */
  readonly facts: Context
}

/** A condition with the facts of the account whose layer it stands in. */
export interface Asked {
  readonly condition: Condition
  readonly facts: Facts
}

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

function* textsFor(asked: readonly Asked[]): Steps<string[]> {
  const globs = asked.flatMap((each) =>
    globsOf(each, each.condition.operatorName.includes('Like') ? 'glob' : 'text'),
  )
  return yield* tellingTexts({
    readers: globs.map((glob) => new Reader(glob)),
    beginnings: [''],
    isPath: false,
    most: MAX_TEXTS,
  })
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
function* scalarsFor(key: string, asked: readonly Asked[], { facts }: Circumstances): Steps<string[]> {
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
  // What the account says of a key with which this one is compared.
  const compared = asked
    .filter(({ condition }) => condition.key !== key)
    .flatMap(({ condition, facts: own }) => listOf(own[condition.key] ?? []).map(String))
  const folded = expectedIn('string').flatMap((text) => [text.toLowerCase(), text.toUpperCase()])
  return [
    ...(yield* textsFor(families.get('string') ?? [])),
    ...(families.has('string') ? folded.filter((text) => !/[*?$]/.test(text)) : []),
    ...numbersFor(expectedIn('number')),
    ...datesFor(expectedIn('date'), earliest),
    ...expectedIn('ip').flatMap(neighbours),
    ...(families.has('bool') ? ['true', 'false'] : []),
    ...compared,
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

/** Values of a key that may decide about it, by what conditions compare it with. */
export function* valuesFor(
  key: string,
  asked: readonly Asked[],
  { circumstances, isVariable }: { circumstances: Circumstances; isVariable: boolean },
): Steps<ContextValue[]> {
  const type = keyOf(circumstances.catalogue, key)?.type ?? 'string'
  const texts = [
    ...new Set([...(yield* scalarsFor(key, asked, circumstances)), ...usualTexts(type, isVariable)]),
  ]
  if (type === 'set<string>') return [...setsOf(texts), ...setsAround(asked)]
  const values = texts.flatMap((text) => typed(type, text) ?? [])
  return type === 'string' || type === 'attribute' ? [...values, ''] : values
}
