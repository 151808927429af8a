import { describe, expect } from 'vitest'
import { MINUTE, T0, cleanupFence } from '../samples.ts'
import { count, type StoreTest } from '../store-test.ts'

/** What the store promises of what works once. */
export const describeSpent = (test: StoreTest): void => {
  describe('what works once', () => {
    const once = { key: 'k', expiresAt: T0 + MINUTE, now: T0 }

    test('is spent by one of many, until it has expired, and is swept then', async ({
      store,
      other,
      parallel,
    }) => {
      expect(await store.spent.isSpent('k', T0)).toBe(false)
      const spent = await parallel(20, (handle) => handle.spent.spend(once))
      expect(count(spent, true)).toBe(1)
      expect(await other.spent.isSpent('k', T0 + MINUTE - 1)).toBe(true)
      expect(await other.spent.isSpent('k', T0 + MINUTE)).toBe(false)
      expect(await other.spent.spend({ ...once, now: T0 + MINUTE - 1 })).toBe(false)
      expect(await other.spent.spend({ ...once, now: T0 + MINUTE, expiresAt: T0 + 2 * MINUTE })).toBe(true)
      const fence = await cleanupFence(store)
      expect(await store.leases.sweep('spent', fence, T0 + MINUTE, 10)).toBe(0)
      expect(await store.leases.sweep('spent', fence, T0 + 2 * MINUTE, 10)).toBe(1)
    })
  })
}
