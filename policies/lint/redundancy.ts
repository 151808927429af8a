import { foldAction } from '../engine/compile.ts'
import { listOf } from '../engine/condition.ts'
import { covers, PatternList, symbolsOf, type Symbols, type Work } from '../engine/covers.ts'
import type { Effect, Scalar, Statement } from '../language.ts'
import { ANY_RUN, globUnits } from '../engine/match.ts'
import { parseTemplate } from '../engine/template.ts'
import { pointerTo, type Warning } from './warning.ts'

/** What a statement says of actions or of resources. */
interface Element {
  readonly sources: readonly string[]
  /** All of them as one text: what is written alike needs no comparison. */
  readonly text: string
  readonly list: PatternList
  readonly isComplement: boolean
}

/** A statement made ready to be compared with others. */
export interface Comparable {
  readonly name: string
  readonly effect: Effect
  readonly action: Element
  readonly resource: Element
  /** Each condition as one text. */
  readonly conditions: ReadonlySet<string>
}

const actionSymbols = (text: string): Symbols => globUnits(foldAction(text))

/** A text that is no pattern is a unit of its own: it covers nothing but itself. */
const resourceSymbols = (text: string): Symbols => {
  const template = parseTemplate(text, 'glob')
  return template === undefined ? [text] : symbolsOf(template)
}

const elementOf = (
  plain: string | readonly string[] | undefined,
  complement: string | readonly string[] | undefined,
  symbols: (text: string) => Symbols,
): Element => {
  const sources = listOf<string>(plain ?? complement ?? [])
  return {
    sources,
    text: sources.join('\n'),
    list: new PatternList(sources.map(symbols)),
    isComplement: plain === undefined,
  }
}

const conditionTexts = ({ Condition = {} }: Statement): string[] =>
  Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) =>
      JSON.stringify([operator, key, ...listOf<Scalar>(values).map(String).sort()]),
    ),
  )

/** Reads the patterns of a statement once, for all comparisons. */
export const comparableOf = (statement: Statement, index: number): Comparable => ({
  name: statement.Sid ?? `statement ${index}`,
  effect: statement.Effect,
  action: elementOf(statement.Action, statement.NotAction, actionSymbols),
  resource: elementOf(statement.Resource, statement.NotResource, resourceSymbols),
  conditions: new Set(conditionTexts(statement)),
})

/**
 * The patterns that another of the list makes superfluous, by number; of two that are the same, the second.
 */
const redundant = ({ sources, list }: Element, work: Work): number[] =>
  sources.flatMap((_source, i) => {
    const pattern = list.patterns[i] ?? []
    for (const j of list.coverersOf(pattern, work))
      if (j < i || (j > i && !covers(pattern, list.patterns[j] ?? [], work))) return work.left > 0 ? [i] : []
    return []
  })

/** Patterns that could be left out of their list, each. */
export function* lintPatterns(
  statement: Statement,
  { action, resource }: Comparable,
  work: Work,
): Generator<Warning> {
  for (const [code, name, element] of [
    ['W_REDUNDANT_ACTION', 'Action', action],
    ['W_REDUNDANT_RESOURCE', 'Resource', resource],
  ] as const) {
    const key = element.isComplement ? (`Not${name}` as const) : name
    for (const index of redundant(element, work))
      yield {
        code,
        message: `${element.sources[index] ?? ''} is covered by another pattern of the list`,
        pointer: pointerTo(key, statement[key], index),
      }
  }
}

const isStar = (pattern: Symbols): boolean => pattern.length === 1 && pattern[0] === ANY_RUN

/**
 * Whether the first is about everything that the second is about. For a list and a complement only `*` is
 * seen to be.
 */
const isAboutAllOf = (wide: Element, narrow: Element, work: Work): boolean => {
  if (wide.isComplement === narrow.isComplement && wide.text === narrow.text) return true
  if (wide.isComplement) return narrow.isComplement && narrow.list.coversAll(wide.list.patterns, work)
  return narrow.isComplement
    ? wide.list.patterns.some(isStar)
    : wide.list.coversAll(narrow.list.patterns, work)
}

/**
 * Whether the first statement matches whenever the second does: it is about as much, and each of its
 * conditions is one of the second.
 */
const matchesWithin = (wide: Comparable, narrow: Comparable, work: Work): boolean =>
  [...wide.conditions].every((condition) => narrow.conditions.has(condition)) &&
  isAboutAllOf(wide.action, narrow.action, work) &&
  isAboutAllOf(wide.resource, narrow.resource, work)

/** Which statement of an effect makes another superfluous; of two that say the same, the first the second. */
const covererOf = (
  index: number,
  effect: Effect,
  { statements, work }: { statements: readonly Comparable[]; work: Work },
): Comparable | undefined => {
  const narrow = statements[index]
  return statements.find(
    (wide, other) =>
      narrow !== undefined &&
      wide.effect === effect &&
      other !== index &&
      matchesWithin(wide, narrow, work) &&
      (narrow.effect !== effect || other < index || (!matchesWithin(narrow, wide, work) && work.left > 0)),
  )
}

/**
 * What the other statements of the document leave of this one: nothing, if a Deny covers it or another says
 * it already.
 */
export function* lintAmong(
  index: number,
  document: { statements: readonly Comparable[]; work: Work },
): Generator<Warning> {
  const effect = document.statements[index]?.effect
  const denying = covererOf(index, 'Deny', document)
  if (denying !== undefined && effect === 'Allow')
    return yield { code: 'W_SHADOWED', message: `${denying.name} denies all that this allows` }
  const same = effect === 'Deny' ? denying : covererOf(index, 'Allow', document)
  if (same !== undefined) yield { code: 'W_REDUNDANT_STATEMENT', message: `${same.name} says it already` }
}
