import { describe, expect } from 'vitest'
import {
  withoutHash,
  type Account,
  type AccountId,
  type Role,
  type UsernameKey,
} from '../../../daemon/domain/account.ts'
import { aNamedAccount, anAccount, aUser, newId, PHONE, T0 } from '../samples.ts'
import { count, kindOf, type StoreTest } from '../store-test.ts'

/** What the store promises of accounts: unique names, status and passwords. */
export const describeAccounts = (test: StoreTest): void => {
  describe('accounts', () => {
    test('what is inserted is read back equal, by every key, on every handle', async ({ store, other }) => {
      const account = aNamedAccount('asha', {
        phone: PHONE,
        email: 'asha@example.com',
        attributes: { tier: 'gold', seats: 3, trial: false },
        passwordHash: '$argon2id$…',
      })
      await store.accounts.insert(account)
      expect(await other.accounts.get(account.id)).toEqual(account)
      expect(await other.accounts.findByUsername('admin', 'asha' as UsernameKey)).toEqual(account)
      expect(await other.accounts.findByPhone('admin', PHONE)).toEqual(account)
      expect(await other.accounts.findByPhone('client', PHONE)).toBeUndefined()
      expect(await other.accounts.findByUsername('client', 'asha' as UsernameKey)).toBeUndefined()
      expect(await other.accounts.get('adm_none' as AccountId)).toBeUndefined()
    })

    test('E2: a password is tried at the account of that name and role, or at none', async ({ store }) => {
      const account = aNamedAccount('asha')
      await store.accounts.insert(account)
      await store.accounts.insert(aNamedAccount('chetan'))
      const { accounts } = store
      expect(await accounts.findForPassword('admin', 'asha' as UsernameKey)).toEqual({
        account,
        path: account.path,
      })
      for (const [role, name] of [
        ['client', 'asha'],
        ['admin', 'ash'],
        ['admin', 'asha0'],
        ['admin', 'zoe'],
        ['admin', ''],
      ] as const) {
        const { account: none, path } = await accounts.findForPassword(role, name as UsernameKey)
        expect(none).toBeUndefined()
        expect(typeof path).toBe('string')
      }
    })

    test('K9: of parallel inserts of one username exactly one resolves', async ({ parallel }) => {
      const outcomes = await parallel(100, (handle) => kindOf(handle.accounts.insert(aNamedAccount('asha'))))
      expect(count(outcomes, 'resolved')).toBe(1)
      expect(count(outcomes, 'conflict')).toBe(99)
    })

    test('a phone is unique per role, not over roles', async ({ store }) => {
      await store.accounts.insert(anAccount({ phone: PHONE }))
      expect(await kindOf(store.accounts.insert(anAccount({ phone: PHONE })))).toBe('conflict')
      expect(await kindOf(store.accounts.insert(anAccount({ phone: PHONE, role: 'client' })))).toBe(
        'resolved',
      )
    })

    test('a failed insert leaves nothing behind', async ({ store }) => {
      await store.accounts.insert(aNamedAccount('asha'))
      const loser = aNamedAccount('asha', { phone: PHONE })
      expect(await kindOf(store.accounts.insert(loser))).toBe('conflict')
      expect(await store.accounts.get(loser.id)).toBeUndefined()
      expect(await store.accounts.findByPhone('admin', PHONE)).toBeUndefined()
    })

    test('B10: of 100 parallel first super-admins exactly one is inserted', async ({
      store,
      other,
      parallel,
    }) => {
      expect(await store.accounts.hasSuperAdmin()).toBe(false)
      const outcomes = await parallel(100, (handle, index) =>
        kindOf(handle.accounts.insertFirstSuperAdmin(aNamedAccount(`root${index}`, { role: 'super-admin' }))),
      )
      expect(count(outcomes, 'resolved')).toBe(1)
      expect(count(outcomes, 'conflict')).toBe(99)
      expect(await other.accounts.hasSuperAdmin()).toBe(true)
    })

    test('K9: parallel first sign-ins of one phone make one user', async ({ parallel }) => {
      const results = await parallel(100, (handle) => handle.accounts.getOrInsertUser(aUser()))
      expect(results.filter((result) => result.created)).toHaveLength(1)
      expect(new Set(results.map((result) => result.account.id)).size).toBe(1)
    })

    test('the lineage of a path is read top first, and leaves out what does not exist', async ({ store }) => {
      const admin = anAccount()
      const client = anAccount({ role: 'client', parentId: admin.id, path: '' })
      const placed = { ...client, path: `${admin.id}/${client.id}` }
      await store.accounts.insert(admin)
      await store.accounts.insert(placed)
      expect((await store.accounts.getLineage(placed.path)).map((a) => a.id)).toEqual([admin.id, client.id])
      expect(await store.accounts.getLineage(`${admin.id}/cli_none`)).toEqual([admin])
    })

    test('the lineage of an account is what is stored now, on every handle and however often it was read', async ({
      store,
      other,
      parallel,
    }) => {
      const admin = anAccount()
      const id = newId('cli') as AccountId
      const place = { role: 'client', parentId: admin.id, path: `${admin.id}/${id}` } as const
      const client = anAccount({ id, ...place, passwordHash: '$argon2id$…' })
      expect(await store.accounts.getLineageOf(id)).toEqual([])
      await store.accounts.insert(admin)
      await store.accounts.insert(client)
      const read = await parallel(50, (handle, n) => handle.accounts.getLineageOf(n % 3 ? id : admin.id))
      for (const [n, lineage] of read.entries())
        expect(lineage).toEqual((n % 3 ? [admin, client] : [admin]).map(withoutHash))
      const disabled = await store.accounts.setStatus({ id: admin.id, status: 'disabled', now: T0 + 5 })
      expect(await other.accounts.getLineageOf(id)).toEqual([disabled, client].map(withoutHash))
      await store.accounts.delete({ id, now: T0 + 6 })
      expect(await other.accounts.getLineageOf(id)).toEqual([])
    })

    test('a status change raises version and, when it disables, the epoch; repeating it changes nothing', async ({
      store,
      other,
    }) => {
      const account = anAccount()
      await store.accounts.insert(account)
      const disabled = await store.accounts.setStatus({ id: account.id, status: 'disabled', now: T0 + 5 })
      expect(disabled).toMatchObject({ status: 'disabled', epoch: 2, version: 2, updatedAt: T0 + 5 })
      expect(await other.accounts.setStatus({ id: account.id, status: 'disabled', now: T0 + 9 })).toEqual(
        disabled,
      )
      const enabled = await store.accounts.setStatus({ id: account.id, status: 'active', now: T0 + 10 })
      expect(enabled).toMatchObject({ status: 'active', epoch: 2, version: 3 })
      expect(await other.accounts.get(account.id)).toEqual(enabled)
      expect(
        await kindOf(store.accounts.setStatus({ id: 'adm_none' as AccountId, status: 'active', now: T0 })),
      ).toBe('not_found')
    })

    test('G9: parallel disables of all super-admins leave one active', async ({ store, parallel }) => {
      const role: Role = 'super-admin'
      const admins = [
        aNamedAccount('root1', { role }),
        aNamedAccount('root2', { role }),
        aNamedAccount('root3', { role }),
      ]
      for (const admin of admins) await store.accounts.insert(admin)
      const outcomes = await parallel(99, (handle, index) => {
        const target = admins[index % 3] as Account
        return kindOf(handle.accounts.setStatus({ id: target.id, status: 'disabled', now: T0 }))
      })
      expect(outcomes).toContain('conflict')
      const active = await store.accounts.list({
        below: null,
        includeUsers: false,
        role,
        status: 'active',
        limit: 10,
      })
      expect(active).toHaveLength(1)
    })

    test('a password hash is replaced once: the second change from the same hash is stale', async ({
      store,
      parallel,
    }) => {
      const account = aNamedAccount('asha', { passwordHash: 'old' })
      await store.accounts.insert(account)
      const changes = await parallel(20, (handle, index) =>
        kindOf(
          handle.accounts.setPasswordHash({
            id: account.id,
            from: 'old',
            to: `new${index}`,
            keepEpoch: false,
            now: T0,
          }),
        ),
      )
      expect(count(changes, 'resolved')).toBe(1)
      expect(count(changes, 'stale')).toBe(19)
      const changed = await store.accounts.get(account.id)
      expect(changed?.epoch).toBe(2)
      const from = changed?.passwordHash ?? ''
      const rehashed = await store.accounts.setPasswordHash({
        id: account.id,
        from,
        to: 'rehash',
        keepEpoch: true,
        now: T0,
      })
      expect(rehashed).toMatchObject({ passwordHash: 'rehash', epoch: 2 })
    })
  })
}
