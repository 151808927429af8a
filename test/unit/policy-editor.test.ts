import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../daemon/config/load.ts'
import { openCore } from '../../daemon/core.ts'
import { Failure } from '../../daemon/domain/failure.ts'
import type { PolicySnapshot } from '../../daemon/domain/policy-snapshot.ts'
import type { Principal } from '../../daemon/domain/session.ts'
import type { PolicyStore } from '../../daemon/ports/stores/index.ts'
import { insertFirstSuperAdmin } from '../../daemon/usecases/accounts/bootstrap.ts'
import { createAttachments } from '../../daemon/usecases/policies/attachments.ts'
import { createPolicies } from '../../daemon/usecases/policies/documents.ts'
import type { NamespaceChange } from '../../daemon/usecases/policies/change.ts'
import { createEditNamespace } from '../../daemon/usecases/policies/edit.ts'
import { followPolicies } from '../../daemon/usecases/policies/follow.ts'
import { createServices } from '../../daemon/usecases/policies/services.ts'
import type { PolicyDocument, Service } from '../../policies/index.ts'
import { validateDocument } from '../../policies/validate/index.ts'
import { KeptLog } from '../support/in-process.ts'
import { allowing, ORDERS_SERVICE } from '../support/policy-calls.ts'

const directory = mkdtempSync(join(tmpdir(), 'authctl-editor-'))
const flags = { AUTHCTL_DATA_DIR: join(directory, 'data'), NODE_ENV: 'test' }
const { settings } = loadConfig({ flags, env: {}, cwd: directory, readFile: () => undefined })
const core = await openCore(settings, { log: new KeptLog() })
const account = await insertFirstSuperAdmin(core.deps, {
  name: 'Root',
  username: 'root',
  password: 'a long enough password',
})
const principal = { account, ancestors: [], session: { id: 'ses_x' } } as unknown as Principal
const origin = { ip: null, userAgent: null, requestId: 'r' }
const ANYTHING = { ifMatch: '*', ifNoneMatch: undefined } as const
const NOTHING = { ifMatch: undefined, ifNoneMatch: '*' } as const

/** Moves of a head that found it elsewhere. */
let lost = 0
/** What happens between the judgement of the next change and its move. */
let meanwhile: (() => Promise<unknown>) | undefined
const store: PolicyStore = {
  ...core.store.policies,
  moveHead: async (move) => {
    const first = meanwhile
    meanwhile = undefined
    await first?.()
    const isMoved = await core.store.policies.moveHead(move)
    if (!isMoved) lost++
    return isMoved
  },
}
const policies = await followPolicies({ store, vault: core.deps.vault, log: core.log })

/** What a daemon changes policies by. */
const daemonPart = () => {
  const edit = createEditNamespace({ ...core.deps, ...core.deps.store, store, policies })
  const deps = { store: core.store, policies, edit }
  return {
    policies: createPolicies(deps),
    services: createServices(deps),
    attachments: createAttachments(deps),
  }
}
const one = daemonPart()

const asked = { principal, origin }
const putPolicy = (daemon: typeof one, name: string, action = 'places:List') =>
  daemon.policies.put({
    ...asked,
    name,
    text: JSON.stringify(allowing(name, action, '*')),
    precondition: NOTHING,
  })
const putService = (daemon: typeof one, service: string) =>
  daemon.services.put({
    ...asked,
    name: service,
    namespace: undefined,
    text: JSON.stringify({
      service,
      actions: { Read: { resources: ['thing'] } },
      resource_types: { thing: {} },
    }),
    precondition: NOTHING,
  })

beforeEach(() => {
  lost = 0
})

afterAll(async () => {
  await policies.stop()
  await core.store.close()
  rmSync(directory, { recursive: true, force: true })
})

test('a policy of a name that is reserved by now is listed, read and deleted as any other', async () => {
  const edit = createEditNamespace({ ...core.deps, ...core.deps.store, store, policies })
  const document = allowing('plan', 'places:List', '*') as PolicyDocument
  const editing = {
    principal,
    namespace: { name: 'root', above: [], ownerPath: '' },
    origin,
    event: 'put',
    about: 'plan',
  }
  await edit(editing, () => ({ policies: { plan: { value: document } }, result: undefined }))
  expect(await one.policies.get(principal, 'plan')).toMatchObject({ id: 'plan', document: { Id: 'plan' } })
  const { items } = await one.policies.list({ principal, namespace: 'root', after: undefined, limit: 9 })
  expect(items.map(({ id }) => id)).toContain('plan')
  await expect(putPolicy(one, 'plan')).rejects.toMatchObject({ code: 'invalid_request' })
  await one.policies.remove({ ...asked, name: 'plan', precondition: ANYTHING })
  await expect(one.policies.get(principal, 'plan')).rejects.toMatchObject({ code: 'not_found' })
})

