import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { areDisjoint, folded, isCovered, isLiteral } from '../../policies/ceiling/globs.ts'
import { createBudget, GrantTooLarge } from '../../policies/ceiling/grant.ts'
import { covers, PatternList, symbolsOf, type Symbols } from '../../policies/engine/covers.ts'
import { globUnits, matchGlob } from '../../policies/engine/match.ts'
import { parseTemplate } from '../../policies/engine/template.ts'

/* Whether patterns cover one another, beside the texts that they match. */

const symbols = (text: string): Symbols => {
  const template = parseTemplate(text, 'glob')
  if (template === undefined) throw new Error(`${text} is a pattern`)
  return symbolsOf(template)
}
const unlimited = (): void => undefined

/** Every text of two letters and one that no pattern names, up to a length. */
const TEXTS = ((): readonly string[] => {
  let [all, last] = [[''], ['']]
  for (let length = 1; length <= 7; length++) {
    last = last.flatMap((text) => ['a', 'b', 'z'].map((letter) => text + letter))
    all = [...all, ...last]
  }
  return all
})()

const kept = new Map<string, ReadonlySet<number>>()
/** The numbers of the texts that a pattern matches. */
const matchedBy = (pattern: string): ReadonlySet<number> => {
  const known = kept.get(pattern)
  if (known !== undefined) return known
  const glob = globUnits(pattern)
  const found = new Set(TEXTS.flatMap((text, n) => (matchGlob(glob, text) ? [n] : [])))
  kept.set(pattern, found)
  return found
}
const isWithin = (narrow: string, wide: readonly string[]): boolean =>
  [...matchedBy(narrow)].every((n) => wide.some((pattern) => matchedBy(pattern).has(n)))

const pattern = fc
  .array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 3 })
  .map((units) => units.join('').replace(/\*+/g, '*'))
const patterns = fc.array(pattern, { maxLength: 3 })

