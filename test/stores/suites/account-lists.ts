import { describe, expect } from 'vitest'
import type { AccountId, Role } from '../../../daemon/domain/account.ts'
import type { Store } from '../../../daemon/ports/stores/index.ts'
import { anAccount, aUser, T0 } from '../samples.ts'
import { type StoreTest } from '../store-test.ts'

/** What the store promises of lists of accounts. */
export const describeAccountLists = (test: StoreTest): void => {
  describe('accounts', () => {
    test('lists are scoped by whole path segments, filtered, and paged without gap or repeat', async ({
      store,
    }) => {
      const top = anAccount({ id: 'adm_1' as AccountId, path: 'adm_1' })
      const lookalike = anAccount({ id: 'adm_12' as AccountId, path: 'adm_12' })
      await store.accounts.insert(top)
      await store.accounts.insert(lookalike)
      const under1 = Array.from({ length: 25 }, (_, index) => {
        const id = `cli_${String(index).padStart(2, '0')}` as AccountId
        return anAccount({
          id,
          role: 'client',
          parentId: top.id,
          path: `adm_1/${id}`,
          createdAt: T0 + Math.floor(index / 3),
        })
      })
      for (const account of under1) await store.accounts.insert(account)
      await store.accounts.insert(
        anAccount({
          id: 'cli_x' as AccountId,
          role: 'client',
          parentId: lookalike.id,
          path: 'adm_12/cli_x',
        }),
      )
      await store.accounts.getOrInsertUser(aUser())

      const seen: string[] = []
      let after: { createdAt: number; id: AccountId } | undefined
      for (;;) {
        const page = await store.accounts.list({
          below: 'adm_1',
          includeUsers: false,
          limit: 10,
          ...(after && { after }),
        })
        seen.push(...page.map((account) => account.id))
        const last = page.at(-1)
        if (last === undefined) break
        after = { createdAt: last.createdAt, id: last.id }
      }
      expect(seen).toEqual(under1.map((account) => account.id))
      const whole = { below: null, includeUsers: true, limit: 200 }
      expect(await store.accounts.list(whole)).toHaveLength(29)
      expect(await store.accounts.list({ ...whole, includeUsers: false })).toHaveLength(28)
      expect(await store.accounts.list({ ...whole, role: 'user' })).toHaveLength(1)
      expect(await store.accounts.list({ ...whole, parentId: lookalike.id })).toHaveLength(1)
      expect(await store.accounts.list({ ...whole, status: 'disabled' })).toHaveLength(0)
      expect(await store.accounts.list({ below: 'adm_1', includeUsers: true, limit: 200 })).toHaveLength(26)
    })

    /** Two admins with clients and sub-clients, made in an order that mixes the roles, and a user. */
    const insertTree = async (store: Store): Promise<void> => {
      const tree: readonly [Role, string][] = [
        ['admin', 'adm_1'],
        ['admin', 'adm_2'],
        ['client', 'adm_1/cli_1'],
        ['sub-client', 'adm_1/cli_1/sub_1'],
        ['client', 'adm_2/cli_2'],
        ['client', 'adm_1/cli_3'],
        ['sub-client', 'adm_1/cli_3/sub_2'],
        ['sub-client', 'adm_1/cli_1/sub_3'],
        ['sub-client', 'adm_2/cli_2/sub_4'],
      ]
      for (const [index, [role, path]] of tree.entries()) {
        const [id, parentId = null] = path.split('/').toReversed() as [AccountId, AccountId?]
        await store.accounts.insert(anAccount({ id, role, path, parentId, createdAt: T0 + index }))
      }
      await store.accounts.getOrInsertUser({
        ...aUser(),
        id: 'usr_1' as AccountId,
        path: 'usr_1',
        createdAt: T0 + 4,
      })
    }

    const idsOf = async (
      store: Store,
      query: Partial<Parameters<Store['accounts']['list']>[0]>,
    ): Promise<string[]> => {
      const page = await store.accounts.list({ below: null, includeUsers: false, limit: 100, ...query })
      return page.map((account) => account.id)
    }

    test('a list over several roles is in order of creation, and pages go on across the roles', async ({
      store,
      other,
    }) => {
      await insertTree(store)
      expect(await idsOf(other, { below: 'adm_1' })).toEqual(['cli_1', 'sub_1', 'cli_3', 'sub_2', 'sub_3'])
      expect(await idsOf(other, { below: 'adm_1/cli_1' })).toEqual(['sub_1', 'sub_3'])
      expect(await idsOf(other, { below: 'adm_1/cli_1/sub_1' })).toEqual([])
      const withUsers = { below: 'adm_1', includeUsers: true }
      const all = ['cli_1', 'sub_1', 'usr_1', 'cli_3', 'sub_2', 'sub_3']
      expect(await idsOf(other, withUsers)).toEqual(all)
      expect(await idsOf(other, { ...withUsers, limit: 3 })).toEqual(all.slice(0, 3))
      const after = { createdAt: T0 + 4, id: 'usr_1' as AccountId }
      expect(await idsOf(other, { ...withUsers, after, limit: 2 })).toEqual(['cli_3', 'sub_2'])
      expect(await idsOf(other, { ...withUsers, role: 'user' })).toEqual(['usr_1'])
      expect(await idsOf(other, { below: 'adm_1', role: 'user' })).toEqual([])
      expect(await idsOf(other, { role: 'user' })).toEqual([])
      expect(await idsOf(other, { includeUsers: true, after })).toEqual(['cli_3', 'sub_2', 'sub_3', 'sub_4'])
    })

    test('a list by status follows a change of status, in every scope above and nowhere else', async ({
      store,
      other,
    }) => {
      await insertTree(store)
      const setStatus = (status: 'active' | 'disabled') =>
        store.accounts.setStatus({ id: 'sub_1' as AccountId, status, now: T0 + 100 })
      await setStatus('disabled')
      for (const below of [null, 'adm_1', 'adm_1/cli_1']) {
        expect(await idsOf(other, { below, status: 'disabled' })).toEqual(['sub_1'])
        expect(await idsOf(other, { below, status: 'active' })).not.toContain('sub_1')
        expect(await idsOf(other, { below })).toContain('sub_1')
      }
      expect(await idsOf(other, { below: 'adm_1', role: 'sub-client', status: 'active' })).toEqual([
        'sub_2',
        'sub_3',
      ])
      for (const below of ['adm_2', 'adm_1/cli_3'])
        expect(await idsOf(other, { below, status: 'disabled' })).toEqual([])
      await setStatus('active')
      expect(await idsOf(other, { below: 'adm_1', status: 'disabled' })).toEqual([])
      expect(await idsOf(other, { below: 'adm_1/cli_1', status: 'active' })).toEqual(['sub_1', 'sub_3'])
    })

    test('a list of the children of a parent keeps to the scope: a parent outside it has none there', async ({
      store,
      other,
    }) => {
      await insertTree(store)
      const parentId = 'cli_1' as AccountId
      for (const below of [null, 'adm_1', 'adm_1/cli_1'])
        expect(await idsOf(other, { below, parentId })).toEqual(['sub_1', 'sub_3'])
      for (const below of ['adm_2', 'adm_1/cli_3', 'adm_1/cli_1/sub_1', 'adm'])
        expect(await idsOf(other, { below, parentId })).toEqual([])
      expect(await idsOf(other, { below: 'adm_1', parentId: 'adm_1' as AccountId })).toEqual([
        'cli_1',
        'cli_3',
      ])
      expect(await idsOf(other, { parentId: 'cli_none' as AccountId })).toEqual([])
      expect(await idsOf(other, { below: 'adm_1', parentId: 'cli_none' as AccountId })).toEqual([])
      await store.accounts.setStatus({ id: 'sub_1' as AccountId, status: 'disabled', now: T0 })
      expect(await idsOf(other, { below: 'adm_1', parentId, status: 'disabled' })).toEqual(['sub_1'])
      const after = { createdAt: T0 + 3, id: 'sub_1' as AccountId }
      expect(await idsOf(other, { below: 'adm_1', parentId, after })).toEqual(['sub_3'])
      expect(await idsOf(other, { below: 'adm_1', parentId, role: 'client' })).toEqual([])
    })
  })
}
