import { describe, expect } from 'vitest'
import type { Account, AccountId, UsernameKey } from '../../../daemon/domain/account.ts'
import { aNamedAccount, anAccount, newId, PHONE, T0 } from '../samples.ts'
import { count, kindOf, PATIENT_MS, type StoreTest } from '../store-test.ts'

/** What the store promises of updates and deletions of accounts. */
export const describeAccountChanges = (test: StoreTest): void => {
  describe('changes of accounts', () => {
    test('what is left out of an update stays, and the version tells of it', async ({ store, other }) => {
      const account = aNamedAccount('asha', { email: 'a@example.com', attributes: { tier: 'gold' } })
      await store.accounts.insert(account)
      const fields = {
        attributes: { tier: 'silver' },
        policies: ['root/a', 'authctl:Client'],
        boundary: 'root/b',
      }
      const changed = await store.accounts.update({ id: account.id, version: 1, fields, now: T0 + 5 })
      expect(changed).toEqual({ ...account, ...fields, version: 2, updatedAt: T0 + 5 })
      expect(await other.accounts.get(account.id)).toEqual(changed)
      expect(await other.accounts.getLineage(account.path)).toEqual([changed])
      const again = { id: account.id, version: 2, fields: { email: null, boundary: null }, now: T0 + 6 }
      expect(await store.accounts.update(again)).toMatchObject({
        email: null,
        boundary: null,
        policies: fields.policies,
      })
    })

    test('of parallel updates of one version exactly one is made', async ({ store, parallel }) => {
      const account = anAccount()
      await store.accounts.insert(account)
      const outcomes = await parallel(50, (handle, n) =>
        kindOf(
          handle.accounts.update({ id: account.id, version: 1, fields: { name: `name ${n}` }, now: T0 }),
        ),
      )
      expect(count(outcomes, 'resolved')).toBe(1)
      expect(count(outcomes, 'stale')).toBe(49)
      expect(await store.accounts.get(account.id)).toMatchObject({ version: 2 })
    })

    test('an account that is not there cannot be changed or deleted', async ({ store }) => {
      const id = 'adm_none' as AccountId
      expect(await kindOf(store.accounts.update({ id, version: 1, fields: {}, now: T0 }))).toBe('not_found')
      expect(await kindOf(store.accounts.delete({ id, now: T0 }))).toBe('not_found')
    })

    test('what is attached is found, as a policy or a boundary, until it is detached', async ({
      store,
      other,
    }) => {
      const account = anAccount({ policies: ['root/a', 'root/b'], boundary: 'root/b' })
      await store.accounts.insert(account)
      for (const policy of ['root/a', 'root/b'])
        expect(await other.accounts.findAttached(policy)).toBe(account.id)
      expect(await store.accounts.findAttached('root/c')).toBeUndefined()
      await store.accounts.update({ id: account.id, version: 1, fields: { policies: ['root/c'] }, now: T0 })
      expect(await other.accounts.findAttached('root/a')).toBeUndefined()
      expect(await other.accounts.findAttached('root/b')).toBe(account.id)
      expect(await other.accounts.findAttached('root/c')).toBe(account.id)
      await store.accounts.delete({ id: account.id, now: T0 })
      expect(await other.accounts.findAttached('root/b')).toBeUndefined()
    })

    test('a deleted account is gone from every list, and its names are free for another id', async ({
      store,
      other,
    }) => {
      const account = aNamedAccount('asha', { phone: PHONE })
      await store.accounts.insert(account)
      await store.refreshKeys.set({
        accountId: account.id,
        epoch: 1,
        mac: 'm',
        oldMac: null,
        maxTries: 5,
        now: T0,
      })
      expect(await store.accounts.delete({ id: account.id, now: T0 })).toBe('deleted')
      expect(await other.accounts.get(account.id)).toBeUndefined()
      expect(await other.accounts.getLineage(account.path)).toEqual([])
      expect(await other.accounts.findByPhone('admin', PHONE)).toBeUndefined()
      expect(await other.accounts.list({ below: null, includeUsers: true, limit: 10 })).toEqual([])
      expect(await store.refreshKeys.verify({ accountId: account.id, epoch: 1, mac: 'm', maxTries: 5 })).toBe(
        'absent',
      )
      const next = aNamedAccount('asha', { phone: PHONE })
      await other.accounts.insert(next)
      expect(await store.accounts.findByUsername('admin', 'asha' as UsernameKey)).toEqual(next)
    })

    test('an account with others below it stays', async ({ store, other }) => {
      const admin = anAccount()
      const client = anAccount({ id: newId('cli') as AccountId, role: 'client', parentId: admin.id })
      const child = { ...client, path: `${admin.path}/${client.id}` }
      await store.accounts.insert(admin)
      await store.accounts.insert(child)
      expect(await other.accounts.delete({ id: admin.id, now: T0 })).toBe('has_children')
      expect(await store.accounts.get(admin.id)).toEqual(admin)
      expect(await store.accounts.delete({ id: child.id, now: T0 })).toBe('deleted')
      expect(await store.accounts.list({ below: admin.path, includeUsers: false, limit: 10 })).toEqual([])
      expect(await store.accounts.delete({ id: admin.id, now: T0 })).toBe('deleted')
    })

    test('of an insertion and the deletion of its parent at the same time exactly one succeeds', async ({
      store,
      other,
    }) => {
      let inserted = 0
      for (let round = 0; round < 60; round++) {
        const admin = anAccount()
        await store.accounts.insert(admin)
        const id = newId('cli') as AccountId
        const child = aNamedAccount(`child-${round}`, {
          id,
          role: 'client',
          parentId: admin.id,
          path: `${admin.path}/${id}`,
        })
        const [insert, remove] = [
          () => kindOf(store.accounts.insert(child)),
          () => other.accounts.delete({ id: admin.id, now: T0 }),
        ]
        const isFirst = round % 2 === 0
        const early = isFirst ? insert() : remove()
        const late = isFirst ? remove() : insert()
        const [insertion, deletion] = isFirst ? [await early, await late] : [await late, await early]
        const isThere = (await store.accounts.get(id)) !== undefined
        expect([insertion, isThere]).toEqual(isThere ? ['resolved', true] : ['not_found', false])
        expect(deletion).toBe(isThere ? 'has_children' : 'deleted')
        inserted += isThere ? 1 : 0
        // The name of one that came too late is free.
        if (!isThere) await store.accounts.insert({ ...child, role: 'admin', parentId: null, path: id })
      }
      expect(await kindOf(store.accounts.insert(anAccount({ parentId: 'adm_none' as AccountId })))).toBe(
        'not_found',
      )
      expect(inserted).toBeLessThan(60)
    })

    test(
      'of parallel deletions of all super-admins one active one remains',
      { timeout: PATIENT_MS },
      async ({ store, parallel }) => {
        const all = [1, 2, 3, 4].map((n) => aNamedAccount(`root-${n}`, { role: 'super-admin' }))
        for (const account of all) await store.accounts.insert(account)
        const outcomes = await parallel(40, (handle, n) =>
          kindOf(handle.accounts.delete({ id: (all[n % 4] as Account).id, now: T0 })),
        )
        expect(count(outcomes, 'resolved')).toBe(3)
        expect(outcomes).not.toContain('unexpected')
        const left = await store.accounts.list({ below: null, includeUsers: false, limit: 10 })
        expect(left).toMatchObject([{ status: 'active' }])
      },
    )
  })
}
