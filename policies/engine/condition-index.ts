// SPDX-License-Identifier: LGPL-3.0-or-later
import { parseOperator } from '../language.ts'
import { isAttribute } from './attribute-values.ts'
import { hold, holdsAll, type CompiledStatement } from './compile.ts'
import type { Condition } from './condition.ts'
import { spanOf, spansOf, type Line, type Ordinal, type Span } from './lines.ts'
import { operandOf } from './operands.ts'
import { parseTemplate, type View } from './template.ts'
import { literalOf } from './value-tests.ts'

/** What a statement needs of a key: one of these texts, or a value in one of these spans. */
type Need =
  | { readonly key: string; readonly texts: readonly string[] }
  | { readonly key: string; readonly line: Line; readonly spans: readonly Span[] }

/** The texts without variables that these stand for; undefined where there is a variable. */
const textsOf = (expected: readonly string[]): string[] | undefined => {
  const texts = expected.map((text) => literalOf(parseTemplate(text, 'text') ?? []))
  return texts.includes(undefined) ? undefined : texts.filter((text) => text !== undefined)
}

/** A statement with more than this is asked as it is: it would stand at too many places. */
const MOST_PLACES = 16

/**
 * What the condition needs, if it can hold for no value but those; undefined where it also holds for a
 * missing key, or for what is not known before the question.
 */
const needOf = ({ operatorName, key, expected }: Condition): Need | undefined => {
  const { operator, quantifier, ifExists } = parseOperator(operatorName) ?? {}
  if (operator === undefined || quantifier !== 'one' || ifExists === true || operator.negated)
    return undefined
  if (expected.length > MOST_PLACES) return undefined
  if (operator.family === 'string') {
    const texts = operator.ignoreCase === true ? undefined : textsOf(expected)
    return texts && { key, texts }
  }
  // What cannot be read meets a Deny.
  if (isAttribute(key) || expected.some((text) => operandOf(text) !== undefined)) return undefined
  const found = spansOf(operator, expected)
  return found && { key, ...found }
}

/** The spans that lie in both. */
const intersect = (some: readonly Span[], others: readonly Span[]): Span[] =>
  some.flatMap((a) =>
    others.flatMap((b) => {
      const [from, to] = [a.from > b.from ? a.from : b.from, a.to < b.to ? a.to : b.to]
      return from <= to ? [{ from, to }] : []
    }),
  )

/** A statement, and whether the need by which it is found is all that its conditions ask. */
interface Candidate {
  readonly statement: CompiledStatement
  readonly isAll: boolean
}

/** A statement that needs a value from one place to another. */
type Bounded = Candidate & Span

/** The need that tells most: a text; else spans, by all conditions on their key together. */
const strongestOf = ({ conditions }: CompiledStatement): { need: Need; isAll: boolean } | undefined => {
  const needs = conditions.flatMap((condition) => needOf(condition) ?? [])
  const [first] = needs
  const text = needs.find((need) => 'texts' in need)
  if (text !== undefined) return { need: text, isAll: conditions.length === 1 }
  if (first === undefined || !('spans' in first)) return undefined
  const { key, line } = first
  const own = needs.flatMap((need) =>
    'spans' in need && need.key === key && need.line === line ? [need.spans] : [],
  )
  return { need: { key, line, spans: own.reduce(intersect) }, isAll: own.length === conditions.length }
}

const firstHolding = (
  statements: readonly CompiledStatement[],
  view: View,
): CompiledStatement | undefined => {
  for (const statement of statements) if (holdsAll(statement, view)) return statement
  return undefined
}

const inOrder = (a: Bounded, b: Bounded): number => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0)

/** Statements by the spans in which they need a value: those around a value are found by halving. */
class SpanList {
  readonly #bounded: readonly Bounded[]
  /** Their beginnings, in order, and for each the furthest end of it and of all before. */
  readonly #from: readonly Ordinal[]
  readonly #furthest: readonly Ordinal[]

  constructor(bounded: readonly Bounded[]) {
    this.#bounded = [...bounded].sort(inOrder)
    this.#from = this.#bounded.map(({ from }) => from)
    let last: Ordinal = -Infinity
    this.#furthest = this.#bounded.map(({ to }) => (last = to > last ? to : last))
  }

