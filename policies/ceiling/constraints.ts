import { BUILT_IN_KEYS } from '../language.ts'
import type { Symbols } from '../engine/covers.ts'
import { covers } from '../engine/covers.ts'
import { areDisjoint, folded, isCovered, isLiteral } from './globs.ts'
import type { Budget } from './grant.ts'
import { ALL, complement, intersect, isInside, spanOf, type Ordered, type Spans } from './spans.ts'

/** What a condition asks of one value. */
export type Test =
  | {
      readonly kind: 'text'
      readonly fold: boolean
      readonly negated: boolean
      readonly patterns: readonly Symbols[]
    }
  /** `junk`: whether a text that is no value of the family passes. */
  | { readonly kind: 'span'; readonly family: Ordered; readonly spans: Spans; readonly junk: boolean }
  /** Known to be the same as another by its words alone. */
  | { readonly kind: 'opaque'; readonly id: string; readonly negated: boolean }

type TextTest = Extract<Test, { kind: 'text' }>

/** What a condition asks of a key: when it is missing, of its one value, and of a set. */
export interface Constraint {
  readonly key: string
  readonly missing: boolean
  readonly test: Test
  /** Sets that pass: none, every one, those of which all elements or some element passes the test. */
  readonly sets: 'none' | 'every' | 'all' | 'some'
}

/** A test that every value passes. */
export const ANY_VALUE: Test = { kind: 'text', fold: false, negated: true, patterns: [] }
/** A test that no value passes. */
export const NO_VALUE: TextTest = { kind: 'text', fold: false, negated: false, patterns: [] }

const negatedTest = (test: Test): Test =>
  test.kind === 'span'
    ? { ...test, spans: complement(test.spans), junk: !test.junk }
    : { ...test, negated: !test.negated }

const OTHER_SETS = { none: 'every', every: 'none', all: 'some', some: 'all' } as const

/** The constraint that holds exactly when this one does not. */
export const negated = ({ key, missing, test, sets }: Constraint): Constraint => ({
  key,
  missing: !missing,
  test: negatedTest(test),
  sets: OTHER_SETS[sets],
})

const NEVER: Omit<Constraint, 'key'> = { missing: false, test: NO_VALUE, sets: 'none' }

const hasVariables = (patterns: readonly Symbols[]): boolean =>
  patterns.some((pattern) => pattern.some((symbol) => typeof symbol === 'string'))

const textOf = (literal: Symbols): string => String.fromCharCode(...(literal as readonly number[]))

/** Whether a value passes; undefined if that depends on a variable or cannot be known. */
const passes = (test: Test, value: Symbols): boolean | undefined => {
  if (test.kind === 'opaque') return undefined
  if (test.kind === 'span') {
    const text = textOf(value)
    // A whole network may lie in two that are side by side, and is in neither.
    if (test.family === 'ip' && text.includes('/')) return undefined
    const span = spanOf(test.family, text)
    return span === undefined ? test.junk : isInside([span], test.spans)
  }
  const [text, patterns] = test.fold ? [folded(value), test.patterns.map(folded)] : [value, test.patterns]
  if (patterns.some((pattern) => covers(pattern, text))) return !test.negated
  return hasVariables(patterns) ? undefined : test.negated
}

const isText = (test: Test): test is TextTest => test.kind === 'text'

/** The values of a pattern that no negated test of these shuts out, if any are left of it for certain. */
const isShutOut = (pattern: Symbols, tests: readonly TextTest[], spend: Budget): boolean =>
  tests.some(({ negated: isNegated, fold, patterns }) =>
    isNegated
      ? isCovered(fold ? folded(pattern) : pattern, fold ? patterns.map(folded) : patterns, spend)
      : patterns.every((each) => areDisjoint(folded(each), folded(pattern), spend)),
  )

const positiveImplies = (
  given: TextTest,
  { others, wanted, spend }: { others: readonly TextTest[]; wanted: TextTest; spend: Budget },
): boolean => {
  const left = given.patterns.filter(
    // In another case it may pass what shuts the pattern out as it is written.
    (pattern) => given.fold || !isShutOut(pattern, others, spend),
  )
  if (wanted.negated)
    return left.every((pattern) =>
      wanted.patterns.every((each) => areDisjoint(folded(each), folded(pattern), spend)),
    )
  if (given.fold && !wanted.fold) return left.length === 0
  const wide = wanted.fold ? wanted.patterns.map(folded) : wanted.patterns
  return left.every((pattern) => isCovered(wanted.fold ? folded(pattern) : pattern, wide, spend))
}

