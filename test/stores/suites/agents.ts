import { describe, expect } from 'vitest'
import { anAgent, MINUTE, T0, cleanupFence } from '../samples.ts'
import type { StoreTest } from '../store-test.ts'

/** What the store promises of what agents say of themselves. */
export const describeAgents = (test: StoreTest): void => {
  describe('agents', () => {
    test('what one says takes the place of what it said before, and is read until it expires', async ({
      store,
      other,
    }) => {
      expect(await store.agents.renew(anAgent())).toBe(false)
      expect(await other.agents.list(T0, 10)).toEqual([])
      await store.agents.add(anAgent())
      await store.agents.add(anAgent({ id: 'app_1 web-2', agent: 'web-2' }))
      const later = anAgent({ allowed: 9, denials: [], expiresAt: T0 + 2 * MINUTE })
      expect(await other.agents.renew(later)).toBe(true)
      expect((await store.agents.list(T0, 10))[0]).toEqual(later)
      expect(await store.agents.list(T0, 1)).toHaveLength(1)
      expect(await store.agents.list(T0 + MINUTE, 10)).toEqual([later])
      const fence = await cleanupFence(store)
      expect(await store.leases.sweep('agents', fence, T0 + MINUTE, 10)).toBe(1)
    })
  })
}