  find({ from: value, to: end }: Span, view: View): CompiledStatement | undefined {
    const from = this.#from
    let [low, high] = [0, from.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((from[middle] as Ordinal) <= value) low = middle + 1
      else high = middle
    }
    for (let i = low - 1; i >= 0 && (this.#furthest[i] as Ordinal) >= end; i--) {
      const { to, statement, isAll } = this.#bounded[i] as Bounded
      if (to >= end && (isAll || holdsAll(statement, view))) return statement
    }
    return undefined
  }
}

/** Statements that need one of certain texts of a key. */
interface ByText {
  readonly key: string
  readonly candidates: ReadonlyMap<string, readonly Candidate[]>
}

/** Statements that need a value of a key within certain spans; IPv6 apart, which only bigints hold. */
interface BySpan {
  readonly key: string
  readonly line: Line
  readonly doubles: SpanList
  readonly bigints: SpanList
}

const isBig = ({ from, to }: Span): boolean => typeof from === 'bigint' || typeof to === 'bigint'

const byText = (key: string, all: readonly (Candidate & { need: Need })[]): ByText => {
  const candidates = new Map<string, Candidate[]>()
  for (const { need, statement, isAll } of all)
    for (const text of 'texts' in need ? need.texts : [])
      candidates.set(text, [...(candidates.get(text) ?? []), { statement, isAll }])
  return { key, candidates }
}

const bySpan = (key: string, line: Line, all: readonly (Candidate & { need: Need })[]): BySpan => {
  const bounded = all.flatMap(({ need, statement, isAll }) =>
    'spans' in need ? need.spans.map(({ from, to }): Bounded => ({ from, to, statement, isAll })) : [],
  )
  const isApart = (span: Span): boolean => line === 'ip' && isBig(span)
  return {
    key,
    line,
    doubles: new SpanList(bounded.filter((span) => !isApart(span))),
    bigints: new SpanList(bounded.filter(isApart)),
  }
}

/** Statements grouped by the keys on which they need something. */
class Groups {
  /** Those of whom no condition says which value it needs. */
  readonly #others: CompiledStatement[] = []
  readonly #texts: ByText[] = []
  readonly #spans: BySpan[] = []

  constructor(statements: readonly CompiledStatement[]) {
    const groups = new Map<string, (Candidate & { need: Need })[]>()
    for (const statement of statements) {
      const strongest = strongestOf(statement)
      if (strongest === undefined) this.#others.push(statement)
      else {
        const { need } = strongest
        const name = `${'texts' in need ? 'text' : need.line} ${need.key}`
        const group = groups.get(name)
        if (group === undefined) groups.set(name, [{ ...strongest, statement }])
        else group.push({ ...strongest, statement })
      }
    }
    for (const group of groups.values()) {
      const need = group[0]?.need
      if (need === undefined) continue
      if ('texts' in need) this.#texts.push(byText(need.key, group))
      else this.#spans.push(bySpan(need.key, need.line, group))
    }
  }

  find(view: View): CompiledStatement | undefined {
    const other = firstHolding(this.#others, view)
    if (other !== undefined) return other
    for (const { key, candidates } of this.#texts) {
      const value = view.values(key)
      for (const { statement, isAll } of typeof value === 'string' ? (candidates.get(value) ?? []) : [])
        if (isAll || holdsAll(statement, view)) return statement
    }
    for (const { key, line, doubles, bigints } of this.#spans) {
      const value = view.values(key)
      const span = typeof value === 'string' ? spanOf(line, value) : undefined
      if (span === undefined) continue
      const found = (line === 'ip' && isBig(span) ? bigints : doubles).find(span, view)
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** So few statements are asked one by one. */
const FEW = 4

/**
 * Statements that are about the same resources. Where they are many, each is asked only if a condition of it
 * that certain values meet, and no others, may hold.
 */
export class ConditionIndex {
  readonly statements: CompiledStatement[] = []
  /** What the first statement has: what is looked at most is not looked for further away. */
  #first: CompiledStatement | undefined
  #conditions: readonly Condition[] = []
  /** One without conditions: then no other is asked. */
  #unconditional: CompiledStatement | undefined
  #groups: Groups | undefined

  /** Adds a statement, before the first question. */
  add(statement: CompiledStatement): void {
    this.statements.push(statement)
    if (statement.conditions.length === 0) this.#unconditional ??= statement
    if (this.#first !== undefined) return
    this.#first = statement
    this.#conditions = statement.conditions
  }

  /** A statement whose conditions hold; of several in no order that is promised. */
  find(view: View): CompiledStatement | undefined {
    if (this.#unconditional !== undefined) return this.#unconditional
    if (hold(this.#conditions, view)) return this.#first
    if (this.statements.length === 1) return undefined
    if (this.statements.length <= FEW) return firstHolding(this.statements, view)
    return (this.#groups ??= new Groups(this.statements)).find(view)
  }
}
