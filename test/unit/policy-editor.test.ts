import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../daemon/config/load.ts'
import { openCore } from '../../daemon/core.ts'
import type { Principal } from '../../daemon/domain/session.ts'
import type { PolicyStore } from '../../daemon/ports/stores/index.ts'
import { insertFirstSuperAdmin } from '../../daemon/usecases/accounts/bootstrap.ts'
import { createAttachments } from '../../daemon/usecases/policies/attachments.ts'
import { createPolicies } from '../../daemon/usecases/policies/documents.ts'
import { createEditNamespace } from '../../daemon/usecases/policies/edit.ts'
import { followPolicies } from '../../daemon/usecases/policies/follow.ts'
import { createServices } from '../../daemon/usecases/policies/services.ts'
import type { PolicyDocument } from '../../policies/index.ts'
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
const store: PolicyStore = {
  ...core.store.policies,
  moveHead: async (move) => {
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
