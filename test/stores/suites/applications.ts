import { describe, expect } from 'vitest'
import { withoutHash, type AccountId } from '../../../daemon/domain/account.ts'
import type { Application, ApplicationId } from '../../../daemon/domain/application.ts'
import { anAccount, anApplication, aPublicKey, aServiceKey, MINUTE, newId, T0 } from '../samples.ts'
import { count, kindOf, type StoreTest } from '../store-test.ts'

const MOST = 50

/** What the store promises of applications and their service keys. */
export const describeApplications = (test: StoreTest): void => {
  describe('applications', () => {
    const admin = anAccount()
    const clientId = newId('cli') as AccountId
    const client = anAccount({
      id: clientId,
      role: 'client',
      parentId: admin.id,
      path: `${admin.path}/${clientId}`,
    })

    test('one is found by its id and by the policies that it names, as it was inserted and as it was changed', async ({
      store,
      other,
    }) => {
      await store.accounts.insert(admin)
      const application = anApplication(admin, {
        policies: ['root/a', 'root/b'],
        publicKeys: [aPublicKey('first'), aPublicKey('second')],
      })
      await store.applications.insert(application, MOST)
      expect(await other.applications.get(application.id)).toEqual(application)
      expect(await other.applications.findNaming('root/b')).toBe(application.id)
      const { id } = application
      const fields = {
        name: 'new',
        status: 'disabled',
        policies: ['root/c'],
        publicKeys: [aPublicKey('third')],
      } as const
      const changed = await other.applications.update({ id, version: 1, fields, now: T0 + 5 })
      expect(changed).toEqual({ ...application, ...fields, updatedAt: T0 + 5, version: 2 })
      expect(await store.applications.get(id)).toEqual(changed)
      expect(await store.applications.findNaming('root/b')).toBe(undefined)
      await store.applications.update({ id, version: 2, fields: { policies: null }, now: T0 })
      expect(await other.applications.findNaming('root/c')).toBe(undefined)
      expect((await other.applications.get(id))?.policies).toBe(null)
      expect([await store.applications.delete(id), await other.applications.delete(id)]).toEqual([
        true,
        false,
      ])
      expect(await other.applications.get(id)).toBe(undefined)
      expect(await kindOf(store.applications.update({ id, version: 3, fields: {}, now: T0 }))).toBe(
        'not_found',
      )
    })

    test('one is found with its owner and those above, each as it is now, also where it was asked for before', async ({
      store,
      other,
    }) => {
      for (const account of [admin, client]) await store.accounts.insert(account)
      const application = anApplication(client)
      const { id } = application
      await store.applications.insert(application, MOST)
      const read = async () => {
        const found = await store.applications.getOwned(id)
        expect(found?.lineage).toEqual(await other.accounts.getLineageOf(clientId))
        return found
      }
      for (const _again of [1, 2])
        expect(await read()).toEqual({ application, lineage: [admin, client].map(withoutHash) })
      await other.applications.update({ id, version: 1, fields: { status: 'disabled' }, now: T0 })
      expect((await read())?.application.status).toBe('disabled')
      await other.accounts.setStatus({ id: admin.id, status: 'disabled', now: T0 })
      expect((await read())?.lineage[0]?.status).toBe('disabled')
      await other.accounts.delete({ id: clientId, now: T0 })
      expect(await store.applications.getOwned(id)).toBe(undefined)
      expect(await store.applications.getOwned(newId('app') as ApplicationId)).toBe(undefined)
    })

    test('of twenty parallel changes of one version one is made, and the others are stale', async ({
      store,
      parallel,
    }) => {
      await store.accounts.insert(admin)
      const application = anApplication(admin)
      await store.applications.insert(application, MOST)
      const outcomes = await parallel(20, (handle, n) => {
        const fields = { keys: [aServiceKey({ digest: `digest-${n}` })] }
        return kindOf(handle.applications.update({ id: application.id, version: 1, fields, now: T0 }))
      })
      expect([count(outcomes, 'resolved'), count(outcomes, 'stale')]).toEqual([1, 19])
      expect((await store.applications.get(application.id))?.version).toBe(2)
    })

    test('an account has no more than it may have, whatever is inserted in parallel, and none without an account', async ({
      store,
      parallel,
    }) => {
      await store.accounts.insert(admin)
      const insert = (handle: typeof store) => kindOf(handle.applications.insert(anApplication(admin), 5))
      const outcomes = await parallel(20, insert)
      expect(count(outcomes, 'resolved') + count(outcomes, 'conflict')).toBe(20)
      const query = { scope: null, ownerId: admin.id, limit: 50 }
      const there = (await store.applications.list(query)).length
      expect(there).toBe(count(outcomes, 'resolved'))
      for (let n = there; n < 5; n++) expect(await insert(store)).toBe('resolved')
      expect(await insert(store)).toBe('conflict')
      expect(await kindOf(store.applications.insert(anApplication(client), 5))).toBe('not_found')
      expect(await store.applications.list({ scope: null, limit: 50 })).toHaveLength(5)
    })

    test('lists are of an account and those below it, in the order of the ids, page by page', async ({
      store,
      other,
    }) => {
      const stranger = anAccount()
      for (const account of [admin, client, stranger]) await store.accounts.insert(account)
      const [a, b, c, d] = [admin, client, admin, stranger].map((owner, n) =>
        anApplication(owner, { id: `app_${n}` as ApplicationId }),
      ) as [Application, Application, Application, Application]
      for (const each of [d, c, b, a]) await store.applications.insert(each, MOST)
      const idsOf = async (query: Partial<Parameters<typeof store.applications.list>[0]>) =>
        (await other.applications.list({ scope: null, limit: 50, ...query })).map(({ id }) => id)
      expect(await idsOf({})).toEqual([a.id, b.id, c.id, d.id])
      expect(await idsOf({ scope: admin.id })).toEqual([a.id, b.id, c.id])
      expect(await idsOf({ scope: client.id })).toEqual([b.id])
      expect(await idsOf({ scope: admin.id, limit: 1, after: a.id })).toEqual([b.id])
      expect(await idsOf({ scope: admin.id, ownerId: admin.id, after: a.id })).toEqual([c.id])
      expect(await idsOf({ scope: admin.id, ownerId: client.id, after: b.id })).toEqual([])
    })

    test('a use is noted once a minute, of its key alone, and the version stays', async ({
      store,
      other,
    }) => {
      await store.accounts.insert(admin)
      const [key, old] = [aServiceKey(), aServiceKey()]
      const publicKeys = [aPublicKey('first'), aPublicKey('second')]
      const application = anApplication(admin, { keys: [key, old], publicKeys })
      const { id } = application
      await store.applications.insert(application, MOST)
      const usesAfter = async (now: number, keyId = key.id) => {
        const use = { id, keyId, now, before: now - MINUTE }
        await Promise.all([store.applications.noteUse(use), other.applications.noteUse(use)])
        const { version, keys, publicKeys: pairs } = (await other.applications.get(id)) ?? application
        return [version, ...[...keys, ...pairs].map(({ lastUsedAt }) => lastUsedAt)]
      }
      expect(await usesAfter(T0)).toEqual([1, T0, null, null, null])
      expect(await usesAfter(T0 + MINUTE - 1)).toEqual([1, T0, null, null, null])
      expect(await usesAfter(T0 + MINUTE)).toEqual([1, T0 + MINUTE, null, null, null])
      const pair = publicKeys[1]?.id
      expect(await usesAfter(T0 + 1, pair)).toEqual([1, T0 + MINUTE, null, null, T0 + 1])
      expect(await usesAfter(T0 + 2, pair)).toEqual([1, T0 + MINUTE, null, null, T0 + 1])
    })

    test('deleting an account ends its applications and no others, also one that is inserted meanwhile', async ({
      store,
      other,
    }) => {
      const stranger = anAccount()
      for (const account of [admin, stranger]) await store.accounts.insert(account)
      const kept = anApplication(stranger)
      await store.applications.insert(anApplication(admin, { policies: ['root/a'] }), MOST)
      await store.applications.insert(kept, MOST)
      const late = other.applications.insert(anApplication(admin), MOST).catch(() => undefined)
      expect(await store.accounts.delete({ id: admin.id, now: T0 })).toBe('deleted')
      await late
      expect(await other.applications.list({ scope: null, limit: 50 })).toEqual([kept])
      expect(await store.applications.list({ scope: admin.id, limit: 50 })).toEqual([])
      expect(await other.applications.findNaming('root/a')).toBe(undefined)
    })
  })
}