test('one pattern covers another only where it matches all that the other does', () => {
  fc.assert(
    fc.property(pattern, pattern, (wide, narrow) => {
      if (covers(symbols(wide), symbols(narrow))) expect(isWithin(narrow, [wide])).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('several patterns cover another together exactly where they match all that it does', () => {
  fc.assert(
    fc.property(pattern, patterns, (narrow, wide) => {
      expect(isCovered(symbols(narrow), wide.map(symbols), unlimited)).toBe(isWithin(narrow, wide))
    }),
    { numRuns: 3000 },
  )
})

test('patterns have nothing in common exactly where no text is matched by both', () => {
  fc.assert(
    fc.property(pattern, pattern, (one, other) => {
      const [a, b] = [matchedBy(one), matchedBy(other)]
      expect(areDisjoint(symbols(one), symbols(other), unlimited)).toBe([...a].every((n) => !b.has(n)))
    }),
    { numRuns: 3000 },
  )
})

describe('with variables, which may be any text', () => {
  test.each<[string, string, boolean]>([
    ['${k}', '${k}', true],
    ['*', '${k}', true],
    ['a*', 'a${k}', true],
    ['*a*', '${k}a', true],
    ['?', '${k}', false],
    ['a', '${k}', false],
    ['${k}', 'a', false],
    ['${k}', '*', false],
    ["${k, 'a'}", '${k}', false],
    ["${k, 'a'}", "${k, 'a'}", true],
    ['${j}', '${k}', false],
    ['a${k}b*', 'a${k}bc', true],
  ])('%s covers %s: %s', (wide, narrow, expected) => {
    expect(covers(symbols(wide), symbols(narrow))).toBe(expected)
    expect(isCovered(symbols(narrow), [symbols('x'), symbols(wide)], unlimited)).toBe(expected)
  })

  test.each<[string, readonly string[], boolean]>([
    ['${k}*', ['${k}', '${k}?*'], true],
    ['${k}*', ['${k}', '${k}??*'], false],
    ['*${k}', ['${k}', '?*${k}'], true],
    ['?${k}', ['?*'], true],
    ['?${k}', ['a*', 'b*'], false],
    ['${k}', ['', '?*'], false],
    ['?', ['a', 'b'], false],
    ['?', ['a', '?'], true],
    ['a?', ['aa', 'a*'], true],
    ['*', [], false],
    ['', [''], true],
    ['', [], false],
  ])('%s is covered by %j together: %s', (narrow, wide, expected) => {
    expect(isCovered(symbols(narrow), wide.map(symbols), unlimited)).toBe(expected)
  })

  test.each<[string, string, boolean]>([
    ['a${k}', 'b*', true],
    ['a${k}', 'a', false],
    ['a${k}', 'ab', false],
    ['${k}a', 'b', true],
    ['${k}', '${j}', false],
    ['a${k}b', 'a${j}c', true],
    ['${k}', '', false],
    ['?', '', true],
    ['?', '${k}', false],
    ['?', 'a', false],
    ['a', '?', false],
    ['ab', 'a?', false],
    ['a', 'a', false],
    ['a', 'b', true],
    ['', '', false],
    ['*a', '*b', true],
    ['a*', '*b', false],
  ])('%s and %s have nothing in common: %s', (one, other, expected) => {
    expect(areDisjoint(symbols(one), symbols(other), unlimited)).toBe(expected)
    expect(areDisjoint(symbols(other), symbols(one), unlimited)).toBe(expected)
  })
})

test('a literal is a text without wildcards and variables', () => {
  expect(['a', '', 'a${*}', '\u0000'].map((text) => isLiteral(symbols(text)))).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(['*', 'a?', '${k}'].map((text) => isLiteral(symbols(text)))).toEqual([false, false, false])
})

test('ASCII letters fold, and nothing else does', () => {
  expect(folded(symbols('@AMZ[az{Ä*?${caller.Id}'))).toEqual(symbols('@amz[az{Ä*?${caller.Id}'))
})

test('what takes too long to be compared is not covered, and what it takes is counted', () => {
  // Every length up to one, and all beyond it: together they are everything, in so many steps for each star.
  const lengths = (most: number): Symbols[] => [
    ...Array.from({ length: most }, (_value, n) => symbols('?'.repeat(n))),
    symbols(`${'?'.repeat(most)}*`),
  ]
  expect(isCovered(symbols('*?*?*?*?*?*?*?*?'), lengths(60), unlimited)).toBe(true)
  expect(isCovered(symbols('*?*?*?*?*?*?*?*?'), lengths(340), unlimited)).toBe(false)
  const many = Array.from({ length: 12 }, (_value, n) =>
    symbols(`*${'a?'.repeat(n)}b*${'?a'.repeat(12 - n)}*`),
  )
  expect(isCovered(symbols('*'), many, unlimited)).toBe(false)
  expect(() =>
    isCovered(symbols('*a*b*'), [symbols(`*${'ab?'.repeat(30)}`), symbols('*a*')], createBudget()),
  ).not.toThrow()
  let spent = 0
  const spend = (comparisons: number): void => void (spent += comparisons)
  isCovered(symbols('ab'), [symbols('b'), symbols('c')], spend)
  expect(spent).toBe(3)
  spent = 0
  expect(areDisjoint(symbols('ab'), symbols('acd'), spend)).toBe(true)
  // They begin with letters that differ.
  expect(spent).toBe(1)
  spent = 0
  areDisjoint(symbols('\u0000'), symbols('a'), spend)
  areDisjoint(symbols('a'), symbols('\u0000'), spend)
  expect(spent).toBe(2)
  spent = 0
  areDisjoint(symbols('?b'), symbols('bcd'), spend)
  expect(spent).toBe(7)
  spent = 0
  // Begun, then the places of each step: three patterns, and what is left of them.
  isCovered(symbols('?'), [symbols('a'), symbols('?'), symbols('bb')], spend)
  expect(spent).toBe(4)
  // Longer than patterns are counted by: its end would be the beginning of the next.
  const long = `?${'a'.repeat(1023)}`
  expect(isCovered(symbols(`${long}zz`), [symbols(long), symbols('zz')], unlimited)).toBe(false)
  expect(isCovered(symbols(`${long}zz`), [symbols('zz'), symbols(`${long}z?`)], unlimited)).toBe(true)
  const budget = createBudget()
  budget(2_000_000)
  expect(() => budget(1)).toThrow(GrantTooLarge)
})

describe('a list of patterns', () => {
  const anyPattern = fc
    .array(fc.constantFrom('a', 'b', '*', '?', '${k}'), { maxLength: 4 })
    .map((units) => units.join(''))

  test('finds those that cover a pattern as asking each would', () => {
    fc.assert(
      fc.property(fc.array(anyPattern, { maxLength: 6 }), anyPattern, (wide, narrow) => {
        const list = new PatternList(wide.map(symbols))
        const found = [...list.coverersOf(symbols(narrow), { left: Infinity })].sort((a, b) => a - b)
        expect(found).toEqual(wide.flatMap((each, n) => (covers(symbols(each), symbols(narrow)) ? [n] : [])))
      }),
      { numRuns: 1500 },
    )
  })

  test('covers all of a list, or not', () => {
    const list = new PatternList(['a*', 'b?', 'c'].map(symbols))
    const coversAll = (...narrow: string[]) => list.coversAll(narrow.map(symbols), { left: Infinity })
    expect(coversAll('ab', 'bb', 'c')).toBe(true)
    expect(coversAll('ab', 'b')).toBe(false)
    expect(coversAll()).toBe(true)
  })

  test('does no more work than there is', () => {
    expect(covers(symbols('a*'), symbols('abc'), { left: 4 })).toBe(true)
    expect(covers(symbols('a*'), symbols('abc'), { left: 3 })).toBe(false)
    expect(covers(symbols('abc'), symbols('abc'), { left: 2 })).toBe(false)
    expect(covers(symbols('abc'), symbols('abc'), { left: 3 })).toBe(true)
    const list = new PatternList(['a', 'ab'].map(symbols))
    const work = { left: 100 }
    expect([...list.coverersOf(symbols('ab'), work)]).toEqual([1])
    // Three branches of the list, one step of the first pattern, two of the second; one is the list’s end.
    expect(work.left).toBe(93)
    expect([...list.coverersOf(symbols('ab'), { left: 3 })]).toEqual([])
  })
})
