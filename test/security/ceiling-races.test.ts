import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadConfig } from '../../daemon/config/load.ts'
import { openCore } from '../../daemon/core.ts'
import type { Application } from '../../daemon/domain/application.ts'
import { newAccount, type Account, type Role } from '../../daemon/domain/account.ts'
import type { Invariant } from '../../policies/index.ts'
import type { Principal } from '../../daemon/domain/session.ts'
import { createGrants } from '../../daemon/usecases/accounts/attach.ts'
import { createCreateAccount } from '../../daemon/usecases/accounts/create.ts'
import { createAccountUpdates } from '../../daemon/usecases/accounts/update.ts'
import { insertFirstSuperAdmin } from '../../daemon/usecases/accounts/bootstrap.ts'
import { createPolicies } from '../../daemon/usecases/policies/documents.ts'
import { createApplications } from '../../daemon/usecases/applications/applications.ts'
import { createEditNamespace } from '../../daemon/usecases/policies/edit.ts'
import { followPolicies } from '../../daemon/usecases/policies/follow.ts'
import { KeptLog } from '../support/in-process.ts'
import { allowing, policyOf } from '../support/policy-calls.ts'
import { dropTestStore, storeSettings } from '../support/test-store.ts'

/*
 * Two requests come from one who may not do everything: one attaches a policy and the other widens it. Each
 * is within the ceiling by what it sees; whichever comes first, nobody is raised in the end. So it is with
 * invariants, which bind those who may do everything too.
 */

const directory = mkdtempSync(join(tmpdir(), 'authctl-races-'))
const dataDir = join(directory, 'data')
const flags = { AUTHCTL_DATA_DIR: dataDir, NODE_ENV: 'test', ...storeSettings(dataDir) }
const { settings } = loadConfig({ flags, env: {}, cwd: directory, readFile: () => undefined })
const core = await openCore(settings, { log: new KeptLog() })
const root = await insertFirstSuperAdmin(core.deps, {
  name: 'Root',
  username: 'root',
  password: 'a long enough password',
})
const policies = await followPolicies({ store: core.store.policies, vault: core.deps.vault, log: core.log })
afterAll(async () => {
  await policies.stop()
  await core.store.close()
  await dropTestStore(dataDir)
  rmSync(directory, { recursive: true, force: true })
})

const origin = { ip: null, userAgent: null, requestId: 'r' }
const ANYTHING = { ifMatch: '*', ifNoneMatch: undefined } as const
const NOTHING = { ifMatch: undefined, ifNoneMatch: '*' } as const
const as = (account: Account): Principal =>
  ({ account, ancestors: [], session: { id: 'ses_x' }, application: null }) as unknown as Principal

const inserted = async (role: Role, rowKey: string, attached: readonly string[]): Promise<Account> => {
  const account = { ...newAccount({ role, rowKey, parent: null, now: Date.now() }, {}), policies: attached }
  await core.store.accounts.insert(account)
  return account
}

let meanwhile = async (): Promise<void> => undefined
/** Does something else once, when it is asked for. */
const interrupted = async (): Promise<void> => {
  const now = meanwhile
  meanwhile = async () => undefined
  await now()
}
const { accounts } = core.store
const watched: typeof accounts = Object.assign(Object.create(accounts) as typeof accounts, {
  list: async (query: Parameters<typeof accounts.list>[0]) => {
    const page = await accounts.list(query)
    await interrupted()
    return page
  },
  update: async (change: Parameters<typeof accounts.update>[0]) => {
    await interrupted()
    return accounts.update(change)
  },
  insert: async (account: Account) => {
    await interrupted()
    return accounts.insert(account)
  },
  delete: async (target: Parameters<typeof accounts.delete>[0]) => {
    await interrupted()
    return accounts.delete(target)
  },
})
const store = Object.assign(Object.create(core.store) as typeof core.store, { accounts: watched })
const { applications } = core.store
const parts = { ...core.deps, store: core.store.policies, applications, policies }
const documents = (list: Pick<typeof accounts, 'list' | 'get'>) =>
  createPolicies({ store: core.store, policies, edit: createEditNamespace({ ...parts, accounts: list }) })
const grants = (over: typeof core.store) => createGrants({ ...core.deps, store: over, policies })