const textImplies = (given: readonly TextTest[], wanted: TextTest, spend: Budget): boolean => {
  const isWithin = given.some(
    (test) =>
      !test.negated &&
      positiveImplies(test, { others: given.filter((each) => each !== test), wanted, spend }),
  )
  if (isWithin || !wanted.negated) return isWithin
  // What is wanted out must be shut out.
  return wanted.patterns.every((pattern) =>
    given.some(
      (test) =>
        test.negated &&
        (test.fold || !wanted.fold) &&
        isCovered(
          test.fold ? folded(pattern) : pattern,
          test.fold ? test.patterns.map(folded) : test.patterns,
          spend,
        ),
    ),
  )
}

/** The values, if they are few and known, that one of these tests leaves. */
const fewValues = (given: readonly Test[]): readonly Symbols[] | undefined => {
  const few = given.find(
    (test) => isText(test) && !test.negated && !test.fold && test.patterns.every(isLiteral),
  )
  return few !== undefined && isText(few)
    ? few.patterns.filter((value) => given.every((test) => passes(test, value) !== false))
    : undefined
}

const spansIn = (given: readonly Test[], family: Ordered): { spans: Spans; junk: boolean } | undefined => {
  const own = given.filter((test) => test.kind === 'span' && test.family === family)
  return own.reduce<{ spans: Spans; junk: boolean } | undefined>(
    (all, test) =>
      test.kind !== 'span'
        ? all
        : all === undefined
          ? { spans: test.spans, junk: test.junk }
          : { spans: intersect(all.spans, test.spans), junk: all.junk && test.junk },
    undefined,
  )
}

const FAMILIES = ['number', 'date', 'ip'] as const

/** Whether one of these tests is the negation of another by its words: then no value passes both. */
const areOpposite = (given: readonly Test[]): boolean =>
  given.some(
    (one) =>
      one.kind === 'opaque' &&
      one.negated &&
      given.some((other) => other.kind === 'opaque' && other.id === one.id && !other.negated),
  )

/** Whether, for certain, a value that passes all given tests passes the wanted one. */
const testsImply = (given: readonly Test[], wanted: Test, spend: Budget): boolean => {
  spend(1 + given.length)
  const few = fewValues(given)
  if (few !== undefined && few.every((value) => passes(wanted, value) === true)) return true
  for (const family of FAMILIES) {
    const own = spansIn(given, family)
    if (own === undefined) continue
    if (own.spans.length === 0 && !own.junk) return true
    if (wanted.kind === 'span' && wanted.family === family)
      if (isInside(own.spans, wanted.spans) && (wanted.junk || !own.junk)) return true
  }
  if (areOpposite(given)) return true
  if (wanted.kind === 'opaque')
    return given.some(
      (test) => test.kind === 'opaque' && test.id === wanted.id && test.negated === wanted.negated,
    )
  const texts = given.filter(isText)
  return textImplies(texts, isText(wanted) ? wanted : NO_VALUE, spend)
}

/** Whether, for certain, a set that passes all given constraints passes the wanted one. */
const setsImply = (given: readonly Constraint[], wanted: Constraint, spend: Budget): boolean => {
  if (wanted.sets === 'every' || given.some(({ sets }) => sets === 'none')) return true
  if (wanted.sets === 'none') return false
  return given.some(
    ({ sets, test }) =>
      // A set that is there has an element.
      (sets === 'all' || (sets === 'some' && wanted.sets === 'some')) &&
      testsImply([test], wanted.test, spend),
  )
}

/** Keys that never hold a set: what the server itself says. */
const IS_SINGLE = /^(?:principal|caller|request)\.(?:id|role|path|attributes\.|ip$|time$|mfa$)/

const isAlwaysThere = (key: string): boolean =>
  Object.hasOwn(BUILT_IN_KEYS, key) && BUILT_IN_KEYS[key]?.always === true

/** What the server says has its type. */
const typedBy = (key: string): Test[] => {
  const type = Object.hasOwn(BUILT_IN_KEYS, key) ? BUILT_IN_KEYS[key]?.type : undefined
  return type === 'date' || type === 'ip' ? [{ kind: 'span', family: type, spans: ALL, junk: false }] : []
}

/**
 * Whether, for certain, the wanted constraint holds wherever all given ones do, which are on the same key.
 */
export const implies = (given: readonly Constraint[], wanted: Constraint, spend: Budget): boolean => {
  const mayBeMissing = !isAlwaysThere(wanted.key) && given.every(({ missing }) => missing)
  if (mayBeMissing && !wanted.missing) return false
  const tests = [...given.map(({ test }) => test), ...typedBy(wanted.key)]
  if (!testsImply(tests, wanted.test, spend)) return false
  return IS_SINGLE.test(wanted.key) || setsImply(given, wanted, spend)
}

/** Whether, for certain, no request meets all of these, which are on one key. */
export const areContrary = (given: readonly Constraint[], spend: Budget): boolean => {
  const [first] = given
  return first !== undefined && implies(given, { key: first.key, ...NEVER }, spend)
}
