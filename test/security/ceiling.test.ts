import { beforeAll, describe, expect, test } from 'vitest'
import { openCore } from '../../daemon/core.ts'
import { recoverRoot } from '../../daemon/usecases/policies/recover-root.ts'
import { PASSWORD, signedIn, signInUser, type Family, type SignedIn } from '../support/accounts.ts'
import { refusal, type Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { allowing, check, ORDERS_SERVICE, policyOf, put } from '../support/policy-calls.ts'

/*
 * Nobody gives more than they have, also where no creator caps what is given at every request: end users,
 * whom admins manage, and what narrowed super-admins give to admins, to one another and to themselves.
 */

let daemon: TestDaemon
let api: Api
let family: Family
let user: SignedIn

const attach = (who: SignedIn, target: SignedIn, name: string) =>
  api.post(`/accounts/${target.id}/policies/${encodeURIComponent(name)}`, {}, who.access)
const detach = (who: SignedIn, target: SignedIn, name: string) =>
  api.del(`/accounts/${target.id}/policies/${encodeURIComponent(name)}`, who.access)
const bound = (who: SignedIn, target: SignedIn, policy: string | null) =>
  api.call('PUT', `/accounts/${target.id}/boundary`, { token: who.access, body: { policy } })
const describeUser = async (who: SignedIn, attributes: object) => {
  const { headers } = await api.get(`/accounts/${user.id}`, who.access)
  return api.call('PATCH', `/accounts/${user.id}`, {
    token: who.access,
    headers: { 'if-match': String(headers['etag']) },
    body: { attributes },
  })
}
const narrowing = policyOf('no-orders', { Effect: 'Deny', Action: 'orders:Write', Resource: '*' })
const onlyReading = policyOf('reading', {
  Effect: 'Allow',
  Action: ['places:List', 'orders:Read'],
  Resource: '*',
})

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, api, family } = home))
beforeAll(async () => {
  user = await signInUser(daemon, '+919876543210')
  const { access: token } = family.root
  const keys = Array.from({ length: 12 }, (_v, n) => `orders.k${n}`)
  const service = {
    ...ORDERS_SERVICE,
    actions: { ...ORDERS_SERVICE.actions, Write: { resources: ['order'], keys } },
    context_keys: {
      ...ORDERS_SERVICE.context_keys,
      ...Object.fromEntries(keys.map((key) => [key, { type: 'string', always: false }])),
    },
  }
  expect((await put(api, '/services/orders', { token, body: service })).status).toBe(201)
  const hidden = policyOf('hidden', {
    Effect: 'Allow',
    Action: 'orders:Write',
    Resource: 'order/*',
    Condition: { StringEquals: Object.fromEntries(keys.map((key) => [key, ['x', 'y', 'z']])) },
  })
  for (const body of [
    hidden,
    narrowing,
    onlyReading,
    allowing('read', 'orders:Read'),
    allowing('all', 'orders:*'),
  ])
    expect((await put(api, `/policies/${body.Id}`, { token, body })).status).toBe(201)
})

describe('an admin gives an end user nothing that it lacks', () => {
  test('not by inheriting: an end user has no creator whose layers would be the cap', async () => {
    expect(refusal(await attach(family.admin, user, 'authctl:InheritCreator'))).toBe('403 exceeds_ceiling')
    expect((await attach(family.admin, family.client, 'authctl:InheritCreator')).status).toBe(200)
  })

  test('not by a policy, however many conditions it hides behind', async () => {
    expect(refusal(await attach(family.admin, user, 'root/read'))).toBe('403 exceeds_ceiling')
    const hidden = await attach(family.admin, user, 'root/hidden')
    expect(refusal(hidden)).toBe('403 exceeds_ceiling')
    expect(hidden.body['detail']).toContain('root/hidden statement 0 gives orders:Write')
    expect((await attach(family.root, family.admin, 'read')).status).toBe(200)
    expect((await attach(family.admin, user, 'root/read')).status).toBe(200)
    expect(await check(api, user.access, 'orders:Read', 'order/1')).toBe('ALLOW')
    expect((await detach(family.admin, user, 'root/read')).status).toBe(200)
  })

  test('not by an attribute that selects a policy', async () => {
    const { access: token } = family.root
    const { body } = await api.get('/attachments', token)
    const initial = body['attachments'] as unknown as object[]
    const gold = { to: { role: 'user', attributes: { tier: 'gold' } }, policies: ['all'] }
    await put(api, '/attachments', { token, body: { attachments: [...initial, gold] } })
    expect(refusal(await describeUser(family.admin, { tier: 'gold' }))).toBe('403 exceeds_ceiling')
    expect((await describeUser(family.admin, { tier: 'silver' })).status).toBe(200)
    expect((await describeUser(family.root, { tier: 'gold' })).status).toBe(200)
    expect(await check(api, user.access, 'orders:Write', 'order/1')).toBe('ALLOW')
    expect((await describeUser(family.admin, {})).status).toBe(200)
    await put(api, '/attachments', { token, body: { attachments: initial } })
  })

  test('a boundary that it has set it can take away again', async () => {
    expect((await bound(family.admin, user, 'root/reading')).status).toBe(200)
    expect((await api.get('/auth/me', user.access)).status).toBe(403)
    expect((await bound(family.admin, user, null)).status).toBe(200)
    expect((await api.get('/auth/me', user.access)).status).toBe(200)
  })
})

