import { describe, expect } from 'vitest'
import { aDaemon, MINUTE, T0, cleanupFence } from '../samples.ts'
import { count, type StoreTest } from '../store-test.ts'

/** What the store promises of what daemons say of themselves. */
export const describeDaemons = (test: StoreTest): void => {
  describe('daemons', () => {
    test('what one says is read by all others, until it expires', async ({ store, other }) => {
      const uses = [{ policy: 'root/readers', at: T0 }]
      const records = [aDaemon(), aDaemon({ id: 'daemon-2', host: 'web-2', heads: [], uses })]
      for (const record of records.toReversed()) expect(await store.daemons.beat(record)).toBe(true)
      expect(await other.daemons.list(T0 + MINUTE - 1)).toEqual(records)
      expect(await other.daemons.list(T0 + MINUTE)).toEqual([])
    })

    test('what it says later takes the place of what it said before, and never the reverse', async ({
      store,
      parallel,
    }) => {
      const said = await parallel(20, (handle, index) =>
        handle.daemons.beat(aDaemon({ beat: index + 1, seenAt: T0 + index, headsDigest: `of ${index}` })),
      )
      expect(count(said, true)).toBeGreaterThan(0)
      const last = aDaemon({ beat: 20, seenAt: T0 + 19, headsDigest: 'of 19' })
      expect(await store.daemons.list(T0)).toEqual([last])
      expect(await store.daemons.beat(aDaemon({ beat: 20, headsDigest: 'again' }))).toBe(false)
      expect(await store.daemons.list(T0)).toEqual([last])
    })

    test('one that ends is gone at once, and what it knew stays until it expires', async ({
      store,
      other,
    }) => {
      await store.daemons.beat(aDaemon())
      await other.daemons.leave('daemon-1', T0 + 1)
      await other.daemons.leave('nobody', T0 + 1)
      expect(await store.daemons.list(T0 + 2)).toEqual([aDaemon({ liveUntil: T0 + 1 })])
      await store.daemons.leave('daemon-1', T0 + 5)
      expect(await store.daemons.list(T0 + 2)).toEqual([aDaemon({ liveUntil: T0 + 1 })])
    })

    test('the cleaning job removes the records that have expired', async ({ store }) => {
      await store.daemons.beat(aDaemon())
      await store.daemons.beat(aDaemon({ id: 'daemon-2', expiresAt: T0 + 2 * MINUTE }))
      const fence = await cleanupFence(store)
      expect(await store.leases.sweep('daemons', fence, T0 + MINUTE, 10)).toBe(1)
      expect((await store.daemons.list(T0)).map(({ id }) => id)).toEqual(['daemon-2'])
    })
  })
}
