import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RecentMap } from '../../daemon/adapters/recent-map.ts'

const operation = fc.record({
  kind: fc.constantFrom('get', 'set', 'delete', 'clear'),
  key: fc.integer({ min: 0, max: 12 }),
})

describe('a map of recent things', () => {
  test('it answers what was put last or nothing, and never holds more than it may', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), fc.integer({ min: 2, max: 8 }), (steps, most) => {
        const map = new RecentMap<number, { n: number }>(most)
        const truth = new Map<number, { n: number }>()
        for (const [n, { kind, key }] of steps.entries()) {
          if (kind === 'set') {
            truth.set(key, { n })
            map.set(key, truth.get(key) ?? { n })
            expect(map.get(key)).toBe(truth.get(key))
          } else if (kind === 'delete') {
            truth.delete(key)
            map.delete(key)
          } else if (kind === 'clear') {
            truth.clear()
            map.clear()
          } else expect([truth.get(key), undefined]).toContain(map.get(key))
          expect(map.size).toBeLessThanOrEqual(most)
        }
      }),
    )
  })

  test('what is asked for stays, however much passes by', () => {
    const map = new RecentMap<number, { n: number }>(10)
    const kept = { n: -1 }
    map.set(-1, kept)
    for (let n = 0; n < 1000; n++) {
      map.set(n, { n })
      if (n % 4 === 0) expect(map.get(-1)).toBe(kept)
    }
  })
})
