import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Account, AccountId, Phone, Role, UsernameKey } from '../../daemon/domain/account.ts'
import type { Place } from '../../daemon/domain/place.ts'
import { StoreFailure, type CodeAttempt, type NewOtp, type Store } from '../../daemon/ports/stores/index.ts'
import {
  aNamedAccount,
  anAccount,
  anOtp,
  aSession,
  aSigningKey,
  attemptAt,
  aUser,
  MINUTE,
  newId,
  PHONE,
  stepOf,
  T0,
} from './samples.ts'

/** The contract is about what is atomic, not about how fast a busy machine is with a thousand calls at once. */
export const PATIENT_MS = 20_000

/** A store under test: `open` may be called several times and gives handles of one and the same store, as several daemons have. */
export interface StoreUnderTest {
  open(): Promise<Store>
  dispose(): Promise<void>
}

/** How one attempt at a code ended. */
const consume = async (handle: Store, attempt: CodeAttempt): Promise<string> =>
  (await handle.otps.consume(attempt)).kind

const kindOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (error instanceof StoreFailure ? error.kind : `unexpected ${String(error)}`),
  )

const count = <T>(values: readonly T[], wanted: T): number =>
  values.filter((value) => value === wanted).length

/** The promises of the store port, held against an adapter. Every adapter runs this same suite, without exception. */
export const describeStore = (name: string, create: () => Promise<StoreUnderTest>): void => {
  describe(`store contract: ${name}`, () => {
    let under: StoreUnderTest
    let store: Store
    let other: Store

    beforeEach(async () => {
      under = await create()
      store = await under.open()
      other = await under.open()
    })

    afterEach(async () => {
      await store.close()
      await other.close()
      await under.dispose()
    })

    /** Runs something n times in parallel, spread over both handles. */
    const parallel = <T>(n: number, run: (handle: Store, index: number) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: n }, (_, index) => run(index % 2 === 0 ? store : other, index)))

    describe('changes of accounts', () => {
      test('what is left out of an update stays, and the version tells of it', async () => {
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

      test('of parallel updates of one version exactly one is made', async () => {
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

      test('an account that is not there cannot be changed or deleted', async () => {
        const id = 'adm_none' as AccountId
        expect(await kindOf(store.accounts.update({ id, version: 1, fields: {}, now: T0 }))).toBe('not_found')
        expect(await kindOf(store.accounts.delete({ id, now: T0 }))).toBe('not_found')
      })

      test('what is attached is found, as a policy or a boundary, until it is detached', async () => {
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

      test('a deleted account is gone from every list, and its names are free for another id', async () => {
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
        expect(
          await store.refreshKeys.verify({ accountId: account.id, epoch: 1, mac: 'm', maxTries: 5 }),
        ).toBe('absent')
        const next = aNamedAccount('asha', { phone: PHONE })
        await other.accounts.insert(next)
        expect(await store.accounts.findByUsername('admin', 'asha' as UsernameKey)).toEqual(next)
      })

      test('an account with others below it stays', async () => {
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

      test('of an insertion and the deletion of its parent at the same time exactly one succeeds', async () => {
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
        async () => {
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

    describe('policies', () => {
      const head = (revision: string, number: number) => ({ namespace: 'root', revision, number })
      const ofRoot = { owner: null } as const
      const text = (hash: string) => ({ hash, content: `{"hash": "${hash}"}` })

      test('the texts of a head are there when it is', async () => {
        expect(await store.policies.heads()).toEqual([])
        const texts = [text('r1'), text('d1'), text('d2')]
        expect(await store.policies.moveHead({ ...ofRoot, head: head('r1', 1), from: null, texts })).toBe(
          true,
        )
        expect(await other.policies.heads()).toEqual([head('r1', 1)])
        const found = await other.policies.read(['r1', 'd1', 'd2', 'd3'])
        expect(found.toSorted((a, b) => (a.hash < b.hash ? -1 : 1))).toEqual([
          text('d1'),
          text('d2'),
          text('r1'),
        ])
      })

      test('a text that is there already stays as it is, and does not hinder the others', async () => {
        await store.policies.moveHead({
          ...ofRoot,
          head: head('r1', 1),
          from: null,
          texts: [text('r1'), text('d1')],
        })
        const texts = [{ hash: 'd1', content: 'another' }, text('r2'), text('d2')]
        expect(await other.policies.moveHead({ ...ofRoot, head: head('r2', 2), from: 'r1', texts })).toBe(
          true,
        )
        expect(await store.policies.read(['d1'])).toEqual([text('d1')])
        expect(await store.policies.read(['r2', 'd2'])).toHaveLength(2)
      })

      test('a head moves only from where its mover believes it is', async () => {
        const texts = [text('r1')]
        expect(await store.policies.moveHead({ ...ofRoot, head: head('r1', 1), from: 'r0', texts })).toBe(
          false,
        )
        expect(await store.policies.heads()).toEqual([])
        await store.policies.moveHead({ ...ofRoot, head: head('r1', 1), from: null, texts })
        expect(
          await store.policies.moveHead({ ...ofRoot, head: head('r2', 1), from: null, texts: [text('r2')] }),
        ).toBe(false)
        expect(
          await store.policies.moveHead({ ...ofRoot, head: head('r2', 2), from: 'r0', texts: [text('r2')] }),
        ).toBe(false)
        expect(await other.policies.heads()).toEqual([head('r1', 1)])
      })

      test('of parallel moves from one place exactly one is made; namespaces do not meet', async () => {
        for (const from of [null, 'a0'] as const) {
          const moves = await parallel(40, (handle, n) =>
            handle.policies.moveHead({
              ...ofRoot,
              head: from === null ? head('a0', 1) : head(`b${n}`, 2),
              from,
              texts: [text(`t${n}`)],
            }),
          )
          expect(count(moves, true)).toBe(1)
        }
        const admin = anAccount()
        await store.accounts.insert(admin)
        const elsewhere = { namespace: admin.id, revision: 'x', number: 1 }
        const move = { head: elsewhere, from: null, texts: [text('x')], owner: admin.id }
        expect(await store.policies.moveHead(move)).toBe(true)
        expect(await other.policies.heads()).toHaveLength(2)
        await other.accounts.delete({ id: admin.id, now: T0 })
        expect(await other.policies.heads()).toMatchObject([{ namespace: 'root', number: 2 }])
        expect(await kindOf(store.policies.moveHead(move))).toBe('not_found')
        expect(await other.policies.heads()).toHaveLength(1)
      })

      test('of the first policies of an account and its deletion at the same time, no head remains', async () => {
        for (let round = 0; round < 30; round++) {
          const admin = anAccount()
          await store.accounts.insert(admin)
          const first = { namespace: admin.id, revision: `x${round}`, number: 1 }
          const move = { head: first, from: null, texts: [text(`x${round}`)], owner: admin.id }
          await Promise.all([
            kindOf(store.policies.moveHead(move)),
            other.accounts.delete({ id: admin.id, now: T0 }),
          ])
          expect(await other.policies.heads()).toEqual([])
        }
      })
    })

    describe('accounts', () => {
      test('what is inserted is read back equal, by every key, on every handle', async () => {
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

      test('K9: of parallel inserts of one username exactly one resolves', async () => {
        const outcomes = await parallel(100, (handle) =>
          kindOf(handle.accounts.insert(aNamedAccount('asha'))),
        )
        expect(count(outcomes, 'resolved')).toBe(1)
        expect(count(outcomes, 'conflict')).toBe(99)
      })

      test('a phone is unique per role, not over roles', async () => {
        await store.accounts.insert(anAccount({ phone: PHONE }))
        expect(await kindOf(store.accounts.insert(anAccount({ phone: PHONE })))).toBe('conflict')
        expect(await kindOf(store.accounts.insert(anAccount({ phone: PHONE, role: 'client' })))).toBe(
          'resolved',
        )
      })

      test('a failed insert leaves nothing behind', async () => {
        await store.accounts.insert(aNamedAccount('asha'))
        const loser = aNamedAccount('asha', { phone: PHONE })
        expect(await kindOf(store.accounts.insert(loser))).toBe('conflict')
        expect(await store.accounts.get(loser.id)).toBeUndefined()
        expect(await store.accounts.findByPhone('admin', PHONE)).toBeUndefined()
      })

      test('B10: of 100 parallel first super-admins exactly one is inserted', async () => {
        expect(await store.accounts.hasSuperAdmin()).toBe(false)
        const outcomes = await parallel(100, (handle, index) =>
          kindOf(
            handle.accounts.insertFirstSuperAdmin(aNamedAccount(`root${index}`, { role: 'super-admin' })),
          ),
        )
        expect(count(outcomes, 'resolved')).toBe(1)
        expect(count(outcomes, 'conflict')).toBe(99)
        expect(await other.accounts.hasSuperAdmin()).toBe(true)
      })

      test('K9: parallel first sign-ins of one phone make one user', async () => {
        const results = await parallel(100, (handle) => handle.accounts.getOrInsertUser(aUser()))
        expect(results.filter((result) => result.created)).toHaveLength(1)
        expect(new Set(results.map((result) => result.account.id)).size).toBe(1)
      })

      test('the lineage of a path is read top first, and leaves out what does not exist', async () => {
        const admin = anAccount()
        const client = anAccount({ role: 'client', parentId: admin.id, path: '' })
        const placed = { ...client, path: `${admin.id}/${client.id}` }
        await store.accounts.insert(admin)
        await store.accounts.insert(placed)
        expect((await store.accounts.getLineage(placed.path)).map((a) => a.id)).toEqual([admin.id, client.id])
        expect(await store.accounts.getLineage(`${admin.id}/cli_none`)).toEqual([admin])
      })

      test('lists are scoped by whole path segments, filtered, and paged without gap or repeat', async () => {
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
      const insertTree = async (): Promise<void> => {
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

      const idsOf = async (query: Partial<Parameters<Store['accounts']['list']>[0]>): Promise<string[]> => {
        const page = await other.accounts.list({ below: null, includeUsers: false, limit: 100, ...query })
        return page.map((account) => account.id)
      }

      test('a list over several roles is in order of creation, and pages go on across the roles', async () => {
        await insertTree()
        expect(await idsOf({ below: 'adm_1' })).toEqual(['cli_1', 'sub_1', 'cli_3', 'sub_2', 'sub_3'])
        expect(await idsOf({ below: 'adm_1/cli_1' })).toEqual(['sub_1', 'sub_3'])
        expect(await idsOf({ below: 'adm_1/cli_1/sub_1' })).toEqual([])
        const withUsers = { below: 'adm_1', includeUsers: true }
        const all = ['cli_1', 'sub_1', 'usr_1', 'cli_3', 'sub_2', 'sub_3']
        expect(await idsOf(withUsers)).toEqual(all)
        expect(await idsOf({ ...withUsers, limit: 3 })).toEqual(all.slice(0, 3))
        const after = { createdAt: T0 + 4, id: 'usr_1' as AccountId }
        expect(await idsOf({ ...withUsers, after, limit: 2 })).toEqual(['cli_3', 'sub_2'])
        expect(await idsOf({ ...withUsers, role: 'user' })).toEqual(['usr_1'])
        expect(await idsOf({ below: 'adm_1', role: 'user' })).toEqual([])
        expect(await idsOf({ role: 'user' })).toEqual([])
        expect(await idsOf({ includeUsers: true, after })).toEqual(['cli_3', 'sub_2', 'sub_3', 'sub_4'])
      })

      test('a list by status follows a change of status, in every scope above and nowhere else', async () => {
        await insertTree()
        const setStatus = (status: 'active' | 'disabled') =>
          store.accounts.setStatus({ id: 'sub_1' as AccountId, status, now: T0 + 100 })
        await setStatus('disabled')
        for (const below of [null, 'adm_1', 'adm_1/cli_1']) {
          expect(await idsOf({ below, status: 'disabled' })).toEqual(['sub_1'])
          expect(await idsOf({ below, status: 'active' })).not.toContain('sub_1')
          expect(await idsOf({ below })).toContain('sub_1')
        }
        expect(await idsOf({ below: 'adm_1', role: 'sub-client', status: 'active' })).toEqual([
          'sub_2',
          'sub_3',
        ])
        for (const below of ['adm_2', 'adm_1/cli_3'])
          expect(await idsOf({ below, status: 'disabled' })).toEqual([])
        await setStatus('active')
        expect(await idsOf({ below: 'adm_1', status: 'disabled' })).toEqual([])
        expect(await idsOf({ below: 'adm_1/cli_1', status: 'active' })).toEqual(['sub_1', 'sub_3'])
      })

      test('a list of the children of a parent keeps to the scope: a parent outside it has none there', async () => {
        await insertTree()
        const parentId = 'cli_1' as AccountId
        for (const below of [null, 'adm_1', 'adm_1/cli_1'])
          expect(await idsOf({ below, parentId })).toEqual(['sub_1', 'sub_3'])
        for (const below of ['adm_2', 'adm_1/cli_3', 'adm_1/cli_1/sub_1', 'adm'])
          expect(await idsOf({ below, parentId })).toEqual([])
        expect(await idsOf({ below: 'adm_1', parentId: 'adm_1' as AccountId })).toEqual(['cli_1', 'cli_3'])
        expect(await idsOf({ parentId: 'cli_none' as AccountId })).toEqual([])
        expect(await idsOf({ below: 'adm_1', parentId: 'cli_none' as AccountId })).toEqual([])
        await store.accounts.setStatus({ id: 'sub_1' as AccountId, status: 'disabled', now: T0 })
        expect(await idsOf({ below: 'adm_1', parentId, status: 'disabled' })).toEqual(['sub_1'])
        const after = { createdAt: T0 + 3, id: 'sub_1' as AccountId }
        expect(await idsOf({ below: 'adm_1', parentId, after })).toEqual(['sub_3'])
        expect(await idsOf({ below: 'adm_1', parentId, role: 'client' })).toEqual([])
      })

      test('a status change raises version and, when it disables, the epoch; repeating it changes nothing', async () => {
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

      test('G9: parallel disables of all super-admins leave one active', async () => {
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

      test('a password hash is replaced once: the second change from the same hash is stale', async () => {
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

    describe('one-time codes', () => {
      test('A4: of 1000 parallel right attempts exactly one consumes', async () => {
        const otp = anOtp()
        await store.otps.save(otp)
        const outcomes = await parallel(1000, (handle) => consume(handle, attemptAt(otp)))
        expect(count(outcomes, 'consumed')).toBe(1)
        expect(count(outcomes, 'absent')).toBe(999)
      })

      test('A3: of 1000 parallel wrong attempts exactly five are evaluated, and the right code is refused then', async () => {
        const otp = anOtp()
        await store.otps.save(otp)
        const outcomes = await parallel(1000, (handle) =>
          consume(handle, attemptAt(otp, { codeMac: 'wrong' })),
        )
        expect(count(outcomes, 'wrong')).toBe(5)
        expect(count(outcomes, 'exhausted')).toBe(995)
        expect(await consume(store, attemptAt(otp))).toBe('exhausted')
      })

      test('A2: a code lives until the millisecond before its expiry', async () => {
        const otp = anOtp()
        await store.otps.save(otp)
        expect(await consume(store, attemptAt(otp, { now: otp.expiresAt }))).toBe('absent')
        expect(await consume(store, attemptAt(otp, { now: otp.expiresAt - 1 }))).toBe('consumed')
      })

      test('A5: a code is bound to its phone, purpose, application and challenge', async () => {
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

      test('A6: a resend replaces the code and keeps its tries until the life of the first has passed', async () => {
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

      test('A6: after a success the tries start at zero', async () => {
        const first = anOtp()
        await store.otps.save(first)
        for (let i = 0; i < 4; i++) await consume(store, attemptAt(first, { codeMac: 'wrong' }))
        expect(await consume(store, attemptAt(first))).toBe('consumed')
        const next = anOtp()
        await store.otps.save(next)
        expect(await consume(store, attemptAt(next, { codeMac: 'wrong' }))).toBe('wrong')
        expect(await consume(store, attemptAt(next))).toBe('consumed')
      })

      test('A6: wrong evaluations are counted over all codes of a phone; only they count, and a success forgets them', async () => {
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

        const fence = await store.leases.claimSlot({ job: 'cleanup', slot: T0, now: T0, leaseMs: 1000 })
        if (fence === undefined) throw new Error('the claim must succeed')
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

      test('a due delivery is claimed by one caller, again only after its lease, and never once settled or replaced', async () => {
        const otp = anOtp()
        await store.otps.save(otp)
        const claimAt = (now: number) => ({ now, leaseMs: 1000, limit: 10 })
        expect(await store.otps.claimDeliveries(claimAt(T0))).toEqual([])
        const due = otp.deliverAfter
        const claimed = await parallel(20, (handle) => handle.otps.claimDeliveries(claimAt(due)))
        expect(claimed.flat()).toHaveLength(1)
        expect(claimed.flat()[0]).toMatchObject({
          challengeId: otp.challengeId,
          sealedCode: 'sealed',
          attempts: 0,
        })
        const again = await store.otps.claimDeliveries(claimAt(due + 1000))
        expect(again.map((delivery) => delivery.attempts)).toEqual([1])
        const settlement = { phone: PHONE, purpose: 'sign-in' as const }
        await store.otps.settleDelivery({ ...settlement, challengeId: 'replaced', retryAt: null })
        await store.otps.settleDelivery({ ...settlement, challengeId: otp.challengeId, retryAt: due + 5000 })
        expect(await store.otps.claimDeliveries(claimAt(due + 4999))).toEqual([])
        expect(await store.otps.claimDeliveries(claimAt(due + 5000))).toHaveLength(1)
        await store.otps.settleDelivery({ ...settlement, challengeId: otp.challengeId, retryAt: null })
        expect(await store.otps.claimDeliveries(claimAt(due + 9000))).toEqual([])
      })

      test('expired codes that nobody delivered do not keep a live one from its delivery', async () => {
        const phoneAt = (index: number) => `+9198765432${String(index).padStart(2, '0')}` as Phone
        for (let index = 0; index < 25; index++)
          await store.otps.save(anOtp({ phone: phoneAt(index), deliverAfter: T0 + index }))
        const live = anOtp({ phone: phoneAt(25), deliverAfter: T0 + 100, expiresAt: T0 + 10 * MINUTE })
        await store.otps.save(live)
        const claimed = await other.otps.claimDeliveries({ now: T0 + 5 * MINUTE, leaseMs: 1000, limit: 10 })
        expect(claimed.map((delivery) => delivery.challengeId)).toEqual([live.challengeId])
      })

      test('an expired or consumed code is not delivered', async () => {
        const otp = anOtp({ deliverAfter: T0 })
        await store.otps.save(otp)
        expect(await store.otps.claimDeliveries({ now: otp.expiresAt, leaseMs: 1, limit: 1 })).toEqual([])
        await consume(store, attemptAt(otp))
        expect(await store.otps.claimDeliveries({ now: T0 + 1, leaseMs: 1, limit: 1 })).toEqual([])
      })
    })

    describe('sessions', () => {
      test('D2: 1000 parallel rotations of one token rotate once and replay the rest, revoking nothing', async () => {
        const session = aSession()
        await store.sessions.insert(session)
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

      test('D3, D4: without grace one rotates, reuse revokes the session, and one caller is told first', async () => {
        const session = aSession()
        await store.sessions.insert(session)
        const outcomes = await parallel(200, (handle) =>
          handle.sessions.rotate(stepOf(session, { graceMs: 0 })),
        )
        expect(outcomes.filter((outcome) => outcome.kind === 'rotated')).toHaveLength(1)
        expect(outcomes.filter((outcome) => outcome.kind === 'reused' && outcome.first)).toHaveLength(1)
        expect((await store.sessions.get(session.id))?.revokedAt).toBe(T0 + MINUTE)
      })

      test('D6: a grandparent is reuse even within grace', async () => {
        const session = aSession()
        await store.sessions.insert(session)
        await store.sessions.rotate(stepOf(session))
        await store.sessions.rotate(stepOf(session, { presented: 1, successorDigest: 'digest-2' }))
        expect(await store.sessions.rotate(stepOf(session, { presented: 0 }))).toEqual({
          kind: 'reused',
          first: true,
        })
      })

      test.each([
        ['an hour later', 3_600_000],
        ['after the clock was set back by an hour', -3_600_000],
        ['just past the grace', 10_001],
      ])('D5: the parent is reuse %s', async (_name, offset) => {
        const session = aSession({ idleExpiresAt: T0 + 1e9, absoluteExpiresAt: T0 + 1e9 })
        await store.sessions.insert(session)
        await store.sessions.rotate(stepOf(session, { idleExpiresAt: T0 + 1e9 }))
        expect((await other.sessions.rotate(stepOf(session, { now: T0 + MINUTE + offset }))).kind).toBe(
          'reused',
        )
      })

      test('D7: idle and absolute expiry refuse, and a rotation never passes the absolute one', async () => {
        const session = aSession()
        await store.sessions.insert(session)
        expect((await store.sessions.rotate(stepOf(session, { now: session.idleExpiresAt }))).kind).toBe(
          'refused',
        )
        const outcome = await store.sessions.rotate(stepOf(session, { idleExpiresAt: T0 + 999 * MINUTE }))
        expect(outcome.kind === 'rotated' && outcome.session.idleExpiresAt).toBe(session.absoluteExpiresAt)
        expect(
          (await store.sessions.rotate(stepOf(session, { presented: 1, now: session.absoluteExpiresAt })))
            .kind,
        ).toBe('refused')
      })

      test('D8: another application, a future number and an unknown session are refused without any change', async () => {
        const session = aSession()
        await store.sessions.insert(session)
        expect((await store.sessions.rotate(stepOf(session, { applicationId: 'other' }))).kind).toBe(
          'refused',
        )
        expect((await store.sessions.rotate(stepOf(session, { presented: 7 }))).kind).toBe('refused')
        expect((await store.sessions.rotate(stepOf(aSession()))).kind).toBe('refused')
        expect(await store.sessions.get(session.id)).toEqual(session)
      })

      test('D9: revoking ends one or all but one, of the right account only', async () => {
        const accountId = newId('usr') as AccountId
        const [a, b, c] = [
          aSession({ accountId }),
          aSession({ accountId, createdAt: T0 + 1 }),
          aSession({ accountId }),
        ]
        const foreign = aSession()
        for (const session of [a, b, c, foreign]) await store.sessions.insert(session)
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

      test('a list has the newest 200 live sessions, whatever number is revoked or expired', async () => {
        const accountId = newId('usr') as AccountId
        const ended = { accountId, createdAt: T0 + 1000 }
        await parallel(300, (handle) => handle.sessions.insert(aSession({ ...ended, revokedAt: T0 + 1000 })))
        await parallel(300, (handle) =>
          handle.sessions.insert(aSession({ ...ended, idleExpiresAt: T0 + 2000 })),
        )
        await parallel(205, (handle, index) =>
          handle.sessions.insert(aSession({ accountId, createdAt: T0 + index })),
        )
        const listed = await other.sessions.list(accountId, T0 + 2000)
        expect(listed.map((session) => session.createdAt - T0)).toEqual(
          Array.from({ length: 200 }, (_, index) => 204 - index),
        )
      })

      test('a session moves to the new epoch of its account', async () => {
        const session = aSession()
        await store.sessions.insert(session)
        await store.sessions.setEpoch(session.id, 2)
        expect(await other.sessions.get(session.id)).toEqual({ ...session, epoch: 2 })
      })
    })

    describe('refresh keys', () => {
      const accountId = newId('usr') as AccountId
      const key = { accountId, epoch: 1, mac: 'mac-1', oldMac: null, maxTries: 5, now: T0 }
      const guess = (mac: string) => ({ accountId, epoch: 1, mac, maxTries: 5 })

      test('a first key is set; changing it needs the old one', async () => {
        expect(await store.refreshKeys.verify(guess('mac-1'))).toBe('absent')
        expect(await store.refreshKeys.set(key)).toBe('ok')
        expect(await other.refreshKeys.set({ ...key, mac: 'mac-2' })).toBe('absent')
        expect(await other.refreshKeys.set({ ...key, mac: 'mac-2', oldMac: 'nope' })).toBe('wrong')
        expect(await other.refreshKeys.set({ ...key, mac: 'mac-2', oldMac: 'mac-1' })).toBe('ok')
        expect(await store.refreshKeys.verify(guess('mac-1'))).toBe('wrong')
        expect(await store.refreshKeys.verify(guess('mac-2'))).toBe('ok')
      })

      test('five wrong tries in parallel lock it, for change as well, until it is unlocked', async () => {
        await store.refreshKeys.set(key)
        const outcomes = await parallel(100, (handle) => handle.refreshKeys.verify(guess('wrong')))
        expect(count(outcomes, 'wrong')).toBe(5)
        expect(count(outcomes, 'locked')).toBe(95)
        expect(await store.refreshKeys.verify(guess('mac-1'))).toBe('locked')
        expect(await store.refreshKeys.set({ ...key, oldMac: 'mac-1' })).toBe('locked')
        await other.refreshKeys.unlock(accountId)
        expect(await store.refreshKeys.verify(guess('mac-1'))).toBe('ok')
      })

      test('a success clears the count; a new epoch makes the key absent', async () => {
        await store.refreshKeys.set(key)
        for (let i = 0; i < 4; i++) await store.refreshKeys.verify(guess('wrong'))
        expect(await store.refreshKeys.verify(guess('mac-1'))).toBe('ok')
        for (let i = 0; i < 4; i++) expect(await store.refreshKeys.verify(guess('wrong'))).toBe('wrong')
        expect(await store.refreshKeys.verify({ ...guess('mac-1'), epoch: 2 })).toBe('absent')
        expect(await store.refreshKeys.set({ ...key, epoch: 2, mac: 'mac-3' })).toBe('ok')
      })
    })

    describe('limits', () => {
      const limit = (key: string) => ({
        key,
        windows: [
          { limit: 5, windowMs: MINUTE },
          { limit: 8, windowMs: 10 * MINUTE },
        ],
      })

      test('F8: of 200 parallel events exactly the limit are allowed', async () => {
        const outcomes = await parallel(200, (handle) => handle.limits.take([limit('a')], T0))
        expect(outcomes.filter((outcome) => outcome.allowed)).toHaveLength(5)
        expect(outcomes.find((outcome) => !outcome.allowed)).toEqual({
          allowed: false,
          key: 'a',
          retryAfterMs: MINUTE,
        })
      })

      test('F9: waiting out the window works, and the longest window that is full is told', async () => {
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

      test('the first exhausted limit of several is named; forgetting gives it back', async () => {
        for (let i = 0; i < 5; i++) await store.limits.take([limit('b')], T0)
        expect(await other.limits.take([limit('a'), limit('b')], T0)).toMatchObject({
          allowed: false,
          key: 'b',
        })
        await store.limits.forget('b')
        expect(await other.limits.take([limit('a'), limit('b')], T0)).toEqual({ allowed: true })
      })
    })

    describe('idempotency', () => {
      const claim = { key: 'k', fingerprint: 'f', now: T0, leaseUntil: T0 + 1000, expiresAt: T0 + 5000 }

      test('one of many parallel claims starts; the reply is kept for the same fingerprint only', async () => {
        const kinds = (await parallel(50, (handle) => handle.idempotency.begin(claim))).map(
          (outcome) => outcome.kind,
        )
        expect(count(kinds, 'started')).toBe(1)
        expect(count(kinds, 'in-progress')).toBe(49)
        await store.idempotency.finish('k', 'f', 'sealed')
        expect(await other.idempotency.begin(claim)).toEqual({ kind: 'replay', sealedReply: 'sealed' })
        expect(await other.idempotency.begin({ ...claim, fingerprint: 'g' })).toEqual({ kind: 'mismatch' })
        expect(await other.idempotency.begin({ ...claim, now: T0 + 5000 })).toEqual({ kind: 'started' })
      })

      test('an abandoned or outlived claim can be started again', async () => {
        await store.idempotency.begin(claim)
        await store.idempotency.abandon('k', 'f')
        expect((await store.idempotency.begin(claim)).kind).toBe('started')
        expect(
          (await other.idempotency.begin({ ...claim, now: T0 + 1000, leaseUntil: T0 + 2000 })).kind,
        ).toBe('started')
      })
    })

    describe('leases', () => {
      const claim = { job: 'cleanup', slot: T0, now: T0, leaseMs: 1000 }

      test('K10: each slot is claimed by one of many, and never again', async () => {
        const won = new Map<number, number>()
        for (let slot = 0; slot < 50; slot++) {
          const at = T0 + slot * 2000
          const fences = await parallel(8, (handle) =>
            handle.leases.claimSlot({ ...claim, slot: at, now: at }),
          )
          won.set(slot, fences.filter((fence) => fence !== undefined).length)
        }
        expect([...won.values()].every((winners) => winners === 1)).toBe(true)
        expect(await store.leases.claimSlot({ ...claim, now: T0 + 1e6 })).toBeUndefined()
      })

      test('K10: a holder whose lease was taken over has no effect', async () => {
        const stopped = await store.leases.claimSlot(claim)
        expect(await other.leases.claimSlot({ ...claim, slot: T0 + 1, now: T0 + 999 })).toBeUndefined()
        const successor = await other.leases.claimSlot({ ...claim, slot: T0 + 1, now: T0 + 3000 })
        if (stopped === undefined || successor === undefined) throw new Error('both claims must succeed')
        expect(successor.token).toBeGreaterThan(stopped.token)
        await store.otps.save(anOtp())
        expect(await kindOf(store.leases.sweep('otps', stopped, T0 + 1e9, 10))).toBe('stale')
        await store.leases.release(stopped)
        expect(await store.leases.claimSlot({ ...claim, slot: T0 + 2, now: T0 + 3500 })).toBeUndefined()
        expect(await other.leases.sweep('otps', successor, T0 + 1e9, 10)).toBe(1)
      })

      test('a sweep deletes what has expired, and only that, in bounded steps', async () => {
        const session = aSession()
        await store.sessions.insert(session)
        await store.sessions.insert(aSession({ idleExpiresAt: T0 + 1e9, absoluteExpiresAt: T0 + 1e9 }))
        for (let i = 0; i < 25; i++)
          await store.limits.take([{ key: `k${i}`, windows: [{ limit: 1, windowMs: MINUTE }] }], T0)
        await store.idempotency.begin({
          key: 'k',
          fingerprint: 'f',
          now: T0,
          leaseUntil: T0,
          expiresAt: T0 + MINUTE,
        })
        const fence = await store.leases.claimSlot(claim)
        if (fence === undefined) throw new Error('the claim must succeed')
        expect(await store.leases.sweep('limits', fence, T0 + MINUTE - 1, 10)).toBe(0)
        expect(await store.leases.sweep('limits', fence, T0 + MINUTE, 10)).toBe(10)
        expect(await store.leases.sweep('limits', fence, T0 + MINUTE, 100)).toBe(15)
        expect(await store.leases.sweep('idempotency', fence, T0 + MINUTE, 100)).toBe(1)
        expect(await store.leases.sweep('sessions', fence, session.idleExpiresAt, 100)).toBe(1)
      })
    })

    describe('signing keys and places', () => {
      test('C12: of parallel additions under one number one is made, and every process sees it', async () => {
        expect(await store.signingKeys.list()).toEqual([])
        const added = await parallel(20, (handle, index) =>
          handle.signingKeys.add(aSigningKey({ kid: `kid-${index}` })),
        )
        expect(count(added, true)).toBe(1)
        const first = aSigningKey({ kid: `kid-${added.indexOf(true)}` })
        expect(await other.signingKeys.list()).toEqual([first])
        const second = aSigningKey({ kid: 'next', sequence: 2, activeFrom: T0 + MINUTE })
        expect(await other.signingKeys.add(second)).toBe(true)
        expect(await store.signingKeys.list()).toEqual([first, second])
      })

      test('C12: a key is revoked once', async () => {
        const key = aSigningKey()
        await store.signingKeys.add(key)
        const revoked = await parallel(20, (handle) => handle.signingKeys.revoke(key.kid, T0 + 1))
        expect(count(revoked, true)).toBe(1)
        expect(await other.signingKeys.list()).toEqual([{ ...key, revokedAt: T0 + 1 }])
        expect(await store.signingKeys.revoke('none', T0)).toBe(false)
      })

      const aPlace = (id: string, fields: Partial<Place> = {}): Place => ({
        id,
        type: 'ev-charger',
        name: id,
        longitude: 77.5,
        latitude: 12.9,
        address: null,
        operator: null,
        updatedAt: T0,
        ...fields,
      })

      test('places are created, replaced and left alone by id; only changes raise the revision', async () => {
        const revision = await store.places.revision()
        expect(await store.places.upsertMany([aPlace('a'), aPlace('b')])).toEqual({
          created: 2,
          updated: 0,
          unchanged: 0,
        })
        const changed = await other.places.revision()
        expect(changed).toBeGreaterThan(revision)
        const again = [
          aPlace('a', { updatedAt: T0 + 1 }),
          aPlace('b', { name: 'B', updatedAt: T0 + 1 }),
          aPlace('c'),
        ]
        expect(await store.places.upsertMany(again)).toEqual({ created: 1, updated: 1, unchanged: 1 })
        expect(await other.places.get('a')).toEqual(aPlace('a'))
        const final = await other.places.revision()
        expect(await store.places.upsertMany([aPlace('c')])).toEqual({ created: 0, updated: 0, unchanged: 1 })
        expect(await store.places.revision()).toBe(final)
      })

      test('places are listed by id, by type, in a box and over the antimeridian', async () => {
        await store.places.upsertMany([
          aPlace('fiji', { longitude: 179.9, latitude: -17 }),
          aPlace('samoa', { longitude: -171.8, latitude: -13.8, type: 'swap-station' }),
          aPlace('blr'),
        ])
        const ids = async (query: Omit<Parameters<Store['places']['list']>[0], 'limit'>) =>
          (await store.places.list({ ...query, limit: 10 })).map((place) => place.id)
        expect(await ids({})).toEqual(['blr', 'fiji', 'samoa'])
        expect(await ids({ after: 'blr' })).toEqual(['fiji', 'samoa'])
        expect(await ids({ type: 'swap-station' })).toEqual(['samoa'])
        expect(
          await ids({ box: { minLongitude: 77, maxLongitude: 78, minLatitude: 12, maxLatitude: 13 } }),
        ).toEqual(['blr'])
        const pacific = { minLongitude: 170, maxLongitude: -170, minLatitude: -20, maxLatitude: 0 }
        expect(await ids({ box: pacific })).toEqual(['fiji', 'samoa'])
      })
    })

    test('what was acknowledged is there after closing and opening again', async () => {
      const account = aNamedAccount('asha')
      await store.accounts.insert(account)
      await store.ping()
      await store.close()
      store = await under.open()
      expect(await store.accounts.get(account.id)).toEqual(account)
    })
  })
}
