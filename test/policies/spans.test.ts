import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
import { OPERATORS } from '../../policies/language.ts'

const operator = (name: string) => {
  const found = OPERATORS.get(name)
  if (found === undefined) throw new Error(`${name} is an operator`)
  return found
}

describe('runs of values', () => {
  const ORDERS = ['Equals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals']
  /** Every number that limits of whole numbers from 0 to 4 tell apart. */
  const POINTS = [-1n, 0n, 1n, 2n, 3n, 4n, 5n].flatMap((n) => [-1n, 0n, 1n].map((d) => n * 1_000_000n + d))
  const has = (spans: Spans, point: bigint): boolean =>
    spans.some(({ from, to }) => from <= point && point <= to)
  const meets = (order: string, point: bigint, limit: bigint): boolean =>
    ({
      Equals: point === limit,
      LessThan: point < limit,
      LessThanEquals: point <= limit,
      GreaterThan: point > limit,
      GreaterThanEquals: point >= limit,
    })[order] === true
  const drawn = fc.tuple(
    fc.constantFrom(...ORDERS),
    fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  )
  const spansFor = ([order, limits]: readonly [string, readonly number[]]): Spans =>
    spansOf('number', operator(`Numeric${order}`), limits.map(String))

  test('are what the operator says, their complement, and what two have in common', () => {
    fc.assert(
      fc.property(drawn, drawn, (one, other) => {
        const [a, b] = [spansFor(one), spansFor(other)]
        const [order, limits] = one
        for (const point of POINTS) {
          const isMet = limits.some((limit) => meets(order, point, BigInt(limit) * 1_000_000n))
          expect(has(a, point)).toBe(isMet)
          expect(has(complement(a), point)).toBe(!isMet)
          expect(has(intersect(a, b), point)).toBe(isMet && has(b, point))
          expect(has(intersect(a, complement(b)), point)).toBe(isMet && !has(b, point))
        }
        expect(isInside(a, b)).toBe(POINTS.every((point) => !has(a, point) || has(b, point)))
        expect(complement(complement(a))).toEqual(a)
      }),
      { numRuns: 400 },
    )
  })

  test('everything and nothing', () => {
    expect(complement(ALL)).toEqual([])
    expect(complement([])).toEqual(ALL)
    expect(isInside([], [])).toBe(true)
    expect(isInside(ALL, [])).toBe(false)
    const whole = spansOf('number', operator('NumericLessThanEquals'), ['1'])
    expect([...whole, ...spansOf('number', operator('NumericGreaterThan'), ['1'])]).toHaveLength(2)
    expect(spansOf('number', operator('NumericEquals'), ['1', '1.000001', '3', 'many'])).toHaveLength(2)
    // One within another, and the wider one last.
    expect(spansOf('ip', operator('IpAddress'), ['10.1.0.0/16', '10.0.0.0/8', '10.2.3.4'])).toHaveLength(1)
    expect(spansOf('ip', operator('IpAddress'), ['10.0.0.0/9', '10.128.0.0/9'])).toEqual(
      spansOf('ip', operator('IpAddress'), ['10.0.0.0/8']),
    )
  })

  test.each<[Ordered, string, bigint | undefined]>([
    ['number', '1', 1n],
    ['number', '1,0', undefined],
    ['date', '2026-01-01T00:00:00Z', 1n],
    ['date', 'today', undefined],
    ['ip', '10.0.0.0/24', 256n],
    ['ip', '10.0.0.1', 1n],
    ['ip', '::/64', 1n << 64n],
    ['ip', '::ffff:10.0.0.0/120', 256n],
    ['ip', 'localhost', undefined],
  ])('a %s %s is a run of %s', (family, text, size) => {
    const span = spanOf(family, text)
    expect(span && span.to - span.from + 1n).toBe(size)
  })

  test('addresses of one family are none of the other', () => {
    const of = (text: string): Spans => [spanOf('ip', text)].flatMap((span) => span ?? [])
    expect(isInside(of('0.0.0.0/0'), of('::/0'))).toBe(false)
    expect(intersect(of('::/0'), of('0.0.0.0/0'))).toEqual([])
    expect(isInside(of('::ffff:1.2.3.4'), of('1.2.3.0/24'))).toBe(true)
  })
})
