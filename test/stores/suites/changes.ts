import { describe, expect } from 'vitest'
import { FOR_EVER, type Change, type Store } from '../../../daemon/ports/stores/index.ts'
import { newAccount } from '../../../daemon/domain/account.ts'
import {
  anAccount,
  anApplication,
  aNamedAccount,
  aPublicKey,
  aServiceKey,
  aSession,
  aUser,
  T0,
} from '../samples.ts'
import type { StoreTest } from '../store-test.ts'

const readAll = async (store: Store, after: string): Promise<readonly Change[] | undefined> => {
  await store.changes.settle()
  return (await store.changes.read(after))?.changes
}

const startOf = async (store: Store): Promise<string> => {
  const read = await store.changes.read(undefined)
  if (read === undefined) throw new Error('reading from now always begins somewhere')
  expect(read.changes).toEqual([])
  return read.position
}

/** What the store promises of the changes that it tells of. */
export const describeChanges = (test: StoreTest): void => {
  describe('changes', () => {
    test('what one process writes is told to every other, in order, and nothing else', async ({
      store,
      other,
    }) => {
      const admin = aNamedAccount('asha')
      await store.accounts.insert(admin)
      const client = newAccount({ role: 'client', rowKey: 'c1', parent: admin, now: T0 }, {})
      await store.accounts.insert(client)
      const session = aSession({ accountId: client.id })
      await store.sessions.insert(session, 10)
      const start = await startOf(other)
      const { id, path } = client

      await store.accounts.getOrInsertUser(aUser())
      await store.accounts.update({ id, version: 1, fields: { name: 'Asha' }, now: T0 + 1 })
      await store.accounts.update({ id, version: 2, fields: { attributes: { tier: 'gold' } }, now: T0 + 2 })
      await store.sessions.setEpoch(session.id, 1)
      await store.sessions.revoke({ id: session.id, accountId: id, now: T0 + 3 })
      await store.accounts.setStatus({ id, status: 'disabled', now: T0 + 4 })
      const texts = [{ hash: 'r1', content: '{}' }]
      const head = { namespace: 'root', revision: 'r1', number: 1 }
      await store.policies.moveHead({ head, from: null, texts, owner: null, now: T0 })
      await store.accounts.delete({ id, now: T0 + 5 })

      const changed = (endedAt: number | null): Change => ({ kind: 'account', id, path, endedAt })
      expect(await readAll(other, start)).toEqual([
        changed(null),
        { kind: 'session', id: session.id, path, endedAt: T0 + 3 },
        changed(T0 + 4),
        { kind: 'head', namespace: 'root' },
        changed(FOR_EVER),
      ])
    })

    test('what an application lives by is told, and what was revoked, with the path of the owner; a use, a name and policies are not', async ({
      store,
      other,
    }) => {
      const admin = anAccount()
      await store.accounts.insert(admin)
      const [first, second] = [aServiceKey(), aServiceKey()]
      const application = anApplication(admin, { keys: [first] })
      const { id } = application
      const start = await startOf(other)
      let version = 0
      const update = (fields: Parameters<Store['applications']['update']>[0]['fields']) =>
        store.applications.update({ id, version: ++version, fields, now: T0 + version })

      await store.applications.insert(application, 50)
      await store.applications.noteUse({ id, keyId: first.id, now: T0 + 9, before: T0 })
      await update({ name: 'other', policies: [] })
      await update({ keys: [second, { ...first, expiresAt: T0 + 60_000 }] })
      await update({ publicKeys: [aPublicKey('mine')] })
      await update({ status: 'disabled' })
      await store.spent.spend({ key: 'jti:1', expiresAt: T0 + 5, now: T0 })
      for (const _again of [1, 2])
        await store.spent.spend({ key: 'token:1', expiresAt: T0 + 5, now: T0, path: admin.path })
      await store.applications.delete(id)
      const gone = anApplication(admin)
      await store.applications.insert(gone, 50)
      await store.accounts.delete({ id: admin.id, now: T0 + 6 })

      const { path } = admin
      const changed: Change = { kind: 'application', id, path }
      const deleted: Change = { kind: 'account', id: admin.id, path, endedAt: FOR_EVER }
      const spent: Change = { kind: 'spent', key: 'token:1', path, expiresAt: T0 + 5 }
      const told = await readAll(other, start)
      // One that is gone by the time that it is read about is told as such, once.
      const isOfKeys = (change: Change) => change.kind === 'application'
      expect(told?.filter((change) => !isOfKeys(change))).toEqual([spent, deleted])
      expect(told?.filter(isOfKeys)).toContainEqual(changed)
      expect(new Set(told?.filter(isOfKeys).map((change) => JSON.stringify(change)))).toEqual(
        new Set([JSON.stringify(changed)]),
      )
    })

    test('each change of what an application lives by is told', async ({ store, other }) => {
      const admin = anAccount()
      await store.accounts.insert(admin)
      const application = anApplication(admin)
      const { id } = application
      await store.applications.insert(application, 50)
      const changed: Change = { kind: 'application', id, path: admin.path }
      const told = async (write: () => Promise<unknown>) => {
        const start = await startOf(other)
        await write()
        return readAll(other, start)
      }
      let version = 0
      const update = (fields: Parameters<Store['applications']['update']>[0]['fields']) => () =>
        store.applications.update({ id, version: ++version, fields, now: T0 })
      const [key] = application.keys
      if (key === undefined) throw new Error('a sample has a key')
      const use = { id, keyId: key.id, now: T0 + 90_000, before: T0 + 89_000 }
      expect(await told(() => store.applications.noteUse(use))).toEqual([])
      expect(await told(update({ name: 'other', policies: [] }))).toEqual([])
      expect(await told(update({ keys: [aServiceKey()] }))).toEqual([changed])
      expect(await told(update({ publicKeys: [aPublicKey('mine')] }))).toEqual([changed])
      expect(await told(update({ status: 'disabled' }))).toEqual([changed])
      expect(await told(() => store.applications.delete(id))).toEqual([changed])
    })

    test('reading goes on from a position that another process has told, and from none that is unknown', async ({
      store,
      other,
    }) => {
      const start = await startOf(store)
      const admin = anAccount()
      await store.accounts.insert(admin)
      await store.changes.settle()
      const read = await store.changes.read(start)
      expect(read?.changes).toEqual([{ kind: 'account', id: admin.id, path: admin.path, endedAt: null }])
      await other.accounts.setStatus({ id: admin.id, status: 'disabled', now: T0 })
      expect(await readAll(other, read?.position ?? '')).toHaveLength(1)
      expect(await readAll(other, start)).toHaveLength(2)
      for (const unknown of ['', 'x', '1-0000000000000000', '999999-0123456789abcdef', 'F'.repeat(64)])
        expect(await readAll(other, unknown)).toBe(undefined)
    })

    test('those who watch are called soon after a write of another process', async ({ store, other }) => {
      await startOf(other)
      let calls = 0
      const stop = other.changes.watch(() => (calls += 1))
      const before = calls
      await store.accounts.insert(anAccount())
      await expect.poll(() => calls).toBeGreaterThan(before)
      await stop()
    })
  })
}
