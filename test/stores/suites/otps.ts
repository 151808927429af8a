import { describe, expect } from 'vitest'
import type { Phone } from '../../../daemon/domain/account.ts'
import type { CodeAttempt, NewOtp, Store } from '../../../daemon/ports/stores/index.ts'
import { anOtp, attemptAt, MINUTE, PHONE, T0, cleanupFence } from '../samples.ts'
import { count, type StoreTest } from '../store-test.ts'

/** How one attempt at a code ended. */
const consume = async (handle: Store, attempt: CodeAttempt): Promise<string> =>
  (await handle.otps.consume(attempt)).kind

/** What the store promises of one-time codes: tries, expiry and delivery. */
export const describeOtps = (test: StoreTest): void => {
  describe('one-time codes', () => {
    test('A4: of 1000 parallel right attempts exactly one consumes', async ({ store, parallel }) => {
      const otp = anOtp()
      await store.otps.save(otp)
      const outcomes = await parallel(1000, (handle) => consume(handle, attemptAt(otp)))
      expect(count(outcomes, 'consumed')).toBe(1)
      expect(count(outcomes, 'absent')).toBe(999)
    })

    test('A3: of 1000 parallel wrong attempts exactly five are evaluated, and the right code is refused then', async ({
      store,
      parallel,
    }) => {
      const otp = anOtp()
      await store.otps.save(otp)
      const outcomes = await parallel(1000, (handle) => consume(handle, attemptAt(otp, { codeMac: 'wrong' })))
      expect(count(outcomes, 'wrong')).toBe(5)
      expect(count(outcomes, 'exhausted')).toBe(995)
      expect(await consume(store, attemptAt(otp))).toBe('exhausted')
    })

    test('A2: a code lives until the millisecond before its expiry', async ({ store }) => {
      const otp = anOtp()
      await store.otps.save(otp)
      expect(await consume(store, attemptAt(otp, { now: otp.expiresAt }))).toBe('absent')
      expect(await consume(store, attemptAt(otp, { now: otp.expiresAt - 1 }))).toBe('consumed')
    })

    test('A5: a code is bound to its phone, purpose, application and challenge', async ({ store }) => {
      const otp = anOtp()
      await store.otps.save(otp)
      expect(await consume(store, attemptAt(otp, { applicationId: 'other' }))).toBe('absent')
      expect(await consume(store, attemptAt(otp, { challengeId: 'other' }))).toBe('absent')
      expect(
        await consume(store, { ...attemptAt(otp), purpose: 'another' as string as CodeAttempt['purpose'] }),
      ).toBe('absent')
      expect(await consume(store, { ...attemptAt(otp), phone: '+919876543211' as Phone })).toBe('absent')
      expect(await consume(store, attemptAt(otp))).toBe('consumed')
    })

    test('A6: a resend replaces the code and keeps its tries until the life of the first has passed', async ({
      store,
      other,
    }) => {
      const first = anOtp()
      await store.otps.save(first)
      for (let i = 0; i < 4; i++) await consume(store, attemptAt(first, { codeMac: 'wrong' }))
      const resent = anOtp({ now: T0 + MINUTE, expiresAt: T0 + 6 * MINUTE })
      await other.otps.save(resent)
      expect(await store.otps.find(PHONE, 'sign-in')).toEqual({
        challengeId: resent.challengeId,
        applicationId: 'authctl',
      })
      expect(await consume(store, attemptAt(first))).toBe('absent')
      expect(await consume(store, attemptAt(resent, { codeMac: 'wrong' }))).toBe('wrong')
      expect(await consume(store, attemptAt(resent))).toBe('exhausted')
      const later = anOtp({ now: T0 + 5 * MINUTE, expiresAt: T0 + 10 * MINUTE })
      await store.otps.save(later)
      expect(await consume(store, attemptAt(later, { now: T0 + 5 * MINUTE }))).toBe('consumed')
    })

    test('A6: after a success the tries start at zero', async ({ store }) => {
      const first = anOtp()
      await store.otps.save(first)
      for (let i = 0; i < 4; i++) await consume(store, attemptAt(first, { codeMac: 'wrong' }))
      expect(await consume(store, attemptAt(first))).toBe('consumed')
      const next = anOtp()
      await store.otps.save(next)
      expect(await consume(store, attemptAt(next, { codeMac: 'wrong' }))).toBe('wrong')
      expect(await consume(store, attemptAt(next))).toBe('consumed')
    })

    test('A6: wrong evaluations are counted over all codes of a phone; only they count, and a success forgets them', async ({
      store,
      other,
      parallel,
    }) => {
      const wrongAt = async (otp: NewOtp, now: number) =>
        consume(store, { ...attemptAt(otp, { codeMac: 'wrong', now }), maxWrong: 7 })
      const codeAt = async (now: number) => {
        const otp = anOtp({ now, expiresAt: now + 5 * MINUTE })
        await store.otps.save(otp)
        return otp
      }
      const first = await codeAt(T0)
      const outcomes = await parallel(50, (handle) =>
        consume(handle, { ...attemptAt(first, { codeMac: 'wrong' }), maxWrong: 7 }),
      )
      expect(count(outcomes, 'wrong')).toBe(5)
      const later = T0 + 60 * MINUTE
      const second = await codeAt(later)
      expect([await wrongAt(second, later), await wrongAt(second, later)]).toEqual(['wrong', 'wrong'])
      const right = { ...attemptAt(second, { now: later }), maxWrong: 7 }
      expect(await other.otps.consume(right)).toEqual({
        kind: 'limited',
        retryAfterMs: 23 * 60 * MINUTE + 1,
      })

      const fence = await cleanupFence(store)
      expect(await store.leases.sweep('otps', fence, later + 60 * MINUTE, 10)).toBe(0)
      const nextDay = T0 + 1 + 24 * 60 * MINUTE
      const third = await codeAt(nextDay)
      expect(await wrongAt(third, nextDay)).toBe('wrong')
      expect(await consume(store, { ...attemptAt(third, { now: nextDay }), maxWrong: 2 })).toBe('consumed')
      const fourth = await codeAt(nextDay)
      expect(
        await consume(store, { ...attemptAt(fourth, { codeMac: 'wrong', now: nextDay }), maxWrong: 1 }),
      ).toBe('wrong')
      expect(await consume(store, { ...attemptAt(fourth, { now: nextDay }), maxWrong: 1 })).toBe('limited')
    })

    test('a due delivery is claimed by one caller, again only after its lease, and never once begun or replaced', async ({
      store,
      parallel,
    }) => {
      const otp = anOtp()
      await store.otps.save(otp)
      const claimAt = (now: number) => ({ now, leaseMs: 1000, limit: 10 })
      expect(await store.otps.claimDeliveries(claimAt(T0))).toEqual([])
      const due = otp.deliverAfter
      const claimed = await parallel(20, (handle) => handle.otps.claimDeliveries(claimAt(due)))
      expect(claimed.flat()).toHaveLength(1)
      expect(claimed.flat()[0]).toMatchObject({
        challengeId: otp.challengeId,
        applicationId: 'authctl',
        sealedCode: 'sealed',
        attempts: 0,
      })
      const again = await store.otps.claimDeliveries(claimAt(due + 1000))
      expect(again.map((delivery) => delivery.attempts)).toEqual([1])
      const target = { phone: PHONE, purpose: 'sign-in' as const, challengeId: otp.challengeId }
      expect(await store.otps.beginDelivery({ ...target, challengeId: 'replaced' })).toBe(false)
      expect(await store.otps.claimDeliveries(claimAt(due + 2000))).toHaveLength(1)

      const begun = await parallel(20, (handle) => handle.otps.beginDelivery(target))
      expect(begun.filter(Boolean)).toHaveLength(1)
      expect(await store.otps.claimDeliveries(claimAt(due + 9000))).toEqual([])
      const back = { ...target, sealedCode: 'sealed', retryAt: due + 15_000 }
      await store.otps.postponeDelivery({ ...back, challengeId: 'replaced' })
      expect(await store.otps.claimDeliveries(claimAt(due + 20_000))).toEqual([])
      await store.otps.postponeDelivery(back)
      expect(await store.otps.claimDeliveries(claimAt(due + 14_999))).toEqual([])
      expect(await store.otps.claimDeliveries(claimAt(due + 15_000))).toMatchObject([
        { sealedCode: 'sealed' },
      ])
    })

    test('a code that was used is neither begun nor put back', async ({ store }) => {
      const otp = anOtp({ deliverAfter: T0 })
      await store.otps.save(otp)
      await consume(store, attemptAt(otp))
      expect(await store.otps.beginDelivery(otp)).toBe(false)
      await store.otps.postponeDelivery({ ...otp, sealedCode: 'sealed', retryAt: T0 })
      expect(await store.otps.claimDeliveries({ now: T0 + 1, leaseMs: 1, limit: 1 })).toEqual([])
    })

    test('expired codes that nobody delivered do not keep a live one from its delivery', async ({
      store,
      other,
    }) => {
      const phoneAt = (index: number) => `+9198765432${String(index).padStart(2, '0')}` as Phone
      for (let index = 0; index < 25; index++)
        await store.otps.save(anOtp({ phone: phoneAt(index), deliverAfter: T0 + index }))
      const live = anOtp({ phone: phoneAt(25), deliverAfter: T0 + 100, expiresAt: T0 + 10 * MINUTE })
      await store.otps.save(live)
      const claimed = await other.otps.claimDeliveries({ now: T0 + 5 * MINUTE, leaseMs: 1000, limit: 10 })
      expect(claimed.map((delivery) => delivery.challengeId)).toEqual([live.challengeId])
    })

    test('an expired or consumed code is not delivered', async ({ store }) => {
      const otp = anOtp({ deliverAfter: T0 })
      await store.otps.save(otp)
      expect(await store.otps.claimDeliveries({ now: otp.expiresAt, leaseMs: 1, limit: 1 })).toEqual([])
      await consume(store, attemptAt(otp))
      expect(await store.otps.claimDeliveries({ now: T0 + 1, leaseMs: 1, limit: 1 })).toEqual([])
    })
  })
}