describe('changes of one namespace', () => {
  test('of one daemon wait for one another, whatever they are of', async () => {
    const { attachments } = await one.attachments.get(principal, undefined)
    const [first, ...rest] = attachments
    const more = [{ ...first, policies: [...(first?.policies ?? []), 'p0'] }, ...rest]
    const again = JSON.stringify({ attachments: more })
    await putPolicy(one, 'p0')
    await Promise.all([
      ...['p1', 'p2', 'p3'].map((name) => putPolicy(one, name)),
      ...['s1', 's2', 's3'].map((name) => putService(one, name)),
      one.attachments.put({ ...asked, namespace: undefined, text: again, precondition: ANYTHING }),
    ])
    expect(lost).toBe(0)
    expect(policies.current().namespaces.get('root')?.revision).toMatchObject({
      number: 10,
      policies: { p1: {}, p2: {}, p3: {} },
      services: { s1: {}, s2: {}, s3: {} },
    })
  })

  test('of two daemons compete, and none is lost', async () => {
    const two = daemonPart()
    const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']
    await Promise.all(names.map((name, n) => putPolicy(n % 2 === 0 ? one : two, name)))
    expect(lost).toBeGreaterThan(0)
    expect([...(policies.current().namespaces.get('root')?.policies.keys() ?? [])]).toEqual(
      expect.arrayContaining(names),
    )
  })

  test('a policy is valid by what is declared when its turn comes', async () => {
    await one.services.put({
      ...asked,
      name: 'orders',
      namespace: undefined,
      text: JSON.stringify(ORDERS_SERVICE),
      precondition: NOTHING,
    })
    const removing = one.services.remove({
      ...asked,
      name: 'orders',
      namespace: undefined,
      precondition: ANYTHING,
    })
    await expect(putPolicy(one, 'late', 'orders:Read')).rejects.toMatchObject({ code: 'policy_invalid' })
    await removing
    expect(policies.current().find('root/late')).toBeUndefined()
  })
})

describe('a change beside another in a namespace above or below', () => {
  const edit = createEditNamespace({ ...core.deps, ...core.deps.store, store, policies })
  const below = { name: account.id, above: ['root'], ownerPath: account.path }
  const root = { name: 'root', above: [], ownerPath: '' }
  const change = (namespace: typeof below | typeof root, wanted: NamespaceChange) =>
    edit({ principal, namespace, origin, event: 'put', about: 'it' }, () => ({
      ...wanted,
      result: undefined,
    }))
  const catalogueBelow = (snapshot: PolicySnapshot) => snapshot.catalogueFor(['root', account.id])
  const document = (action: string) => allowing('clerk', action, '*') as PolicyDocument
  const SHOP: Service = {
    service: 'shop',
    actions: { Read: { resources: ['cart'] }, Buy: { resources: ['cart'] } },
    resource_types: { cart: {} },
  }
  const { Read } = SHOP.actions
  const SMALLER: Service = { ...SHOP, actions: { Read: Read as Service['actions'][string] } }
  const putShop = (value: Service) => change(root, { services: { shop: { value } } })
  /** As a request puts it: what it names must be declared at its turn. */
  const putClerk = () =>
    edit({ principal, namespace: below, origin, event: 'put', about: 'clerk' }, (_base, snapshot) => {
      const value = document('shop:Buy')
      const { diagnostics } = validateDocument(JSON.stringify(value), {
        file: 'clerk.json',
        catalogue: catalogueBelow(snapshot),
      })
      if (diagnostics.length > 0) throw new Failure('policy_invalid', {})
      return { policies: { clerk: { value } }, result: undefined }
    })
  const clerk = () => policies.current().find(`${account.id}/clerk`)
  const buys = () => catalogueBelow(policies.current()).actions.has('shop:Buy')

  beforeEach(async () => {
    meanwhile = undefined
    await change(below, { policies: { clerk: null } })
    await putShop(SHOP)
  })

  test('a document whose action goes before it is written is taken back', async () => {
    meanwhile = () => putShop(SMALLER)
    await expect(putClerk()).rejects.toMatchObject({ code: 'policy_invalid' })
    expect([clerk(), buys()]).toEqual([undefined, false])
  })

  test('a service that loses an action which a document below names meanwhile is taken back', async () => {
    meanwhile = putClerk
    await expect(putShop(SMALLER)).rejects.toMatchObject({ code: 'policy_in_use' })
    expect([clerk(), buys()]).toEqual([expect.anything(), true])
  })

  test('what concerns the other not at all stays', async () => {
    meanwhile = () =>
      change(root, {
        policies: { other: { value: allowing('other', 'places:List', '*') as PolicyDocument } },
      })
    await putClerk()
    expect([clerk(), policies.current().find('root/other')]).toEqual([expect.anything(), expect.anything()])
  })

  test('a policy that goes while attachments below name it: one of both is taken back', async () => {
    await change(root, {
      policies: { gone: { value: allowing('gone', 'places:List', '*') as PolicyDocument } },
    })
    meanwhile = () => change(below, { attachments: [{ to: { role: 'client' }, policies: ['root/gone'] }] })
    await expect(change(root, { policies: { gone: null } })).rejects.toMatchObject({ code: 'policy_in_use' })
    expect(policies.current().find('root/gone')).toBeDefined()
  })
})
