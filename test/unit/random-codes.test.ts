import { describe, expect, test } from 'vitest'
import { createRandom } from '../../daemon/adapters/crypto/random.ts'

describe('A1: codes are uniform', () => {
  test('over 100,000 codes every digit of every position is as frequent, and leading zeros are kept', () => {
    const random = createRandom()
    const counts = Array.from({ length: 6 }, () => Array.from({ length: 10 }, () => 0))
    const total = 100_000
    for (let n = 0; n < total; n++) {
      const code = random.code(6)
      expect(code.length).toBe(6)
      for (const [position, digit] of [...code].entries()) {
        const row = counts[position] as number[]
        row[Number(digit)] = (row[Number(digit)] ?? 0) + 1
      }
    }
    for (const row of counts) {
      const chiSquare = row.reduce((sum, count) => sum + (count - total / 10) ** 2 / (total / 10), 0)
      // p > 0.0001 at nine degrees of freedom, so that six positions fail by chance once in 1,700 runs.
      expect(chiSquare).toBeLessThan(33.72)
      expect(Math.abs((row[0] ?? 0) / total - 0.1)).toBeLessThan(0.006)
    }
  })
})

describe('secrets are drawn once', () => {
  test('none repeats, none is empty, and none changes while ids and others are drawn after it', () => {
    const random = createRandom()
    const drawn = Array.from({ length: 1000 }, () => {
      const secret = random.secret()
      random.id()
      return { secret, first: secret.toString('hex') }
    })
    expect(drawn.map(({ secret }) => secret.toString('hex'))).toEqual(drawn.map(({ first }) => first))
    expect(new Set(drawn.map(({ first }) => first)).size).toBe(drawn.length)
    expect(drawn.filter(({ secret }) => secret.every((byte) => byte === 0))).toEqual([])
    // Neighbours share nothing: every half is another.
    const halves = drawn.flatMap(({ first }) => [first.slice(0, 32), first.slice(32)])
    expect(new Set(halves).size).toBe(halves.length)
  })
})
