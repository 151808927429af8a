import { describe, expect } from 'vitest'
import { MANY, anOtp, aSession, MINUTE, T0, cleanupFence } from '../samples.ts'
import { kindOf, type StoreTest } from '../store-test.ts'

/** What the store promises of leases, and of the sweeps that they fence. */
export const describeLeases = (test: StoreTest): void => {
  describe('leases', () => {
    const claim = { job: 'cleanup', slot: T0, now: T0, leaseMs: 1000 }

    test('K10: each slot is claimed by one of many, and never again', async ({ store, parallel }) => {
      const won = new Map<number, number>()
      for (let slot = 0; slot < 50; slot++) {
        const at = T0 + slot * 2000
        const fences = await parallel(8, (handle) => handle.leases.claimSlot({ ...claim, slot: at, now: at }))
        won.set(slot, fences.filter((fence) => fence !== undefined).length)
      }
      expect([...won.values()].every((winners) => winners === 1)).toBe(true)
      expect(await store.leases.claimSlot({ ...claim, now: T0 + 1e6 })).toBeUndefined()
    })

    test('K10: a holder whose lease was taken over has no effect', async ({ store, other }) => {
      const stopped = await store.leases.claimSlot(claim)
      expect(await other.leases.claimSlot({ ...claim, slot: T0 + 1, now: T0 + 999 })).toBeUndefined()
      const successor = await other.leases.claimSlot({ ...claim, slot: T0 + 1, now: T0 + 3000 })
      if (stopped === undefined || successor === undefined) throw new Error('both claims must succeed')
      expect(successor.token).toBeGreaterThan(stopped.token)
      await store.otps.save(anOtp())
      expect(await kindOf(store.leases.sweep('otps', stopped, T0 + 1e9, 10))).toBe('stale')
      await store.leases.release(stopped)
      expect(await store.leases.claimSlot({ ...claim, slot: T0 + 2, now: T0 + 3500 })).toBeUndefined()
      expect(await other.leases.sweep('otps', successor, T0 + 1e9, 10)).toBe(1)
    })

    test('K11: a slot that was claimed by a clock years ahead keeps nobody from the slots of the present', async ({
      store,
    }) => {
      const ahead = T0 + 10 * 365 * 24 * 60 * MINUTE
      expect(await store.leases.claimSlot({ ...claim, slot: ahead, now: ahead })).toBeDefined()
      const present = await store.leases.claimSlot(claim)
      expect(present).toBeDefined()
      expect(await store.leases.claimSlot({ ...claim, now: T0 + 2000 })).toBeUndefined()
    })

    test('a sweep deletes what has expired, and only that, in bounded steps', async ({ store }) => {
      const session = aSession()
      await store.sessions.insert(session, MANY)
      await store.sessions.insert(aSession({ idleExpiresAt: T0 + 1e9, absoluteExpiresAt: T0 + 1e9 }), MANY)
      for (let i = 0; i < 25; i++)
        await store.limits.take([{ key: `k${i}`, windows: [{ limit: 1, windowMs: MINUTE }] }], T0)
      await store.idempotency.begin({
        key: 'k',
        fingerprint: 'f',
        now: T0,
        leaseUntil: T0,
        expiresAt: T0 + MINUTE,
      })
      const fence = await cleanupFence(store)
      expect(await store.leases.sweep('limits', fence, T0 + MINUTE - 1, 10)).toBe(0)
      expect(await store.leases.sweep('limits', fence, T0 + MINUTE, 10)).toBe(10)
      expect(await store.leases.sweep('limits', fence, T0 + MINUTE, 100)).toBe(15)
      expect(await store.leases.sweep('idempotency', fence, T0 + MINUTE, 100)).toBe(1)
      expect(await store.leases.sweep('sessions', fence, session.idleExpiresAt, 100)).toBe(1)
    })
  })
}