const put = (
  who: Account,
  document: { Id: string },
  from = accounts as Pick<typeof accounts, 'list' | 'get'>,
) =>
  documents(from).put({
    principal: as(who),
    origin,
    name: document.Id,
    text: JSON.stringify(document),
    precondition: policies.current().find(`root/${document.Id}`) === undefined ? NOTHING : ANYTHING,
  })

const narrow = allowing('given', 'places:List', '*')
const wide = allowing('given', 'places:Write', '*')
await put(root, policyOf('no-writing', { Effect: 'Deny', Action: 'places:Write', Resource: '*' }))
const narrowed = await inserted('super-admin', '1', ['root/no-writing'])

test('a policy is widened, and somebody gets it while that is judged', async () => {
  await put(root, narrow)
  const target = await inserted('user', '2', [])
  meanwhile = async () => {
    await grants(core.store).attach({ principal: as(narrowed), target, origin, name: 'given' })
  }
  await expect(put(narrowed, wide, watched)).rejects.toMatchObject({ code: 'exceeds_ceiling' })
  expect(policies.current().namespaces.get('root')?.policies.get('given')?.document).toEqual(narrow)
  expect((await accounts.get(target.id))?.policies).toEqual(['root/given'])
  await grants(core.store).detach({
    principal: as(root),
    target: (await accounts.get(target.id)) ?? target,
    origin,
    name: 'given',
  })
})

test('somebody gets a policy, and it is widened while that is judged', async () => {
  await put(root, narrow)
  const target = await inserted('user', '3', [])
  meanwhile = async () => {
    await put(narrowed, wide)
  }
  const attaching = grants(store).attach({ principal: as(narrowed), target, origin, name: 'given' })
  await expect(attaching).rejects.toMatchObject({ code: 'exceeds_ceiling' })
  expect((await accounts.get(target.id))?.policies).toEqual([])
})

test('somebody gets a policy that is widened, and who changes what is attached before it is taken back is kept', async () => {
  await put(root, narrow)
  for (const name of ['one', 'other']) await put(root, allowing(name, 'places:List', '*'))
  const target = await inserted('user', '9', ['root/one', 'root/other'])
  const { id } = target
  const byRoot = { principal: as(root), origin }
  meanwhile = async () => {
    await put(narrowed, wide)
    meanwhile = async () => {
      const present = (await accounts.get(id)) ?? target
      const without = await grants(core.store).detach({ ...byRoot, target: present, name: 'other' })
      await grants(core.store).setBoundary({ ...byRoot, target: without, name: 'no-writing' })
    }
  }
  const attaching = grants(store).attach({ principal: as(narrowed), target, origin, name: 'given' })
  await expect(attaching).rejects.toMatchObject({ code: 'exceeds_ceiling' })
  const { policies: left, boundary } = (await accounts.get(id)) ?? target
  expect({ left, boundary }).toEqual({ left: ['root/one'], boundary: 'root/no-writing' })
  await accounts.delete({ id, now: 2 })
})

test.each(['attach', 'setBoundary'] as const)(
  'a policy is deleted while it is given: %s, and who changes what is attached before it is taken back is kept',
  async (how) => {
    await put(root, narrow)
    const target = await inserted('user', randomUUID().replaceAll('-', ''), [])
    const byRoot = { principal: as(root), origin }
    meanwhile = async () => {
      await documents(accounts).remove({ ...byRoot, name: 'given', precondition: ANYTHING })
      meanwhile = async () => {
        const present = (await accounts.get(target.id)) ?? target
        await grants(core.store).setBoundary({ ...byRoot, target: present, name: 'no-writing' })
      }
    }
    const giving = grants(store)[how]({ ...byRoot, target, name: 'given' })
    await expect(giving).rejects.toMatchObject({ code: 'not_found' })
    const { policies: left, boundary } = (await accounts.get(target.id)) ?? target
    expect({ left, boundary }).toEqual({ left: [], boundary: 'root/no-writing' })
    await accounts.delete({ id: target.id, now: 2 })
  },
)

/** Nobody asks for a token here. */
const unused = {
  issuer: '',
  audience: '',
  sign: () => '',
  verify: () => Promise.resolve(undefined),
  attest: () => null,
  jwks: () => ({ keys: [] }),
}
/** What may be called at all is not looked at here. */
const createAdmin = () =>
  createCreateAccount({ ...core.deps, signer: unused, store, policies, authorize: () => undefined })({
    principal: as(narrowed),
    input: { role: 'admin', name: 'New', policies: ['given'], attributes: { tier: 'gold' } },
    parent: { field: 'parent_id', id: undefined },
    issueToken: false,
    origin,
  })
