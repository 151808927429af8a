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