test('rule 1: at the top of the tree only super-admins create, whatever policies allow', async () => {
  const { root, admin } = family
  const creators = allowing('creators', ['authctl:CreateSuperAdmin', 'authctl:CreateAdmin'], 'account/*')
  expect((await put(api, '/policies/creators', { token: root.access, body: creators })).status).toBe(201)
  for (const who of [admin, user]) {
    expect((await attach(root, who, 'creators')).status).toBe(200)
    for (const noun of ['superadmin', 'admin']) {
      const person = { name: 'x', username: `made.by.${noun}`, password: PASSWORD }
      expect(refusal(await api.post(`/auth/${noun}/create`, person, who.access))).toBe('403 forbidden')
    }
    expect((await detach(root, who, 'creators')).status).toBe(200)
  }
})

describe('a super-admin that was narrowed', () => {
  let narrowed: SignedIn

  beforeAll(async () => {
    const person = { name: 'n', username: 'narrowed', password: PASSWORD }
    narrowed = signedIn(await api.post('/auth/superadmin/create', person, family.root.access))
    expect((await attach(family.root, narrowed, 'no-orders')).status).toBe(200)
  })

  test('does not take the Deny out of the policy that narrows it, nor select itself for more', async () => {
    const harmless = policyOf('no-orders', { Effect: 'Deny', Action: 'orders:Read', Resource: 'order/none' })
    const rewritten = await put(api, '/policies/no-orders', { token: narrowed.access, body: harmless })
    expect(refusal(rewritten)).toBe('403 exceeds_ceiling')
    expect(await check(api, narrowed.access, 'orders:Write', 'order/1')).toBe('DENY_EXPLICIT')
    expect(refusal(await detach(narrowed, narrowed, 'no-orders'))).toBe('403 forbidden')
    const ordinary = await put(api, '/policies/other', {
      token: narrowed.access,
      body: allowing('other', 'orders:Read'),
    })
    expect(ordinary.status).toBe(201)
  })

  test('puts a list of attachments as it stands, which gives nobody anything', async () => {
    const { body } = await api.get('/attachments', narrowed.access)
    const attachments = body['attachments']
    expect((await put(api, '/attachments', { token: narrowed.access, body: { attachments } })).status).toBe(
      200,
    )
  })

  test('creates nobody with more than it has, and gives nobody more', async () => {
    const person = (name: string) => ({ name, username: name, password: PASSWORD })
    expect(refusal(await api.post('/auth/superadmin/create', person('more'), narrowed.access))).toBe(
      '403 exceeds_ceiling',
    )
    expect((await api.post('/auth/admin/create', person('less'), narrowed.access)).status).toBe(201)
    expect(refusal(await attach(narrowed, family.admin, 'all'))).toBe('403 exceeds_ceiling')
    expect((await attach(narrowed, family.admin, 'other')).status).toBe(200)
  })
})

describe('super-admins cannot lock themselves out', () => {
  const attachmentsOf = async () =>
    (await api.get('/attachments', family.root.access)).body['attachments'] as unknown as object[]
  const restrict = async (id: string, more: object) => {
    const { access: token } = family.root
    const document = policyOf(id, { Effect: 'Deny', Action: 'authctl:*', Resource: '*', ...more })
    expect((await put(api, `/policies/${id}`, { token, body: document })).status).toBe(201)
    const before = await attachmentsOf()
    const attachments = [...before, { to: { role: 'super-admin' }, policies: [id] }]
    const answer = await put(api, '/attachments', { token, body: { attachments } })
    if (answer.status === 200) await put(api, '/attachments', { token, body: { attachments: before } })
    return refusal(answer)
  }

  test('not by a right that they need, now, later or from elsewhere', async () => {
    expect(await restrict('never', {})).toBe('409 would_lock_out')
    expect(await restrict('no-puts', { Action: 'authctl:PutPolicy' })).toBe('409 would_lock_out')
    const later = { DateGreaterThan: { 'request.time': '2199-01-01T00:00:00Z' } }
    expect(await restrict('not-then', { Condition: later })).toBe('409 would_lock_out')
    const there = { IpAddress: { 'request.ip': '192.0.2.0/24' } }
    expect(await restrict('not-there', { Condition: there })).toBe('409 would_lock_out')
  })

  test('what applications decide may be taken from all of them', async () => {
    expect(await restrict('no-business', { Action: 'orders:*' })).toBe('200 undefined')
  })

  test('and if they are, in spite of that, the one who has the host gives their rights back', async () => {
    const { root } = family
    const people = await Promise.all(
      ['one', 'two'].map(async (name) =>
        signedIn(
          await api.post(
            '/auth/superadmin/create',
            { name, username: `locked.${name}`, password: PASSWORD },
            root.access,
          ),
        ),
      ),
    )
    const [one, two] = people as [SignedIn, SignedIn]
    await bound(one, root, 'reading')
    await bound(two, one, 'reading')
    expect((await bound(one, two, 'reading')).status).toBe(403)
    await attach(two, root, 'no-orders')
    expect((await api.get('/policies', root.access)).status).toBe(403)
    const core = await openCore(daemon.settings, { log: daemon.log })
    try {
      const { freed } = await recoverRoot(core.deps)
      expect(freed).toEqual(expect.arrayContaining([root.id, one.id]))
      expect(await recoverRoot(core.deps)).toEqual({ attachments: 0, freed: [] })
    } finally {
      await core.store.close()
    }
    for (const { access } of [root, one, two]) expect((await api.get('/policies', access)).status).toBe(200)
  })
})