const countAdmins = async (): Promise<number> =>
  (await accounts.list({ role: 'admin', below: null, includeUsers: false, limit: 9 })).length

test('an account is created with a policy, which is widened or deleted while that is judged', async () => {
  await leaveRightsTo('super-admin')
  await put(root, narrow)
  meanwhile = async () => {
    await put(narrowed, wide)
  }
  await expect(createAdmin()).rejects.toMatchObject({ code: 'exceeds_ceiling' })
  await put(root, narrow)
  meanwhile = () =>
    documents(accounts).remove({ principal: as(root), origin, name: 'given', precondition: ANYTHING })
  await expect(createAdmin()).rejects.toMatchObject({ code: 'not_found' })
  expect(await countAdmins()).toBe(0)
  await put(root, narrow)
  const { account } = await createAdmin()
  expect(account.policies).toEqual(['root/given'])
  await accounts.delete({ id: account.id, now: 2 })
})

test('an account that cannot be taken back, as others stand below it already, has nothing and is shut', async () => {
  await put(root, narrow)
  const admins = () => accounts.list({ role: 'admin', below: null, includeUsers: false, limit: 9 })
  let child: Account | undefined
  meanwhile = async () => {
    await put(narrowed, wide)
    meanwhile = async () => {
      const [parent = null] = await admins()
      child = newAccount({ role: 'client', rowKey: '10', parent, now: Date.now() }, {})
      await accounts.insert(child)
    }
  }
  await expect(createAdmin()).rejects.toMatchObject({ code: 'exceeds_ceiling' })
  const [left] = await admins()
  expect(left).toMatchObject({ status: 'disabled', policies: [], attributes: {}, id: child?.parentId })
  for (const each of [child, left]) if (each !== undefined) await accounts.delete({ id: each.id, now: 2 })
})

test('an account gets attributes, and a policy gives more by them while that is judged; who changes it meanwhile is kept', async () => {
  await put(root, narrow)
  const target = await inserted('user', '8', ['root/given'])
  const byLevel = policyOf('given', {
    Effect: 'Allow',
    Action: 'places:Write',
    Resource: '*',
    Condition: { StringEquals: { 'caller.attributes.level': 'high' } },
  })
  meanwhile = async () => {
    await put(root, byLevel)
    meanwhile = async () => {
      const { id, version, attributes } = (await accounts.get(target.id)) ?? target
      const fields = { name: 'Renamed', attributes: { ...attributes, region: 'south' } }
      await accounts.update({ id, version, fields, now: 2 })
    }
  }
  const updating = createAccountUpdates({ ...core.deps, store, policies }).update({
    principal: as(narrowed),
    target,
    fields: { attributes: { level: 'high' } },
    precondition: ANYTHING,
    origin,
  })
  await expect(updating).rejects.toMatchObject({ code: 'exceeds_ceiling' })
  const { name, attributes } = (await accounts.get(target.id)) ?? target
  expect({ name, attributes }).toEqual({ name: 'Renamed', attributes: { region: 'south' } })
  await accounts.delete({ id: target.id, now: 2 })
})

/** A caller that is narrowed, as applications are. */
const byApplication: Principal = { ...as(root), sessionPolicies: [['root/reader']] }
const watchedApplications: typeof applications = Object.assign(
  Object.create(applications) as typeof applications,
  {
    insert: async (...made: Parameters<typeof applications.insert>) => {
      await interrupted()
      return applications.insert(...made)
    },
    findNaming: async (full: string) => {
      const found = await applications.findNaming(full)
      await interrupted()
      return found
    },
  },
)
const naming = (owner: Account, over: typeof applications) => {
  const all = Object.assign(Object.create(core.store) as typeof core.store, { applications: over })
  // What may be called at all is not looked at here.
  const { create } = createApplications({ ...core.deps, store: all, policies }, () => undefined)
  const given = { name: 'x', policies: ['root/given'], keyExpiresIn: undefined, jwks: { keys: [] } }
  return create({ principal: byApplication, origin, ownerId: owner.id, ...given })
}
const widen = (over: typeof applications) =>
  createPolicies({
    store: core.store,
    policies,
    edit: createEditNamespace({ ...parts, accounts, applications: over }),
  }).put({
    principal: byApplication,
    origin,
    name: 'given',
    text: JSON.stringify(wide),
    precondition: ANYTHING,
  })
