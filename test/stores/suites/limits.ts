import { describe, expect } from 'vitest'
import type { Charge } from '../../../daemon/domain/charge.ts'
import type { Store } from '../../../daemon/ports/stores/index.ts'
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
        counted: [],
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
        expect(await store.limits.take([limit('a')], T0 + MINUTE)).toMatchObject({ allowed: true })
      const refused = await store.limits.take([limit('a')], T0 + MINUTE)
      expect(refused).toEqual({ allowed: false, key: 'a', retryAfterMs: 9 * MINUTE, counted: [] })
      expect(await store.limits.take([limit('a')], T0 + 10 * MINUTE)).toMatchObject({ allowed: true })
    })

    test('F9: what is counted of each limit is told, up to the one that has none left', async ({ store }) => {
      const other = { key: 'b', windows: [{ limit: 1, windowMs: MINUTE }] }
      expect(await store.limits.take([limit('a'), other], T0)).toEqual({
        allowed: true,
        counted: [
          [
            [T0, 1],
            [T0, 1],
          ],
          [[T0, 1]],
        ],
      })
      expect(await store.limits.take([limit('a'), other], T0 + 1)).toEqual({
        allowed: false,
        key: 'b',
        retryAfterMs: MINUTE - 1,
        counted: [
          [
            [T0, 2],
            [T0, 2],
          ],
        ],
      })
      expect(await store.limits.take([limit('a')], T0 + MINUTE)).toMatchObject({
        counted: [
          [
            [T0 + MINUTE, 1],
            [T0, 3],
          ],
        ],
      })
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
        expect(await store.limits.wait(throttle, now)).toMatchObject({ allowed: true })
      }
      expect(waits).toEqual([1000, 2000, 4000, 5000, 5000])
      // By a clock that was set back nobody waits for an hour.
      expect(await other.limits.wait(throttle, now - 3_600_000)).toMatchObject({ allowed: true })
      await store.limits.forget('t')
      for (let event = 0; event < 3; event++) await store.limits.wait(throttle, now)
      expect(await other.limits.wait(throttle, now + 999)).toEqual({
        allowed: false,
        key: 't',
        retryAfterMs: 1,
      })
      const later = now + 1000 + MINUTE
      for (let event = 0; event < 3; event++)
        expect(await store.limits.wait(throttle, later)).toMatchObject({ allowed: true })
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
      expect(await other.limits.take([limit('a'), limit('b')], T0)).toMatchObject({ allowed: true })
    })

    const amount = (key: string, most: number, units = 1): Charge => ({
      kind: 'amount',
      key,
      amount: units,
      windows: [{ limit: most, windowMs: MINUTE }],
    })
    const used = async (store: Store, prefix: string) =>
      Object.fromEntries(
        (await store.limits.list(prefix)).map(({ key, windows }) => [key, windows.map(([, count]) => count)]),
      )

    test('F6: of twice a budget in parallel exactly the budget is allowed, and refusals count nowhere', async ({
      store,
      parallel,
    }) => {
      const outcomes = await parallel(60, (handle, index) =>
        handle.limits.takeAll(
          [amount(`n:own:${index}`, 1), amount('n:all', 30), amount('n:spend', 750, 25)],
          T0,
        ),
      )
      expect(outcomes.filter(({ allowed }) => allowed)).toHaveLength(30)
      const counted = await used(store, 'n:')
      expect([counted['n:all'], counted['n:spend']]).toEqual([[30], [750]])
      expect(Object.keys(counted).filter((key) => key.startsWith('n:own:'))).toHaveLength(30)
    })

    test('of several charges that are used up the one with the longest wait is told, and then it works', async ({
      store,
      other,
    }) => {
      const slow: Charge = {
        kind: 'amount',
        key: 'b',
        amount: 1,
        windows: [{ limit: 1, windowMs: 2 * MINUTE }],
      }
      const both = [amount('a', 1), slow]
      expect(await store.limits.takeAll(both, T0)).toMatchObject({ allowed: true })
      expect(await other.limits.takeAll(both, T0)).toEqual({
        allowed: false,
        key: 'b',
        retryAfterMs: 2 * MINUTE,
      })
      expect(await store.limits.takeAll([amount('a', 1)], T0 + MINUTE)).toMatchObject({ allowed: true })
      expect(await store.limits.takeAll([slow], T0 + 2 * MINUTE - 1)).toMatchObject({ allowed: false })
      expect(await store.limits.takeAll(both, T0 + 2 * MINUTE)).toMatchObject({ allowed: true })
    })

    test('F2: an address gets so many different numbers, and the same number counts once', async ({
      store,
      parallel,
    }) => {
      const from = (member: string): Charge => ({
        kind: 'distinct',
        key: 'from',
        member,
        window: { limit: 10, windowMs: MINUTE },
      })
      const outcomes = await parallel(60, (handle, index) =>
        handle.limits.takeAll([from(`m${index % 20}`)], T0),
      )
      const allowed = outcomes.flatMap((outcome, index) => (outcome.allowed ? [index % 20] : []))
      expect(new Set(allowed).size).toBe(10)
      expect(allowed).toHaveLength(30)
      expect(await store.limits.takeAll([from('other')], T0 + MINUTE - 1)).toMatchObject({ retryAfterMs: 1 })
      expect(await store.limits.takeAll([from('other')], T0 + MINUTE)).toMatchObject({ allowed: true })
    })

    test('F7: confirmations are counted under their key, exactly', async ({ store, parallel }) => {
      const judged: Charge = { kind: 'conversion', key: 'c', minEvents: 20, minPercent: 50 }
      for (let n = 0; n < 20; n++) await store.limits.takeAll([judged], T0)
      await parallel(9, (handle) => handle.limits.confirm(['c'], T0))
      const later = T0 + 10 * MINUTE
      expect(await store.limits.takeAll([judged], later)).toEqual({
        allowed: false,
        key: 'c',
        retryAfterMs: 50 * MINUTE,
      })
      await store.limits.confirm(['c'], later)
      expect(await store.limits.takeAll([judged], later)).toMatchObject({ allowed: true })
    })
  })
}
