import { describe, expect } from 'vitest'
import type { AccountId } from '../../../daemon/domain/account.ts'
import { aDevice, MINUTE, T0, cleanupFence } from '../samples.ts'
import { count, type StoreTest } from '../store-test.ts'

const SECOND = 1000
const WHO = { id: 'adm_a' as AccountId, epoch: 3 }

/** What the store promises of devices that ask to be signed in. */
export const describeDevices = (test: StoreTest): void => {
  describe('devices', () => {
    const asks = (now: number, fields: object = {}) => {
      const { id, digest, applicationId } = aDevice()
      return { id, digest, applicationId, now, ...fields }
    }

    test('a user code stands for one device until that has expired', async ({ store, parallel }) => {
      const inserted = await parallel(8, (handle, n) => handle.devices.insert(aDevice({ digest: `d${n}` })))
      expect(count(inserted, true)).toBe(1)
      const later = aDevice({ createdAt: T0 + 10 * MINUTE, expiresAt: T0 + 20 * MINUTE })
      expect(await store.devices.insert({ ...later, createdAt: later.createdAt - 1 })).toBe(false)
      expect(await store.devices.insert(later)).toBe(true)
      expect(await store.devices.get(later.id)).toEqual(later)
      expect(await store.devices.get('none')).toBeUndefined()
    })

    test('one decision counts, and of parallel questions one is answered with it', async ({
      store,
      parallel,
    }) => {
      await store.devices.insert(aDevice())
      const { id } = aDevice()
      const approval = { id, state: 'approved', account: WHO, now: T0 + 1 } as const
      expect(await store.devices.decide({ ...approval, id: 'none' })).toBe(false)
      expect(await store.devices.decide({ ...approval, now: T0 + 10 * MINUTE })).toBe(false)
      const decided = await parallel(8, (handle) => handle.devices.decide(approval))
      expect(count(decided, true)).toBe(1)
      expect(await store.devices.decide({ ...approval, state: 'denied', account: null })).toBe(false)
      expect(await store.devices.poll(asks(T0 + 2, { digest: 'other' }))).toEqual({ kind: 'absent' })
      expect(await store.devices.poll(asks(T0 + 2, { applicationId: 'other' }))).toEqual({ kind: 'absent' })
      const polled = await parallel(20, (handle) => handle.devices.poll(asks(T0 + 2)))
      const kinds = polled.map(({ kind }) => kind)
      expect([count(kinds, 'approved'), count(kinds, 'absent')]).toEqual([1, 19])
      const approved = polled.find(({ kind }) => kind === 'approved')
      expect(approved).toMatchObject({ device: { accountId: WHO.id, epoch: WHO.epoch, state: 'approved' } })
    })

    test('what asks too soon has to wait longer each time; what is denied or late hears it', async ({
      store,
      other,
    }) => {
      await store.devices.insert(aDevice())
      const kindAt = async (seconds: number) => (await other.devices.poll(asks(T0 + seconds * SECOND))).kind
      expect(await kindAt(4)).toBe('pending')
      expect(await kindAt(7)).toBe('too-soon')
      expect(await kindAt(15)).toBe('too-soon')
      expect(await kindAt(29)).toBe('pending')
      expect(await kindAt(42)).toBe('too-soon')
      expect(await kindAt(600)).toBe('expired')
      await store.devices.decide({ id: aDevice().id, state: 'denied', account: null, now: T0 })
      expect(await kindAt(60)).toBe('denied')
      expect(await kindAt(61)).toBe('denied')
    })

    test('those that are let in for one account are denied, whether they have asked since or not', async ({
      store,
      other,
    }) => {
      const letIn = async (id: string, account: typeof WHO): Promise<void> => {
        await store.devices.insert(aDevice({ id }))
        await store.devices.decide({ id, state: 'approved', account, now: T0 })
      }
      for (const id of ['waiting', 'signed-in']) await letIn(id, WHO)
      await letIn('of-another', { ...WHO, id: 'adm_b' as AccountId })
      await store.devices.insert(aDevice())
      expect((await store.devices.poll(asks(T0, { id: 'signed-in' }))).kind).toBe('approved')
      await other.devices.denyOf(WHO.id)
      const states = ['waiting', 'signed-in', 'of-another', aDevice().id].map(
        async (id) => (await store.devices.get(id))?.state,
      )
      expect(await Promise.all(states)).toEqual(['denied', 'denied', 'approved', 'pending'])
      expect(await store.devices.poll(asks(T0, { id: 'waiting' }))).toEqual({ kind: 'denied' })
    })

    test('a sweep removes the expired', async ({ store }) => {
      await store.devices.insert(aDevice())
      const fence = await cleanupFence(store)
      expect(await store.leases.sweep('devices', fence, T0 + 10 * MINUTE - 1, 10)).toBe(0)
      expect(await store.leases.sweep('devices', fence, T0 + 10 * MINUTE, 10)).toBe(1)
    })
  })
}