const namedBy = (owner: Account) =>
  applications.list({ scope: null, ownerId: owner.id, limit: 9 }).then((found) => found.map(({ id }) => id))

test('an application widens a policy, and another comes to name it while that is judged', async () => {
  await put(root, narrow)
  await put(root, allowing('reader', 'places:List', '*'))
  const owner = await inserted('admin', '6', [])
  meanwhile = async () => {
    await naming(owner, applications)
  }
  await expect(widen(watchedApplications)).rejects.toMatchObject({ code: 'exceeds_ceiling' })
  expect(policies.current().namespaces.get('root')?.policies.get('given')?.document).toEqual(narrow)
  const [id, ...others] = await namedBy(owner)
  expect(others).toEqual([])
  if (id !== undefined) await applications.delete(id)
})

test('an application makes another that names a policy, and it is widened while that is judged', async () => {
  await put(root, narrow)
  const owner = await inserted('admin', '7', [])
  meanwhile = async () => {
    await widen(applications)
  }
  await expect(naming(owner, watchedApplications)).rejects.toMatchObject({ code: 'exceeds_ceiling' })
  expect(await namedBy(owner)).toEqual([])
})

const rename = async ({ id }: Application): Promise<void> => {
  const { version = 0 } = (await applications.get(id)) ?? {}
  await applications.update({ id, version, fields: { name: 'Renamed' }, now: 2 })
}

test.each([
  ['rotate', 'nothing else', async () => undefined],
  ['update', 'nothing else', async () => undefined],
  ['rotate', 'it is renamed', rename],
  ['update', 'it is renamed', rename],
  ['rotate', 'it is deleted', ({ id }: Application) => applications.delete(id)],
  ['update', 'it is deleted', ({ id }: Application) => applications.delete(id)],
] as const)(
  'somebody gets a key of an application, and its policies are widened while that is judged: %s, and %s before it is taken back',
  async (how, what, also) => {
    await put(root, narrow)
    const owner = await inserted('admin', randomUUID().replaceAll('-', ''), [])
    const { application } = await naming(owner, applications)
    const meddled = Object.assign(Object.create(applications) as typeof applications, {
      update: async (...change: Parameters<typeof applications.update>) => {
        await interrupted()
        return applications.update(...change)
      },
    })
    const all = Object.assign(Object.create(core.store) as typeof core.store, { applications: meddled })
    const { rotate, update } = createApplications({ ...core.deps, store: all, policies }, () => undefined)
    // By one who may do everything, and so beyond what the application that asks may give.
    meanwhile = async () => {
      await put(root, wide)
      meanwhile = async () => void (await also(application))
    }
    const asking = { principal: byApplication, origin, target: application }
    const jwks = { keys: [generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })] }
    const given =
      how === 'rotate'
        ? rotate({ ...asking, overlapSeconds: 0, keyExpiresIn: undefined })
        : update({ ...asking, fields: { jwks }, precondition: ANYTHING })
    await expect(given).rejects.toMatchObject({ code: 'exceeds_ceiling' })
    const left = await applications.get(application.id)
    const { keys } = application
    const expected = what === 'it is deleted' ? undefined : { keys, publicKeys: [] }
    expect(left && { keys: left.keys, publicKeys: left.publicKeys }).toEqual(expected)
    await applications.delete(application.id)
  },
)

/** The key by which it asks comes to end after it was let in: at once, or in a minute. */
const HOUR = 3_600_000
const endKey = async ({ id }: Application, end: number): Promise<Application> => {
  const present = await applications.get(id)
  if (present === undefined) throw new Error('gone')
  const keys = present.keys.map((key) => ({ ...key, expiresAt: end }))
  return applications.update({ id, version: present.version, fields: { keys }, now: 2 })
}
const jwks = () => ({ keys: [generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })] })

