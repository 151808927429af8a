import { describe, expect } from 'vitest'
import { MINUTE, T0 } from '../samples.ts'
import { type StoreTest } from '../store-test.ts'

/** What the store promises of rate limits. */
export const describeLimits = (test: StoreTest): void => {
  describe('limits', () => {
    const limit = (key: string) => ({
      key,
      windows: [
        { limit: 5, windowMs: MINUTE },
        { limit: 8, windowMs: 10 * MINUTE },
      ],
    })

    test('F8: of 200 parallel events exactly the limit are allowed', async ({ parallel }) => {
      const outcomes = await parallel(200, (handle) => handle.limits.take([limit('a')], T0))
      expect(outcomes.filter((outcome) => outcome.allowed)).toHaveLength(5)
      expect(outcomes.find((outcome) => !outcome.allowed)).toEqual({
        allowed: false,
        key: 'a',
        retryAfterMs: MINUTE,
      })
    })

    test('F9: waiting out the window works, and the longest window that is full is told', async ({
      store,
    }) => {
      for (let i = 0; i < 5; i++) await store.limits.take([limit('a')], T0)
      expect(await store.limits.take([limit('a')], T0 + MINUTE - 1)).toMatchObject({
        allowed: false,
        retryAfterMs: 1,
      })
      for (let i = 0; i < 3; i++)
        expect(await store.limits.take([limit('a')], T0 + MINUTE)).toEqual({ allowed: true })
      const refused = await store.limits.take([limit('a')], T0 + MINUTE)
      expect(refused).toEqual({ allowed: false, key: 'a', retryAfterMs: 9 * MINUTE })
      expect(await store.limits.take([limit('a')], T0 + 10 * MINUTE)).toEqual({ allowed: true })
    })

    const throttle = {
      key: 't',
      free: 3,
      firstWaitMs: 1000,
      maxWaitMs: 5000,
      forgottenAfterMs: MINUTE,
    }

    test('B11: of 200 parallel events of a throttle the free ones are allowed, and then one at a time', async ({
      parallel,
    }) => {
      const at = async (now: number) =>
        (await parallel(100, (handle) => handle.limits.wait(throttle, now))).filter(({ allowed }) => allowed)
      expect(await at(T0)).toHaveLength(3)
      expect(await at(T0 + 999)).toHaveLength(0)
      expect(await at(T0 + 1000)).toHaveLength(1)
      expect(await at(T0 + 2999)).toHaveLength(0)
      expect(await at(T0 + 3000)).toHaveLength(1)
    })

    test('B11: the wait of a throttle doubles up to its longest, is forgotten after a while or at once, and never locks', async ({
      store,
      other,
    }) => {
      let now = T0
      for (let event = 0; event < 3; event++) await store.limits.wait(throttle, now)
      const waits: number[] = []
      for (let event = 0; event < 5; event++) {
        const refused = await other.limits.wait(throttle, now)
        const waitMs = refused.allowed ? 0 : refused.retryAfterMs
        waits.push(waitMs)
        now += waitMs
        expect(await store.limits.wait(throttle, now)).toEqual({ allowed: true })
      }
      expect(waits).toEqual([1000, 2000, 4000, 5000, 5000])
      // By a clock that was set back nobody waits for an hour.
      expect(await other.limits.wait(throttle, now - 3_600_000)).toEqual({ allowed: true })
      await store.limits.forget('t')
      for (let event = 0; event < 3; event++) await store.limits.wait(throttle, now)
      expect(await other.limits.wait(throttle, now + 999)).toEqual({
        allowed: false,
        key: 't',
        retryAfterMs: 1,
      })
      const later = now + 1000 + MINUTE
      for (let event = 0; event < 3; event++)
        expect(await store.limits.wait(throttle, later)).toEqual({ allowed: true })
      expect(await store.limits.wait(throttle, later)).toMatchObject({ allowed: false, retryAfterMs: 1000 })
    })

    test('the first exhausted limit of several is named; forgetting gives it back', async ({
      store,
      other,
    }) => {
      for (let i = 0; i < 5; i++) await store.limits.take([limit('b')], T0)
      expect(await other.limits.take([limit('a'), limit('b')], T0)).toMatchObject({
        allowed: false,
        key: 'b',
      })
      await store.limits.forget('b')
      expect(await other.limits.take([limit('a'), limit('b')], T0)).toEqual({ allowed: true })
    })
  })
}
