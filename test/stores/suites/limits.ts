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
