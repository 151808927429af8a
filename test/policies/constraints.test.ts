import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ANY_VALUE,
  areContrary,
  implies,
  negated,
  NO_VALUE,
  type Constraint,
  type Test,
} from '../../policies/ceiling/constraints.ts'
import { folded } from '../../policies/ceiling/globs.ts'
import {
  ALL,
  complement,
  intersect,
  isInside,
  spanOf,
  spansOf,
  type Ordered,
  type Spans,
} from '../../policies/ceiling/spans.ts'
import type { Symbols } from '../../policies/engine/covers.ts'
import { globUnits, matchGlob, type Glob } from '../../policies/engine/match.ts'
import { OPERATORS } from '../../policies/language.ts'

/* What conditions ask of a key, beside every value that it may have. */

const unlimited = (): void => undefined
const operator = (name: string) => {
  const found = OPERATORS.get(name)
  if (found === undefined) throw new Error(`${name} is an operator`)
  return found
}

const LETTERS = ['a', 'A', 'b', 'z']
/** Every text of these letters, up to a length. */
const TEXTS = ['', ...LETTERS, ...LETTERS.flatMap((a) => LETTERS.map((b) => a + b))]
const NUMBERS = ['0.999999', '1', '1.000001', '1.5', '2', '2.000001', 'many']
const DATES = [
  '2025-12-31T23:59:59.999Z',
  '2026-01-01T00:00:00Z',
  '1767225600',
  '2026-01-01T00:00:00.001Z',
  'now',
]
const ADDRESSES = ['10.0.0.1', '10.200.0.1', '11.0.0.1', '::1', 'localhost']
const VALUES = [...TEXTS, ...NUMBERS, ...DATES, ...ADDRESSES]

type State = undefined | string | readonly string[]

const isInFamily = (family: Ordered, value: string): boolean => spanOf(family, value) !== undefined

const passes = (wanted: Test, value: string): boolean => {
  if (wanted.kind === 'opaque') return (value.length % 2 === 0) !== wanted.negated
  if (wanted.kind === 'span') {
    const span = spanOf(wanted.family, value)
    return span === undefined
      ? wanted.junk
      : wanted.spans.some(({ from, to }) => from <= span.from && span.to <= to)
  }
  const text = wanted.fold ? value.toLowerCase() : value
  const patterns = wanted.patterns as readonly Glob[]
  return (
    patterns.some((each) => matchGlob(wanted.fold ? (folded(each) as Glob) : each, text)) !== wanted.negated
  )
}

const holds = ({ missing, test: wanted, sets }: Constraint, state: State): boolean => {
  if (state === undefined) return missing
  if (typeof state === 'string') return passes(wanted, state)
  if (sets === 'none' || sets === 'every') return sets === 'every'
  return sets === 'all'
    ? state.every((value) => passes(wanted, value))
    : state.some((value) => passes(wanted, value))
}

/** What a key may be, by its name. */
const statesOf = (key: string): readonly State[] => {
  if (key === 'request.time') return VALUES.filter((value) => isInFamily('date', value))
  if (key === 'request.ip') return [undefined, ...VALUES.filter((value) => isInFamily('ip', value))]
  if (key === 'caller.id') return VALUES
  if (key.startsWith('caller.attributes.')) return [undefined, ...VALUES]
  const sets = VALUES.map((one, n) => [one, VALUES[(n * 7) % VALUES.length] ?? ''])
  return [undefined, ...VALUES, ...sets]
}
const KEYS = ['resource.x', 'orders.tags', 'caller.attributes.x', 'caller.id', 'request.ip', 'request.time']

const units = fc.array(fc.constantFrom('a', 'A', 'b', '*', '?'), { maxLength: 2 })
const pattern: fc.Arbitrary<Symbols> = fc.oneof(
  units.map((list) => globUnits(list.join(''))),
  fc.constantFrom(...['1', '2', '10.0.0.1', '1767225600'].map((text) => globUnits(text))),
)
const textTest = fc.record({
  kind: fc.constant('text' as const),
  fold: fc.boolean(),
  negated: fc.boolean(),
  patterns: fc.array(pattern, { maxLength: 3 }),
})
const ORDERED = {
  number: ['1', '2', '1.5'],
  date: ['2026-01-01T00:00:00Z', '1767225600'],
  ip: ['10.0.0.0/8', '10.128.0.0/9', '::/0', '10.0.0.1'],
} as const
const spanTest = (family: Ordered): fc.Arbitrary<Test> =>
  fc
    .tuple(
      fc.constantFrom('Equals', 'LessThan', 'GreaterThanEquals'),
      fc.subarray<string>([...ORDERED[family]], { minLength: 1 }),
      fc.boolean(),
      fc.boolean(),
    )
    .map(([order, texts, isNegated, junk]) => {
      const name = family === 'ip' ? 'IpAddress' : `${family === 'number' ? 'Numeric' : 'Date'}${order}`
      const spans = spansOf(family, operator(name), texts)
      return { kind: 'span', family, spans: isNegated ? complement(spans) : spans, junk }
    })
const anyTest: fc.Arbitrary<Test> = fc.oneof(
  textTest,
  textTest,
  spanTest('number'),
  spanTest('date'),
  spanTest('ip'),
  fc.record({ kind: fc.constant('opaque' as const), id: fc.constant('even'), negated: fc.boolean() }),
  fc.constantFrom(ANY_VALUE, NO_VALUE),
)
const constraintOn = (key: string): fc.Arbitrary<Constraint> =>
  fc.record({
    key: fc.constant(key),
    missing: fc.boolean(),
    test: anyTest,
    sets: fc.constantFrom('none' as const, 'every' as const, 'all' as const, 'some' as const),
  })

