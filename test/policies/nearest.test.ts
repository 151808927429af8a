import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createReport } from '../../policies/text/diagnostics.ts'
import { createSuggestionBudget, nearest } from '../../policies/text/nearest.ts'

/** The distance as it is defined, over the whole table. */
const distance = (from: string, to: string): number => {
  const table = Array.from({ length: from.length + 1 }, (_row, i) =>
    Array.from({ length: to.length + 1 }, (_cell, j) => (i === 0 ? j : j === 0 ? i : 0)),
  )
  const at = (i: number, j: number): number => table[i]?.[j] ?? Infinity
  for (let i = 1; i <= from.length; i++)
    for (let j = 1; j <= to.length; j++) {
      const replaced = at(i - 1, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1)
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const swapped = isSwapped ? at(i - 2, j - 2) + 1 : Infinity
      ;(table[i] as number[])[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped)
    }
  return at(from.length, to.length)
}

describe('the name that was probably meant', () => {
  test.each([
    ['orders:Raed', ['orders:List', 'orders:Read'], 'orders:Read'],
    ['ORDERS:read', ['orders:Reed', 'orders:Read'], 'orders:Read'],
    ['Actions', ['Action', 'NotAction'], 'Action'],
    ['x', ['yz', 'abc'], undefined],
    ['', ['a'], 'a'],
    ['orders:Read', [], undefined],
  ])('%s among %j: %s', (word, names, expected) => expect(nearest(word, names)).toBe(expected))

  test('is no farther away than is asked for', () => {
    expect(nearest('delte', ['delete'], { edits: 1 })).toBe('delete')
    expect(nearest('dlte', ['delete'], { edits: 1 })).toBeUndefined()
    expect(nearest('dlte', ['delete'], { edits: 2 })).toBe('delete')
  })

  test('is the first of the nearest, and none that is too far', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 })
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 6 }), (word, names) => {
        const limit = Math.min(3, Math.max(1, Math.floor(word.length / 3)))
        const least = Math.min(...names.map((name) => distance(word, name)))
        expect(nearest(word, names)).toBe(
          least > limit ? undefined : names.find((name) => distance(word, name) === least),
        )
      }),
      { numRuns: 3000 },
    )
  })
})

describe('a file of nothing but unknown names', () => {
  const KNOWN = Array.from({ length: 2000 }, (_value, i) => `orders:Verb${String(i).padStart(4, '0')}`)
  let looked = 0
  function* counted(): Generator<string> {
    for (const name of KNOWN) {
      looked++
      yield name
    }
  }

  test('gets suggestions for the first, and is not held up by the others', () => {
    looked = 0
    const budget = createSuggestionBudget()
    expect(nearest('orders:Vreb0007', counted(), { budget })).toBe('orders:Verb0007')
    for (let i = 0; i < 4000; i++) nearest(`orders:Unknown${i}`, counted(), { budget })
    expect(looked).toBeLessThan(1_000_000)
    expect(nearest('orders:Vreb0007', counted(), { budget })).toBeUndefined()
  })

  test('takes nothing from another file, though both are read at the same time', () => {
    const [one, other] = [createReport('a.json', ''), createReport('b.json', '')]
    for (let i = 0; i < 4000; i++) one.nearest(`orders:Unknown${i}`, KNOWN)
    expect(one.nearest('orders:Vreb0007', KNOWN)).toBeUndefined()
    expect(other.nearest('orders:Vreb0007', KNOWN)).toBe('orders:Verb0007')
  })
})