test.each([
  ['itself another key', 'rotate', 'itself'],
  ['itself a public key', 'update', 'itself'],
  ['a key to another', 'rotate', 'another'],
  ['a public key to another', 'update', 'another'],
  ['a key to a new one', 'create', 'another'],
] as const)(
  'I10: an application gives %s, and meanwhile its own key comes to end',
  async (_what, how, whom) => {
    for (const left of [0, 60_000]) {
      const owner = await inserted('admin', randomUUID().replaceAll('-', ''), [])
      const made = { policies: null, keyExpiresIn: undefined, jwks: { keys: [] }, ownerId: owner.id }
      const plain = createApplications({ ...core.deps, store: core.store, policies }, () => undefined)
      const byOwner = { principal: as(owner), origin, ...made }
      const { application, keyId } = await plain.create({ ...byOwner, name: 'asks' })
      const other = whom === 'another' ? await plain.create({ ...byOwner, name: 'gets' }) : undefined
      const principal: Principal = {
        account: owner,
        ancestors: [],
        session: null,
        sessionPolicies: [],
        application,
        keyId,
      }
      const end = core.deps.clock.now() + left
      const during = async (): Promise<void> => void (await endKey(application, end))
      const meddled = Object.assign(Object.create(watchedApplications) as typeof applications, {
        update: async (...change: Parameters<typeof applications.update>) => {
          await interrupted()
          return applications.update(...change)
        },
      })
      const all = Object.assign(Object.create(core.store) as typeof core.store, { applications: meddled })
      const { create, rotate, update } = createApplications(
        { ...core.deps, store: all, policies },
        () => undefined,
      )
      // A change of itself is made under the condition of what was looked at after it was let in.
      if (whom === 'another') meanwhile = during
      const target = other?.application ?? (await endKey(application, end))
      const asking = { principal, origin, target }
      const before = await namedBy(owner)
      const giving = {
        rotate: () => rotate({ ...asking, overlapSeconds: 60, keyExpiresIn: HOUR }),
        update: () => update({ ...asking, fields: { jwks: jwks() }, precondition: ANYTHING }),
        create: () => create({ principal, origin, ...made, name: 'new' }),
      }
      await expect(giving[how]()).rejects.toMatchObject({ code: 'forbidden', reason: 'outlives_key' })
      expect(await namedBy(owner)).toEqual(before)
      const { keys, publicKeys } = (await applications.get(target.id)) ?? {}
      expect({ keys, publicKeys }).toEqual({ keys: target.keys, publicKeys: target.publicKeys })
    }
  },
)

/** Nobody but super-admins lists places; which the root itself is bound by, though it may do everything. */
const onlyRoot: Invariant = {
  invariant: 'only-root',
  onlyBy: { to: { role: 'super-admin' }, Action: 'places:List', Resource: '*' },
}
const editing = {
  principal: as(root),
  namespace: { name: 'root', above: [], ownerPath: '' },
  origin,
  event: 'policies-apply',
  about: 'only-root',
}
/** Takes from all other roles what they have from the beginning. */
const leaveRightsTo = (role: Role) =>
  createEditNamespace({ ...parts, accounts })(editing, () => ({
    attachments: [{ to: { role }, policies: ['authctl:SuperAdmin'] }],
    result: undefined,
  }))
const guard = (value: Invariant | null, from = accounts as Pick<typeof accounts, 'list' | 'get'>) =>
  createEditNamespace({ ...parts, accounts: from })(editing, () => ({
    invariants: { 'only-root': value && { value } },
    result: undefined,
  }))
const isGuarded = (): boolean => policies.current().namespaces.get('root')?.invariants.size === 1
const attachTo = (target: Account, over: typeof core.store) =>
  grants(over).attach({ principal: as(root), target, origin, name: 'listing' })

test('an invariant comes into force, and somebody gets what it forbids while that is judged', async () => {
  await put(root, allowing('listing', 'places:List', '*'))
  await leaveRightsTo('super-admin')
  const target = await inserted('user', '4', [])
  meanwhile = async () => {
    await attachTo(target, core.store)
  }
  await expect(guard(onlyRoot, watched)).rejects.toMatchObject({ code: 'invariant_broken' })
  expect(isGuarded()).toBe(false)
  expect((await accounts.get(target.id))?.policies).toEqual(['root/listing'])
  const present = (await accounts.get(target.id)) ?? target
  await grants(core.store).detach({ principal: as(root), target: present, origin, name: 'listing' })
})

test('somebody gets what an invariant forbids that comes into force while that is judged', async () => {
  const target = await inserted('user', '5', [])
  meanwhile = async () => {
    await guard(onlyRoot)
  }
  await expect(attachTo(target, store)).rejects.toMatchObject({ code: 'invariant_broken' })
  expect(isGuarded()).toBe(true)
  expect((await accounts.get(target.id))?.policies).toEqual([])
})
