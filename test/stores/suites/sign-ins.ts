import { describe, expect } from 'vitest'
import type { Account, AccountId, Phone } from '../../../daemon/domain/account.ts'
import type { CodeProof, CodeSignIn, Store } from '../../../daemon/ports/stores/index.ts'
import {
  anAccount,
  anOtp,
  aSession,
  aUser,
  MINUTE,
  MOST_LIVE,
  newId,
  PHONE,
  signInAt,
  T0,
} from '../samples.ts'
import { count, type StoreTest } from '../store-test.ts'

const proved = async (store: Store, signIn: CodeSignIn): Promise<CodeProof> => {
  const outcome = await store.signIns.byCode(signIn)
  if (outcome.kind !== 'proved') throw new Error(`the code was refused: ${outcome.kind}`)
  return outcome
}

/** An admin of this phone, and a client of another below it. */
const aFamily = async (store: Store): Promise<{ admin: Account; client: Account }> => {
  const admin = anAccount({ phone: '+919876543211' as Phone })
  const id = newId('cli') as AccountId
  const place = { role: 'client', parentId: admin.id, path: `${admin.id}/${id}` } as const
  const client = anAccount({ id, ...place, phone: PHONE })
  await store.accounts.insert(admin)
  await store.accounts.insert(client)
  return { admin, client }
}

/** What the store promises of sign-ins by code. */
export const describeSignIns = (test: StoreTest): void => {
  describe('sign-ins', () => {
    test('A4: of a hundred parallel sign-ins with one code one succeeds, with one account and one session', async ({
      store,
      other,
      parallel,
    }) => {
      const otp = anOtp()
      await store.otps.save(otp)
      const outcomes = await parallel(100, (handle) => handle.signIns.byCode(signInAt(otp)))
      const proofs = outcomes.filter((outcome) => outcome.kind === 'proved')
      expect(proofs).toHaveLength(1)
      expect(
        count(
          outcomes.map(({ kind }) => kind),
          'absent',
        ),
      ).toBe(99)
      const [{ account, created, lineage, session }] = proofs as [CodeProof]
      expect({ created, lineage }).toEqual({ created: true, lineage: [account] })
      expect(await other.accounts.findByPhone('user', PHONE)).toEqual(account)
      expect(await other.sessions.list(account?.id as AccountId, T0)).toEqual([session])
    })

    test('the next code finds the account again, and a wrong code, an old one or none at all finds nothing', async ({
      store,
      other,
    }) => {
      const [first, next] = [anOtp(), anOtp({ codeMac: 'next', now: T0 + MINUTE })]
      expect(await store.signIns.byCode(signInAt(first))).toEqual({ kind: 'unknown' })
      await store.otps.save(first)
      expect(await other.signIns.byCode(signInAt(first, { code: 'wrong' }))).toEqual({ kind: 'wrong' })
      const { account } = await proved(store, signInAt(first))
      expect(await other.signIns.byCode(signInAt(first))).toEqual({ kind: 'absent' })
      await store.otps.save(next)
      expect(await other.signIns.byCode(signInAt(first))).toEqual({ kind: 'wrong' })
      const again = await proved(other, signInAt(next, { newcomer: () => aUser() }))
      expect(again).toMatchObject({ account, created: false, lineage: [account] })
      expect(again.session).toMatchObject({ accountId: account?.id })
    })

    test('A3: five wrong ones use a code up, and the right one is not looked at any more', async ({
      store,
      parallel,
    }) => {
      const otp = anOtp()
      await store.otps.save(otp)
      const kinds = await parallel(
        20,
        async (handle) => (await handle.signIns.byCode(signInAt(otp, { code: 'wrong' }))).kind,
      )
      expect([count(kinds, 'wrong'), count(kinds, 'exhausted')]).toEqual([5, 15])
      expect(await store.signIns.byCode(signInAt(otp))).toEqual({ kind: 'exhausted' })
      expect(await store.accounts.findByPhone('user', PHONE)).toBeUndefined()
    })

    test('A6: a phone with too many wrong guesses is limited, whatever its code is', async ({ store }) => {
      const otp = anOtp()
      await store.otps.save(otp)
      const signIn = signInAt(otp, { code: 'wrong' })
      await store.signIns.byCode(signIn)
      const attempt = { ...signIn.attempt, maxWrong: 1 }
      expect(await store.signIns.byCode({ ...signInAt(otp), attempt })).toEqual({
        kind: 'limited',
        retryAfterMs: attempt.wrongWindowMs,
      })
    })

    test('a phone without an account of the role uses its code, and makes none', async ({ store, other }) => {
      const otp = anOtp()
      await store.otps.save(otp)
      const role = { role: 'client', newcomer: undefined } as const
      expect(await store.signIns.byCode(signInAt(otp, role))).toEqual({
        kind: 'proved',
        account: undefined,
        created: false,
        lineage: [],
        session: undefined,
      })
      expect(await other.accounts.findByPhone('client', PHONE)).toBeUndefined()
      expect(await other.signIns.byCode(signInAt(otp, role))).toEqual({ kind: 'absent' })
    })

    test('an account below a disabled one uses its code and gets no session; the other is found by an earlier form', async ({
      store,
      other,
    }) => {
      const { admin, client } = await aFamily(store)
      const otp = anOtp()
      await store.otps.save(otp)
      const forms = ['+910000000000' as Phone, PHONE]
      const role = { role: 'client', newcomer: undefined, forms } as const
      expect(await proved(store, signInAt(otp, role))).toMatchObject({
        account: client,
        lineage: [admin, client],
        session: { accountId: client.id },
      })
      const disabled = await store.accounts.setStatus({ id: admin.id, status: 'disabled', now: T0 })
      const next = anOtp({ codeMac: 'next' })
      await other.otps.save(next)
      const outcome = await proved(other, signInAt(next, role))
      expect(outcome).toMatchObject({ account: client, lineage: [disabled, client], session: undefined })
      expect(await other.sessions.list(client.id, T0)).toHaveLength(1)
      expect(await other.signIns.byCode(signInAt(next, role))).toEqual({ kind: 'absent' })
    })

    test('it clears the wrong tries at the refresh key, ends the oldest session, and notes that the code was used', async ({
      store,
      other,
    }) => {
      const user = aUser()
      await store.accounts.insert(user)
      const key = { accountId: user.id, epoch: 1, mac: 'key', maxTries: 1 }
      await store.refreshKeys.set({ ...key, oldMac: null, now: T0 })
      expect(await store.refreshKeys.verify({ ...key, mac: 'wrong' })).toBe('wrong')
      expect(await store.refreshKeys.verify(key)).toBe('locked')
      const charge = { kind: 'conversion', key: 'used', minEvents: 1, minPercent: 100 } as const
      for (let n = 0; n <= MOST_LIVE; n++) {
        expect((await store.limits.takeAll([charge], T0)).allowed).toBe(true)
        const otp = anOtp({ codeMac: `code ${n}` })
        await store.otps.save(otp)
        const at = { createdAt: T0 + n, lastUsedAt: T0 + n }
        await proved(
          other,
          signInAt(otp, { confirms: ['used'], sessionOf: ({ id }) => aSession({ accountId: id, ...at }) }),
        )
      }
      expect(await store.refreshKeys.verify(key)).toBe('ok')
      const live = await store.sessions.list(user.id, T0)
      expect(live.map(({ createdAt }) => createdAt - T0)).toEqual([3, 2, 1])
    })
  })
}