describe.each(KEYS)('conditions on %s', (key) => {
  const states = statesOf(key)
  const some = fc.array(constraintOn(key), { minLength: 1, maxLength: 3 })

  test('imply only what holds wherever they do', () => {
    let implied = 0
    fc.assert(
      fc.property(some, constraintOn(key), fc.boolean(), (given, drawn, isLike) => {
        // Like one of them, in something else: much is implied then.
        const wanted = isLike ? { ...drawn, test: given[0]?.test ?? drawn.test } : drawn
        if (!implies(given, wanted, unlimited)) return
        implied += 1
        const broken = states.find(
          (state) => given.every((each) => holds(each, state)) && !holds(wanted, state),
        )
        expect(broken).toBeUndefined()
        if (states.includes(undefined) && given.every((each) => each.missing))
          expect(wanted.missing).toBe(true)
      }),
      { numRuns: 300 },
    )
    expect(implied).toBeGreaterThan(30)
  })

  test('are contrary only where nothing meets them all, and the opposite holds where one does not', () => {
    fc.assert(
      fc.property(some, (given) => {
        if (areContrary(given, unlimited))
          expect(states.find((state) => given.every((each) => holds(each, state)))).toBeUndefined()
        for (const each of given)
          for (const state of states) expect(holds(negated(each), state)).toBe(!holds(each, state))
      }),
      { numRuns: 60 },
    )
  })
})

describe('whatever holds in fact is seen', () => {
  const KEY = 'caller.attributes.x'
  const there = (wanted: Test): Constraint => ({ key: KEY, missing: false, test: wanted, sets: 'none' })
  const inFact = (given: readonly Test[], wanted: Test, values = VALUES): boolean =>
    values.every((value) => !given.every((each) => passes(each, value)) || passes(wanted, value))
  const isSeen = (given: readonly Test[], wanted: Test): boolean =>
    implies(given.map(there), there(wanted), unlimited)
  const literal = fc.constantFrom(...TEXTS.slice(0, 8), '1', '10.0.0.1').map((text) => globUnits(text))
  const values = (isNegated: boolean) =>
    fc.array(literal, { minLength: 1, maxLength: 4 }).map((patterns): Test => ({
      kind: 'text',
      fold: false,
      negated: isNegated,
      patterns,
    }))

  test('of what names its values, whatever else is asked', () => {
    fc.assert(
      fc.property(values(false), fc.array(anyTest, { maxLength: 2 }), anyTest, (few, others, wanted) => {
        fc.pre([...others, wanted].every(({ kind }) => kind !== 'opaque'))
        expect(isSeen([...others, few], wanted)).toBe(inFact([...others, few], wanted))
      }),
      { numRuns: 300 },
    )
  })

  test.each<Ordered>(['number', 'date', 'ip'])('of several of one kind: %s', (family) => {
    const points = VALUES.filter((value) => isInFamily(family, value) || value === 'many')
    const limits = [...ORDERED[family], ...points]
    fc.assert(
      fc.property(
        fc.array(spanTest(family), { minLength: 1, maxLength: 2 }),
        spanTest(family),
        (given, wanted) => {
          fc.pre(limits.length > 0)
          if (isSeen(given, wanted)) expect(inFact(given, wanted)).toBe(true)
          const all = given.flatMap((each) => (each.kind === 'span' ? [each] : []))
          const spans = all.reduce<Spans>((left, each) => intersect(left, each.spans), ALL)
          const isJunkLeft = all.every(({ junk }) => junk)
          if (wanted.kind === 'span')
            expect(isSeen(given, wanted)).toBe(
              (spans.length === 0 && !isJunkLeft) ||
                (isInside(spans, wanted.spans) && (wanted.junk || !isJunkLeft)),
            )
        },
      ),
      { numRuns: 300 },
    )
  })

  test('of one pattern and another, also where case does not count', () => {
    const one = fc.record({
      kind: fc.constant('text' as const),
      fold: fc.boolean(),
      negated: fc.boolean(),
      patterns: units.map((list) => [globUnits(list.join(''))]),
    })
    fc.assert(
      fc.property(one, one, (given, wanted) => {
        const isCased = [...given.patterns, ...wanted.patterns].some((each) => each.includes(65))
        if (!given.negated && !wanted.negated) fc.pre(!given.fold || wanted.fold)
        if (!given.negated && wanted.negated) fc.pre(given.fold || wanted.fold || !isCased)
        if (given.negated) fc.pre(wanted.negated && (given.fold || !wanted.fold))
        expect(isSeen([given], wanted)).toBe(inFact([given], wanted, [...TEXTS, 'bab', 'Aab', 'zaz']))
      }),
      { numRuns: 800 },
    )
  })
})

test('a whole network is in none of two that are side by side', () => {
  const key = 'resource.x'
  const on = (asked: Test): Constraint => ({ key, missing: false, test: asked, sets: 'none' })
  const text = (value: string): Constraint =>
    on({ kind: 'text', fold: false, negated: false, patterns: [globUnits(value)] })
  const halves = spansOf('ip', operator('IpAddress'), ['10.0.0.0/9', '10.128.0.0/9'])
  const inside = on({ kind: 'span', family: 'ip', spans: halves, junk: false })
  const outside = on({ kind: 'span', family: 'ip', spans: complement(halves), junk: true })
  for (const wanted of [inside, outside]) expect(implies([text('10.0.0.0/8')], wanted, unlimited)).toBe(false)
  expect(implies([text('10.0.0.1')], inside, unlimited)).toBe(true)
  expect(implies([text('11.0.0.1')], outside, unlimited)).toBe(true)
  // What is no address is no network either.
  const numbers = on({ kind: 'span', family: 'number', spans: ALL, junk: true })
  expect(implies([text('a/b')], numbers, unlimited)).toBe(true)
})
