import { describe, expect } from 'vitest'
import { T0 } from '../samples.ts'
import { count, type StoreTest } from '../store-test.ts'

/** What the store promises of replies kept for a repeated request. */
export const describeIdempotency = (test: StoreTest): void => {
  describe('idempotency', () => {
    const claim = { key: 'k', fingerprint: 'f', now: T0, leaseUntil: T0 + 1000, expiresAt: T0 + 5000 }

    test('one of many parallel claims starts; the reply is kept for the same fingerprint only', async ({
      store,
      other,
      parallel,
    }) => {
      const kinds = (await parallel(50, (handle) => handle.idempotency.begin(claim))).map(
        (outcome) => outcome.kind,
      )
      expect(count(kinds, 'started')).toBe(1)
      expect(count(kinds, 'in-progress')).toBe(49)
      await store.idempotency.finish('k', 'f', 'sealed')
      expect(await other.idempotency.begin(claim)).toEqual({ kind: 'replay', sealedReply: 'sealed' })
      expect(await other.idempotency.begin({ ...claim, fingerprint: 'g' })).toEqual({ kind: 'mismatch' })
      expect(await other.idempotency.begin({ ...claim, now: T0 + 5000 })).toEqual({ kind: 'started' })
    })

    test('an abandoned or outlived claim can be started again', async ({ store, other }) => {
      await store.idempotency.begin(claim)
      await store.idempotency.abandon('k', 'f')
      expect((await store.idempotency.begin(claim)).kind).toBe('started')
      expect((await other.idempotency.begin({ ...claim, now: T0 + 1000, leaseUntil: T0 + 2000 })).kind).toBe(
        'started',
      )
    })
  })
}
