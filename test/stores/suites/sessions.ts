import { describe, expect } from 'vitest'
import type { AccountId } from '../../../daemon/domain/account.ts'
import type { Session } from '../../../daemon/domain/session.ts'
import { MANY, aSession, MINUTE, newId, stepOf, T0 } from '../samples.ts'
import { count, type StoreTest } from '../store-test.ts'

/** What the store promises of sessions: rotation, reuse, expiry and revocation. */
export const describeSessions = (test: StoreTest): void => {
  describe('sessions', () => {
    test('D2: 1000 parallel rotations of one token rotate once and replay the rest, revoking nothing', async ({
      store,
      parallel,
    }) => {
      const session = aSession()
      await store.sessions.insert(session, MANY)
      const outcomes = await parallel(1000, (handle) => handle.sessions.rotate(stepOf(session)))
      const kinds = outcomes.map((outcome) => outcome.kind)
      expect(count(kinds, 'rotated')).toBe(1)
      expect(count(kinds, 'replayed')).toBe(999)
      expect(await store.sessions.get(session.id)).toMatchObject({
        rotation: 1,
        tokenDigest: 'digest-1',
        revokedAt: null,
      })
    })

    test('D3, D4: without grace one rotates, reuse revokes the session, and one caller is told first', async ({
      store,
      parallel,
    }) => {
      const session = aSession()
      await store.sessions.insert(session, MANY)
      const outcomes = await parallel(200, (handle) =>
        handle.sessions.rotate(stepOf(session, { graceMs: 0 })),
      )
      expect(outcomes.filter((outcome) => outcome.kind === 'rotated')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome.kind === 'reused' && outcome.first)).toHaveLength(1)
      expect((await store.sessions.get(session.id))?.revokedAt).toBe(T0 + MINUTE)
    })

    test('D6: a grandparent is reuse even within grace', async ({ store }) => {
      const session = aSession()
      await store.sessions.insert(session, MANY)
      await store.sessions.rotate(stepOf(session))
      await store.sessions.rotate(stepOf(session, { presented: 1, successorDigest: 'digest-2' }))
      expect(await store.sessions.rotate(stepOf(session, { presented: 0 }))).toEqual({
        kind: 'reused',
        first: true,
      })
    })

    test.for([
      ['an hour later', 3_600_000],
      ['after the clock was set back by an hour', -3_600_000],
      ['just past the grace', 10_001],
    ] as const)('D5: the parent is reuse %s', async ([, offset], { store, other }) => {
      const session = aSession({ idleExpiresAt: T0 + 1e9, absoluteExpiresAt: T0 + 1e9 })
      await store.sessions.insert(session, MANY)
      await store.sessions.rotate(stepOf(session, { idleExpiresAt: T0 + 1e9 }))
      expect((await other.sessions.rotate(stepOf(session, { now: T0 + MINUTE + offset }))).kind).toBe(
        'reused',
      )
    })

    test('D7: idle and absolute expiry refuse, and a rotation never passes the absolute one', async ({
      store,
    }) => {
      const session = aSession()
      await store.sessions.insert(session, MANY)
      expect((await store.sessions.rotate(stepOf(session, { now: session.idleExpiresAt }))).kind).toBe(
        'refused',
      )
      await store.sessions.rotate(stepOf(session, { idleExpiresAt: T0 + 999 * MINUTE }))
      expect(await store.sessions.get(session.id)).toEqual({
        ...session,
        rotation: 1,
        tokenDigest: 'digest-1',
        rotatedAt: T0 + MINUTE,
        lastUsedAt: T0 + MINUTE,
        idleExpiresAt: session.absoluteExpiresAt,
      })
      expect(
        (await store.sessions.rotate(stepOf(session, { presented: 1, now: session.absoluteExpiresAt }))).kind,
      ).toBe('refused')
    })

    test('D8: another application, a future number and an unknown session are refused without any change', async ({
      store,
    }) => {
      const session = aSession()
      await store.sessions.insert(session, MANY)
      expect((await store.sessions.rotate(stepOf(session, { applicationId: 'other' }))).kind).toBe('refused')
      expect((await store.sessions.rotate(stepOf(session, { presented: 7 }))).kind).toBe('refused')
      expect((await store.sessions.rotate(stepOf(aSession()))).kind).toBe('refused')
      expect(await store.sessions.get(session.id)).toEqual(session)
    })

    test('D9: revoking ends one or all but one, of the right account only', async ({ store, other }) => {
      const accountId = newId('usr') as AccountId
      const [a, b, c] = [
        aSession({ accountId }),
        aSession({ accountId, createdAt: T0 + 1 }),
        aSession({ accountId }),
      ]
      const foreign = aSession()
      for (const session of [a, b, c, foreign]) await store.sessions.insert(session, MANY)
      expect(await store.sessions.revoke({ id: a.id, accountId: foreign.accountId, now: T0 })).toBe(false)
      expect(await other.sessions.revoke({ id: a.id, accountId, now: T0 })).toBe(true)
      expect(await store.sessions.revoke({ id: a.id, accountId, now: T0 })).toBe(false)
      expect((await store.sessions.rotate(stepOf(a))).kind).toBe('refused')
      expect((await store.sessions.list(accountId, T0)).map((session) => session.id)).toEqual([b.id, c.id])
      expect(await store.sessions.revokeAll({ accountId, except: b.id, now: T0 })).toBe(1)
      expect((await store.sessions.list(accountId, T0)).map((session) => session.id)).toEqual([b.id])
      expect((await store.sessions.get(foreign.id))?.revokedAt).toBeNull()
      expect(await store.sessions.list(accountId, b.absoluteExpiresAt)).toEqual([])
    })

    test('D11: of 100 parallel insertions the newest remain, no more at any answer than are allowed', async ({
      store,
      other,
      parallel,
    }) => {
      const accountId = newId('usr') as AccountId
      const foreign = aSession()
      await store.sessions.insert(foreign, 7)
      const answered: Session[] = []
      const excess: number[] = []
      await parallel(100, async (handle, index) => {
        const session = aSession({ accountId, createdAt: T0 + (index % 10) })
        await handle.sessions.insert(session, 7)
        answered.push(session)
        const ids = new Set(answered.map(({ id }) => id))
        const live = (await handle.sessions.list(accountId, T0)).filter(({ id }) => ids.has(id))
        if (live.length > 7) excess.push(live.length)
      })
      expect(excess).toEqual([])
      const left = (await other.sessions.list(accountId, T0)).map(({ id }) => id)
      const newestFirst = answered.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
      expect(left).toEqual(newestFirst.slice(0, 7).map(({ id }) => id))
      expect((await store.sessions.get(foreign.id))?.revokedAt).toBeNull()
    })

    test('D11: revoked and expired sessions take no place of live ones', async ({ store, other }) => {
      const accountId = newId('usr') as AccountId
      const live = aSession({ accountId })
      await store.sessions.insert(live, 2)
      const later = { accountId, createdAt: T0 + 3000 }
      await store.sessions.insert(aSession({ ...later, createdAt: T0 + 1000, idleExpiresAt: T0 + 2000 }), 2)
      await store.sessions.insert(aSession({ ...later, revokedAt: T0 + 3000 }), 2)
      await store.sessions.insert(aSession(later), 2)
      expect((await other.sessions.list(accountId, T0 + 3000)).map(({ id }) => id)).toContain(live.id)
    })

    test('a list has the newest 200 live sessions, whatever number is revoked or expired', async ({
      other,
      parallel,
    }) => {
      const accountId = newId('usr') as AccountId
      const ended = { accountId, createdAt: T0 + 1000 }
      await parallel(300, (handle) =>
        handle.sessions.insert(aSession({ ...ended, revokedAt: T0 + 1000 }), MANY),
      )
      await parallel(300, (handle) =>
        handle.sessions.insert(aSession({ ...ended, idleExpiresAt: T0 + 2000 }), MANY),
      )
      await parallel(205, (handle, index) =>
        handle.sessions.insert(aSession({ accountId, createdAt: T0 + index }), MANY),
      )
      const listed = await other.sessions.list(accountId, T0 + 2000)
      expect(listed.map((session) => session.createdAt - T0)).toEqual(
        Array.from({ length: 200 }, (_, index) => 204 - index),
      )
    })

    test('a session moves to the new epoch of its account', async ({ store, other }) => {
      const session = aSession()
      await store.sessions.insert(session, MANY)
      await store.sessions.setEpoch(session.id, 2)
      expect(await other.sessions.get(session.id)).toEqual({ ...session, epoch: 2 })
    })
  })
}
