import { describe, expect } from 'vitest'
import { aSigningKey, MINUTE, T0 } from '../samples.ts'
import { count, type StoreTest } from '../store-test.ts'

/** What the store promises of signing keys. */
export const describeSigningKeys = (test: StoreTest): void => {
  describe('signing keys', () => {
    test('C12: of parallel additions under one number one is made, and every process sees it', async ({
      store,
      other,
      parallel,
    }) => {
      expect(await store.signingKeys.list()).toEqual([])
      const added = await parallel(20, (handle, index) =>
        handle.signingKeys.add(aSigningKey({ kid: `kid-${index}` })),
      )
      expect(count(added, true)).toBe(1)
      const first = aSigningKey({ kid: `kid-${added.indexOf(true)}` })
      expect(await other.signingKeys.list()).toEqual([first])
      const second = aSigningKey({ kid: 'next', sequence: 2, activeFrom: T0 + MINUTE })
      expect(await other.signingKeys.add(second)).toBe(true)
      expect(await store.signingKeys.list()).toEqual([first, second])
    })

    test('C12: a key is revoked once', async ({ store, other, parallel }) => {
      const key = aSigningKey()
      await store.signingKeys.add(key)
      const revoked = await parallel(20, (handle) => handle.signingKeys.revoke(key.kid, T0 + 1))
      expect(count(revoked, true)).toBe(1)
      expect(await other.signingKeys.list()).toEqual([{ ...key, revokedAt: T0 + 1 }])
      expect(await store.signingKeys.revoke('none', T0)).toBe(false)
    })
  })
}
