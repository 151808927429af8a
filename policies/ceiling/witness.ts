import { isAlwaysThere, keyOf, type Catalogue, type DeclaredAction } from '../catalogue.ts'
import type { CompiledStatement } from '../engine/compile.ts'
import { parseSize } from '../engine/condition.ts'
import type { Context } from '../engine/decide.ts'
import { ANY_ONE, ANY_RUN } from '../engine/match.ts'
import { parseTimeOfDay, parseWeekdays, tellingInstants } from '../engine/local-time.ts'
import { operandTexts } from '../engine/operands.ts'
import { withFacts, type Facts, type Template } from '../engine/template.ts'
import { parseDate, parseNetwork, parseNumber } from '../engine/values.ts'

/** Stands for what a wildcard matches; a character that paths may have and names rarely do. */
const ANYTHING = '~'
/** What a star is tried with: one segment, several, and nothing. */
const RUNS = [ANYTHING, `${ANYTHING}/${ANYTHING}`, '']
/** How many combinations of context values are tried for one action. */
const MAX_CONTEXTS = 64
/** How many elements a set has at most that is tried. */
const MAX_SET = 100

/**
 * One text that the pattern matches, its stars replaced by `run`; undefined if a variable of it has no value.
 */
const instance = (template: Template, run: string): string | undefined => {
  let text = ''
  for (const part of template) {
    if (typeof part === 'string') text += part
    else if ('key' in part) {
      if (part.fallback === undefined) return undefined
      text += part.fallback
    } else
      for (const unit of part)
        text += unit === ANY_RUN ? run : unit === ANY_ONE ? ANYTHING : String.fromCharCode(unit)
  }
  return text
}

const isCanonical = (resource: string): boolean =>
  resource.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..')

/**
 * Resources of the action near a statement: some for each of its patterns. Those of a complement are what it
 * is not about; beside them stand some that it is about.
 */
export function* resourcesOf(
  { resource }: CompiledStatement,
  { resources: types }: DeclaredAction,
  facts: Facts,
): Generator<string> {
  const path = String(facts['caller.path'] ?? ANYTHING)
  if (resource.isComplement) for (const type of types) yield* [`${type}/${ANYTHING}`, `${type}/${path}`]
  for (const [i, pattern] of resource.patterns.entries()) {
    if (resource.sources[i] === '*') {
      for (const type of types) yield* [`${type}/${ANYTHING}`, `${type}/${ANYTHING}/${ANYTHING}`]
      continue
    }
    const known = withFacts(pattern, facts)
    if (known === undefined) continue
    for (const run of RUNS) {
      const text = instance(known, run)
      if (text !== undefined && isCanonical(text) && types.some((type) => text.startsWith(`${type}/`)))
        yield text
    }
  }
}

/** What requests hold beyond the facts of their caller, in questions of this moment. */
export interface Circumstances {
  readonly catalogue: Catalogue
  /** Facts of the caller and of the present request. */
  readonly facts: Context
}

/**
 * The values that may decide about a key, of its type: those that conditions compare it with, and those
 * beside them.
 */
const valuesFor = (
  key: string,
  statements: readonly CompiledStatement[],
  { catalogue, facts }: Circumstances,
): Context[string][] => {
  const own = Object.entries(facts).map(([name, fact]) => [name.replace(/^caller\./, 'principal.'), fact])
  const ofBoth: Facts = { ...Object.fromEntries(own), ...facts }
  const written = statements.flatMap(({ conditions }) =>
    conditions
      .filter((condition) => condition.key === key && condition.operatorName !== 'Null')
      .flatMap(({ expected }) => expected.flatMap((text) => operandTexts(text, ofBoth))),
  )
  const type = keyOf(catalogue, key)?.type ?? 'string'
  switch (type) {
    case 'number':
      return written.flatMap((text) =>
        parseNumber(text) === undefined ? [] : [text, String(Number(text) - 1), String(Number(text) + 1)],
      )
    case 'date': {
      // Nobody asks in the past.
      const now = Number(facts['request.time'] ?? 0) * 1000
      const local = written.flatMap((text) => parseTimeOfDay(text) ?? parseWeekdays(text) ?? [])
      const from = key === 'request.time' ? now : 0
      const instants = [...written.flatMap((text) => parseDate(text) ?? []), ...tellingInstants(local, from)]
      return instants
        .flatMap((instant) => [instant - 1000, instant, instant + 1000])
        .filter((instant) => key !== 'request.time' || instant >= now)
        .map((instant) => Math.floor(instant / 1000))
    }
    case 'ip':
      return written.flatMap((text) => (parseNetwork(text) === undefined ? [] : [text.replace(/\/\d+$/, '')]))
    case 'bool':
      return ['true', 'false']
    case 'set<string>':
      return [
        ...written.map((text) => [text]),
        ...written
          .flatMap((text) => parseSize(text) ?? [])
          .flatMap((size) => [size, size + 1])
          .filter((size) => size <= MAX_SET)
          .map((size) => Array.from({ length: size }, (_none, n) => `${ANYTHING}${n}`)),
      ]
    case 'string':
    case 'attribute':
      return [...written.map((text) => text.replace(/[*?]/g, ANYTHING)), ANYTHING]
  }
}

/**
 * Contexts in which the conditions of these statements may hold: every key at each of its values and, where
 * it may be, absent.
 */
export function* contextsFor(
  statements: readonly CompiledStatement[],
  action: DeclaredAction,
  circumstances: Circumstances,
): Generator<Context> {
  const { catalogue, facts } = circumstances
  const keys = [...new Set(statements.flatMap(({ conditions }) => conditions.map(({ key }) => key)))].filter(
    (key) => !key.startsWith('principal.') && !key.startsWith('caller.'),
  )
  const options = keys.map((key) => {
    const present = Object.hasOwn(facts, key) ? facts[key] : undefined
    const isNeeded = present !== undefined || isAlwaysThere(catalogue, key, [action])
    const values = [...new Set(valuesFor(key, statements, circumstances))]
    return isNeeded && (present !== undefined || values.length > 0)
      ? [...(present === undefined ? [] : [present]), ...values]
      : [undefined, ...values]
  })
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
