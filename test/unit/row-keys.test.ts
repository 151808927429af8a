import { expect, test } from 'vitest'
import { createRandom } from '../../daemon/adapters/crypto/random.ts'

test('row keys sort by their time, and of one moment none is given twice', () => {
  const random = createRandom()
  const moments = [0, 31, 32, 1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_032, 2 ** 45 - 1]
  const keys = moments.map((now) => random.rowKey(now))
  expect([...keys].sort()).toEqual(keys)
  for (const key of keys) expect(key).toMatch(/^[0-9a-z]{26}$/)
  const many = Array.from({ length: 10_000 }, () => random.rowKey(1_700_000_000_000))
  expect(new Set(many).size).toBe(many.length)
  expect(new Set(many.map((key) => key.slice(0, 9))).size).toBe(1)
})

test('ids repeat nothing over many pages of random bytes, and use every character as often', () => {
  const random = createRandom()
  const ids = Array.from({ length: 20_000 }, () => random.id())
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(ids.flatMap((id) => [id.slice(0, 13), id.slice(13)])).size).toBe(2 * ids.length)
  const counts = new Map<string, number>()
  for (const character of ids.join('')) counts.set(character, (counts.get(character) ?? 0) + 1)
  expect(counts.size).toBe(32)
  const expected = (ids.length * 26) / 32
  for (const [character, count] of counts)
    expect(Math.abs(count - expected) / expected, character).toBeLessThan(0.1)
})
