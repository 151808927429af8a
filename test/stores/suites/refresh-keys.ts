import { describe, expect } from 'vitest'
import type { AccountId } from '../../../daemon/domain/account.ts'
import { newId, T0 } from '../samples.ts'
import { count, type StoreTest } from '../store-test.ts'

/** What the store promises of refresh keys. */
export const describeRefreshKeys = (test: StoreTest): void => {
  describe('refresh keys', () => {
    const accountId = newId('usr') as AccountId
    const key = { accountId, epoch: 1, mac: 'mac-1', oldMac: null, maxTries: 5, now: T0 }
    const guess = (mac: string) => ({ accountId, epoch: 1, mac, maxTries: 5 })

    test('a first key is set; changing it needs the old one', async ({ store, other }) => {
      expect(await store.refreshKeys.verify(guess('mac-1'))).toBe('absent')
      expect(await store.refreshKeys.set(key)).toBe('ok')
      expect(await other.refreshKeys.set({ ...key, mac: 'mac-2' })).toBe('absent')
      expect(await other.refreshKeys.set({ ...key, mac: 'mac-2', oldMac: 'nope' })).toBe('wrong')
      expect(await other.refreshKeys.set({ ...key, mac: 'mac-2', oldMac: 'mac-1' })).toBe('ok')
      expect(await store.refreshKeys.verify(guess('mac-1'))).toBe('wrong')
      expect(await store.refreshKeys.verify(guess('mac-2'))).toBe('ok')
    })

    test('five wrong tries in parallel lock it, for change as well, until it is unlocked', async ({
      store,
      other,
      parallel,
    }) => {
      await store.refreshKeys.set(key)
      const outcomes = await parallel(100, (handle) => handle.refreshKeys.verify(guess('wrong')))
      expect(count(outcomes, 'wrong')).toBe(5)
      expect(count(outcomes, 'locked')).toBe(95)
      expect(await store.refreshKeys.verify(guess('mac-1'))).toBe('locked')
      expect(await store.refreshKeys.set({ ...key, oldMac: 'mac-1' })).toBe('locked')
      await other.refreshKeys.unlock(accountId)
      expect(await store.refreshKeys.verify(guess('mac-1'))).toBe('ok')
    })

    test('a success clears the count; a new epoch makes the key absent', async ({ store }) => {
      await store.refreshKeys.set(key)
      for (let i = 0; i < 4; i++) await store.refreshKeys.verify(guess('wrong'))
      expect(await store.refreshKeys.verify(guess('mac-1'))).toBe('ok')
      for (let i = 0; i < 4; i++) expect(await store.refreshKeys.verify(guess('wrong'))).toBe('wrong')
      expect(await store.refreshKeys.verify({ ...guess('mac-1'), epoch: 2 })).toBe('absent')
      expect(await store.refreshKeys.set({ ...key, epoch: 2, mac: 'mac-3' })).toBe('ok')
    })
  })
}
