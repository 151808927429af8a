import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { refusal, type Answer, type Api } from '../support/api.ts'
import { PASSWORD, signedIn, type Family, type SignedIn } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { allowing, check, ORDERS_SERVICE, policyOf, put } from '../support/policy-calls.ts'

let daemon: TestDaemon
let api: Api
let family: Family
let stranger: SignedIn

const make = async (noun: string, creator: SignedIn, name: string): Promise<SignedIn> =>
  signedIn(
    await api.post(`/auth/${noun}/create`, { name, username: name, password: PASSWORD }, creator.access),
  )

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, api, family } = home))
beforeAll(async () => {
  stranger = await make('admin', family.root, 'stranger')
  const declared = await put(api, '/services/orders', { token: family.root.access, body: ORDERS_SERVICE })
  expect(declared.status).toBe(201)
})

describe('policies', () => {
  test('are put, read, listed, replaced under If-Match, and deleted', async () => {
    const { access: token } = family.admin
    const created = await api.call('PUT', '/policies/readers', {
      token,
      body: allowing('readers', 'orders:Read'),
    })
    expect(created.status).toBe(201)
    expect(created.body['policy']).toMatchObject({
      name: `${family.admin.id}/readers`,
      namespace: family.admin.id,
      id: 'readers',
      document: allowing('readers', 'orders:Read'),
    })
    const read = await api.get('/policies/readers', token)
    expect(read.headers['etag']).toBe(created.headers['etag'])
    const blind = await api.call('PUT', '/policies/readers', { token, body: allowing('readers', 'orders:*') })
    expect(refusal(blind)).toBe('428 precondition_required')
    const headers = { 'if-match': String(read.headers['etag']) }
    const replaced = await api.call('PUT', '/policies/readers', {
      token,
      headers,
      body: allowing('readers', 'orders:*'),
    })
    expect(replaced.status).toBe(200)
    const late = await api.call('PUT', '/policies/readers', {
      token,
      headers,
      body: allowing('readers', 'orders:Write'),
    })
    expect(refusal(late)).toBe('412 precondition_failed')
    expect(refusal(await api.call('DELETE', '/policies/readers', { token, headers }))).toBe(
      '412 precondition_failed',
    )
    const listed = await api.get('/policies?limit=200', token)
    const names = (listed.body['items'] as unknown as { name: string }[]).map(({ name }) => name)
    expect(names).toEqual([...names].sort())
    expect(names).toEqual(expect.arrayContaining(['authctl:Admin', `${family.admin.id}/readers`]))
    expect((await api.del('/policies/readers', token)).status).toBe(200)
    expect(refusal(await api.get('/policies/readers', token))).toBe('404 not_found')
  })

  test('are listed page by page', async () => {
    const { access: token } = family.root
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: Answer = await api.get(
        `/policies?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
        token,
      )
      seen.push(...(page.body['items'] as unknown as { name: string }[]).map(({ name }) => name))
      cursor = page.body['next_cursor'] as unknown as string | null
    }
    expect(seen).toEqual([...new Set(seen)].sort())
    expect(seen.length).toBeGreaterThan(4)
  })

  test('one that is not valid is refused with every place and code, and nothing is stored', async () => {
    const raw = `{"Version": "authctl/1", "Id": "bad", "Statement": [
  {"Effect": "Allow", "Action": "orders:Raed", "Resource": "order/*", "Efect": "Deny"},
  {"Effect": "Allow", "Action": "orders:Read", "Resource": "order/*", "Effect": "Deny"}]}`
    const answer = await api.call('PUT', '/policies/bad', { token: family.admin.access, raw })
    expect(refusal(answer)).toBe('422 policy_invalid')
    const errors = answer.body['errors'] as unknown as { pointer: string; code: string; detail: string }[]
    expect(errors.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      'bad.json:2:33 E_ACTION_UNKNOWN',
      'bad.json:2:71 E_UNKNOWN_KEY',
      'bad.json:3:71 E_DUP_KEY',
    ])
    expect(errors[0]?.detail).toContain('Did you mean orders:Read?')
    expect(refusal(await api.get('/policies/bad', family.admin.access))).toBe('404 not_found')
  })

  test('a name that is a path of its own, or another than the Id, is refused', async () => {
    const { access: token } = family.admin
    for (const name of ['plan', 'apply', 'revisions', 'rollback', 'status', 'replay', 'promote', 'shadow']) {
      for (const path of [name, `${family.admin.id}%2F${name}`]) {
        const body = allowing(name, 'orders:Read')
        const taken = await api.call('PUT', `/policies/${path}`, { token, body })
        expect(refusal(taken), path).toBe('400 invalid_request')
        const [error] = taken.body['errors'] as unknown as { pointer: string; detail: string }[]
        expect(error).toMatchObject({ pointer: '/path/name', detail: expect.stringContaining('reserved') })
      }
      // One that an earlier version has stored is read and deleted as any other, by its full name.
      const full = `/policies/${family.admin.id}%2F${name}`
      expect(refusal(await api.get(full, token))).toBe('404 not_found')
      expect(refusal(await api.del(full, token))).toBe('404 not_found')
    }
    const other = await api.call('PUT', '/policies/a', { token, body: allowing('b', 'orders:Read') })
    expect(refusal(other)).toBe('422 policy_invalid')
  })

  test('managed ones can be read and neither changed nor deleted', async () => {
    const { access: token } = family.root
    const read = await api.get('/policies/authctl:Client', token)
    expect(read.body).toMatchObject({ name: 'authctl:Client', namespace: null })
    const body = allowing('Client', '*', '*')
    expect(refusal(await api.call('PUT', '/policies/authctl:Client', { token, body }))).toBe('403 forbidden')
    expect(refusal(await api.del('/policies/authctl:Client', token))).toBe('403 forbidden')
  })

  test('namespaces: an admin’s is seen below it, changed by it and those above, and absent elsewhere', async () => {
    const name = `/policies/${family.admin.id}%2Fshared`
    const body = allowing('shared', 'orders:Read')
    expect((await api.call('PUT', '/policies/shared', { token: family.admin.access, body })).status).toBe(201)
    for (const { access } of [family.root, family.admin, family.client])
      expect((await api.get(name, access)).body).toMatchObject({ id: 'shared' })
    expect(refusal(await api.get(name, stranger.access))).toBe('404 not_found')
    expect(refusal(await api.call('PUT', name, { token: stranger.access, body }))).toBe('404 not_found')
    expect(refusal(await api.call('PUT', name, { token: family.client.access, body }))).toBe('403 forbidden')
    expect(refusal(await api.get(`/policies?namespace=${family.admin.id}`, stranger.access))).toBe(
      '404 not_found',
    )
    const byRoot = await put(api, name, { token: family.root.access, body: allowing('shared', 'orders:*') })
    expect(byRoot.status).toBe(200)
    // The same name in another namespace is another policy.
    const own = await api.call('PUT', '/policies/shared', { token: family.client.access, body })
    expect(own.body['policy']).toMatchObject({ name: `${family.client.id}/shared` })
  })

  test('services: what is declared above can be named below; one that is named cannot be taken back', async () => {
    const shop = { service: 'shop', actions: { Buy: { resources: ['ware'] } }, resource_types: { ware: {} } }
    const body = allowing('buyers', 'shop:Buy', 'ware/*')
    const early = await api.call('PUT', '/policies/buyers', { token: family.client.access, body })
    expect(refusal(early)).toBe('422 policy_invalid')
    expect((await put(api, '/services/shop', { token: family.client.access, body: shop })).status).toBe(201)
    expect((await api.call('PUT', '/policies/buyers', { token: family.client.access, body })).status).toBe(
      201,
    )
    expect(refusal(await api.del('/services/shop', family.client.access))).toBe('409 policy_in_use')
    // Nobody above, and nobody beside, hears of it.
    const elsewhere = await api.call('PUT', '/policies/buyers', { token: family.admin.access, body })
    expect(refusal(elsewhere)).toBe('422 policy_invalid')
    expect((await api.get('/services', stranger.access)).text).not.toContain('shop')
    expect((await api.del('/policies/buyers', family.client.access)).status).toBe(200)
    expect((await api.del('/services/shop', family.client.access)).status).toBe(200)
  })

  test('services: what is declared above cannot be declared anew below, nor changed under the policies there', async () => {
    const { root, client } = family
    const declare = async (body: object) => {
      const items = (await api.get('/services', root.access)).body['items'] as unknown as {
        service: { service: string }
        hash: string
      }[]
      const present = items.find(({ service }) => service.service === 'orders')
      return api.call('PUT', '/services/orders', {
        token: root.access,
        body,
        headers: { 'if-match': `"${present?.hash ?? ''}"` },
      })
    }
    const again = await put(api, '/services/orders', { token: client.access, body: ORDERS_SERVICE })
    expect(refusal(again)).toBe('422 policy_invalid')
    expect(again.body['detail']).toBeDefined()
    expect(again.text).toContain('root declares a service orders')
    const own = await put(api, '/services/policies', {
      token: root.access,
      body: { service: 'policies', actions: {}, resource_types: {} },
    })
    expect(refusal(own)).toBe('422 policy_invalid')
    const body = allowing('writers-below', 'orders:Write')
    expect((await put(api, '/policies/writers-below', { token: client.access, body })).status).toBe(201)
    const { Read } = ORDERS_SERVICE.actions
    const fewer = { ...ORDERS_SERVICE, actions: { Read } }
    const refused = await declare(fewer)
    expect(refusal(refused)).toBe('409 policy_in_use')
    expect(refused.text).toContain(`${client.id}/writers-below`)
    expect(refusal(await api.del('/services/orders', root.access))).toBe('409 policy_in_use')
    const more = {
      ...ORDERS_SERVICE,
      actions: { ...ORDERS_SERVICE.actions, Refund: { resources: ['order'] } },
    }
    expect((await declare(more)).status).toBe(200)
    // Nor is one taken over that is declared below, where policies name what the other does not have.
    const till = (actions: object) => ({ service: 'till', actions, resource_types: { bill: {}, note: {} } })
    const tillBelow = till({ Pay: { resources: ['bill'] } })
    expect((await put(api, '/services/till', { token: client.access, body: tillBelow })).status).toBe(201)
    const payers = allowing('payers', 'till:Pay', 'bill/*')
    expect((await put(api, '/policies/payers', { token: client.access, body: payers })).status).toBe(201)
    const tillAbove = till({ Pay: { resources: ['note'] } })
    const taken = await put(api, '/services/till', { token: root.access, body: tillAbove })
    expect(refusal(taken)).toBe('409 policy_in_use')
    for (const path of ['/policies/payers', '/services/till'])
      expect((await api.del(path, client.access)).status).toBe(200)
    expect((await api.del('/policies/writers-below', client.access)).status).toBe(200)
    expect((await declare(ORDERS_SERVICE)).status).toBe(200)
  })

  test('what is put as it is already makes no revision', async () => {
    const { access: token } = family.admin
    const body = allowing('steady', 'orders:Read')
    const first = await put(api, '/policies/steady', { token, body })
    const before = (await api.get('/attachments', token)).headers['etag']
    const again = await put(api, '/policies/steady', { token, body })
    expect([again.status, again.body['policy']]).toEqual([200, first.body['policy']])
    expect((await api.get('/attachments', token)).headers['etag']).toBe(before)
    expect((await api.del('/policies/steady', token)).status).toBe(200)
  })
})

describe('attaching', () => {
  const attach = (who: SignedIn, target: SignedIn, name: string) =>
    api.post(`/accounts/${target.id}/policies/${encodeURIComponent(name)}`, {}, who.access)
  const detach = (who: SignedIn, target: SignedIn, name: string) =>
    api.del(`/accounts/${target.id}/policies/${encodeURIComponent(name)}`, who.access)
  const bound = (who: SignedIn, target: SignedIn, policy: string | null) =>
    api.call('PUT', `/accounts/${target.id}/boundary`, { token: who.access, body: { policy } })

  beforeAll(async () => {
    const bodies = [
      allowing('orders-all', 'orders:*'),
      allowing('orders-read', 'orders:Read'),
      policyOf('no-writes', { Effect: 'Deny', Action: 'orders:Write', Resource: '*' }),
      policyOf(
        'all-but-writes',
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: 'orders:Write', Resource: '*' },
      ),
    ]
    for (const body of bodies)
      expect((await put(api, `/policies/${body.Id}`, { token: family.root.access, body })).status).toBe(201)
  })

  test('rights run down the tree: nobody has what somebody above lacks', async () => {
    const { root, admin, client, subClient } = family
    expect((await attach(root, subClient, 'orders-all')).status).toBe(200)
    expect(await check(api, subClient.access, 'orders:Write', 'order/1')).toBe('DENY_IMPLICIT')
    expect((await attach(root, client, 'orders-all')).status).toBe(200)
    expect(await check(api, subClient.access, 'orders:Write', 'order/1')).toBe('DENY_IMPLICIT')
    const last = await attach(root, admin, 'orders-all')
    expect(last.body['account']).toMatchObject({ policies: ['root/orders-all'] })
    expect(await check(api, subClient.access, 'orders:Write', 'order/1')).toBe('ALLOW')
    // Attached already: nothing changes.
    expect((await attach(root, admin, 'root/orders-all')).headers['etag']).toBe(last.headers['etag'])
  })

  test('a boundary caps an account and everything below it, at the next request', async () => {
    const { root, admin, client, subClient } = family
    expect((await bound(root, admin, 'all-but-writes')).body['account']).toMatchObject({
      boundary: 'root/all-but-writes',
    })
    for (const { access } of [admin, client, subClient]) {
      expect(await check(api, access, 'orders:Write', 'order/1')).toBe('DENY_EXPLICIT')
      expect(await check(api, access, 'orders:Read', 'order/1')).toBe('ALLOW')
    }
    expect((await bound(root, admin, null)).body['account']).toMatchObject({ boundary: null })
    expect(await check(api, subClient.access, 'orders:Write', 'order/1')).toBe('ALLOW')
  })

  test('the ceiling: a grant beyond the own rights is refused with the first right that is lacking, and nothing is attached', async () => {
    const { root, admin, client } = family
    expect((await detach(root, admin, 'orders-all')).status).toBe(200)
    expect((await attach(root, admin, 'orders-read')).status).toBe(200)
    const body = allowing('writers', ['orders:Read', 'orders:Write'])
    expect((await put(api, '/policies/writers', { token: admin.access, body })).status).toBe(201)
    const other = await make('client', admin, 'other-client')
    const refused = await attach(admin, other, 'writers')
    expect(refusal(refused)).toBe('403 exceeds_ceiling')
    expect(refused.body['detail']).toContain('orders:Write on order/~')
    expect((await api.get(`/accounts/${other.id}`, admin.access)).body).toMatchObject({ policies: [] })
    expect((await attach(admin, other, 'root/orders-read')).status).toBe(200)
    // What is above everybody can be attached by its full name, unless it gives too much.
    expect(refusal(await attach(admin, other, 'authctl:SuperAdmin'))).toBe('403 exceeds_ceiling')
    expect((await attach(admin, other, 'authctl:InheritCreator')).status).toBe(200)
    expect(await check(api, other.access, 'orders:Read', 'order/1')).toBe('ALLOW')
    expect(await check(api, other.access, 'orders:Write', 'order/1')).toBe('DENY_IMPLICIT')
    expect((await detach(root, client, 'orders-all')).status).toBe(200)
  })

  test('the ceiling at creation and at the boundary', async () => {
    const { admin } = family
    const person = (name: string, more: object) => ({ name, username: name, password: PASSWORD, ...more })
    const create = (more: object) =>
      api.post('/auth/client/create', person(`c${Math.random()}`.slice(0, 12), more), admin.access)
    expect(refusal(await create({ policies: ['writers'] }))).toBe('403 exceeds_ceiling')
    expect(refusal(await create({ policies: ['nothing'] }))).toBe('404 not_found')
    const made = await create({ policies: ['root/orders-read'], boundary: 'root/all-but-writes' })
    expect(made.body['account']).toMatchObject({
      policies: ['root/orders-read'],
      boundary: 'root/all-but-writes',
    })
    // A boundary that is lifted gives what it held back: nothing here that the admin lacks.
    const { id } = made.body['account'] as unknown as { id: string }
    const lifted = await api.call('PUT', `/accounts/${id}/boundary`, {
      token: admin.access,
      body: { policy: null },
    })
    expect(lifted.status).toBe(200)
  })

  test('outside the subtree of its owner a policy can neither be attached nor seen', async () => {
    const other = await make('client', stranger, 'strangers-client')
    const foreign = `${family.admin.id}/shared`
    expect(refusal(await attach(stranger, other, foreign))).toBe('404 not_found')
    expect(refusal(await attach(family.root, other, foreign))).toBe('404 not_found')
    expect(refusal(await attach(family.admin, other, 'shared'))).toBe('404 not_found')
  })

  test('nobody changes their own policies, boundary or attributes', async () => {
    const { root } = family
    expect(refusal(await attach(root, root, 'authctl:User'))).toBe('403 forbidden')
    expect(refusal(await bound(root, root, 'orders-read'))).toBe('403 forbidden')
    for (const who of [family.admin, family.client])
      expect(refusal(await attach(who, who, 'authctl:User'))).toBe('404 not_found')
  })

  test('what is attached cannot be deleted', async () => {
    const { root, client } = family
    expect((await attach(root, client, 'orders-read')).status).toBe(200)
    expect(refusal(await api.del('/policies/orders-read', root.access))).toBe('409 policy_in_use')
    expect(refusal(await detach(root, client, 'nothing-at-all'))).toBe('404 not_found')
  })

  test('at most 20 policies an account', async () => {
    const { root } = family
    const target = await make('admin', root, 'collector')
    for (let n = 0; n < 20; n++) {
      await put(api, `/policies/many-${n}`, {
        token: root.access,
        body: allowing(`many-${n}`, 'orders:Read'),
      })
      expect((await attach(root, target, `many-${n}`)).status).toBe(200)
    }
    expect(refusal(await attach(root, target, 'orders-read'))).toBe('409 limit_reached')
  })

  test('twenty administrators attach at once: nothing is lost', async () => {
    const { root } = family
    const target = await make('admin', root, 'popular')
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_v, n) => attach(root, target, `many-${n}`)),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    const { body } = await api.get(`/accounts/${target.id}`, root.access)
    expect((body['policies'] as unknown as string[]).toSorted()).toEqual(
      Array.from({ length: 20 }, (_v, n) => `root/many-${n}`).toSorted(),
    )
  })
})

describe('attachments', () => {
  test('an operator narrows a role for everybody in it, and widens it again; nobody can lock themselves out', async () => {
    const { root, client, subClient } = family
    const before = await api.get('/attachments', root.access)
    const initial = before.body['attachments'] as unknown as { to: { role: string }; policies: string[] }[]
    expect(initial).toContainEqual({ to: { role: 'client' }, policies: ['authctl:Client'] })
    expect((await api.get('/mapdirectory/places', client.access)).status).toBe(200)
    const noPlaces = policyOf('no-places', { Effect: 'Deny', Action: 'places:*', Resource: '*' })
    await put(api, '/policies/no-places', { token: root.access, body: noPlaces })
    const narrowed = [...initial, { to: { role: 'client' }, policies: ['no-places'] }]
    const answer = await put(api, '/attachments', { token: root.access, body: { attachments: narrowed } })
    expect(answer.status).toBe(200)
    for (const { access } of [client, subClient])
      expect(refusal(await api.get('/mapdirectory/places', access))).toBe('403 forbidden')
    expect((await api.get('/mapdirectory/places', family.admin.access)).status).toBe(200)
    expect(refusal(await api.del('/policies/no-places', root.access))).toBe('409 policy_in_use')
    const locked = initial.filter(({ to }) => to.role !== 'super-admin')
    expect(
      refusal(await put(api, '/attachments', { token: root.access, body: { attachments: locked } })),
    ).toBe('409 would_lock_out')
    await put(api, '/attachments', { token: root.access, body: { attachments: initial } })
    expect((await api.get('/mapdirectory/places', subClient.access)).status).toBe(200)
  })

  test('select by attribute, id and username, below the owner only', async () => {
    const { root, admin } = family
    const gold = signedIn(
      await api.post(
        '/auth/client/create',
        { name: 'g', username: 'golden', password: PASSWORD, attributes: { tier: 'gold' } },
        admin.access,
      ),
    )
    const list = [
      { to: { role: 'client', attributes: { tier: ['silver', 'gold'] } }, policies: ['root/orders-read'] },
      { to: { username: 'Chetan' }, boundary: 'root/all-but-writes' },
      { to: { id: stranger.id }, boundary: 'root/no-writes' },
    ]
    const answer = await put(api, '/attachments', { token: admin.access, body: { attachments: list } })
    expect(answer.status).toBe(200)
    expect(await check(api, gold.access, 'orders:Read', 'order/1')).toBe('ALLOW')
    expect(await check(api, family.client.access, 'orders:Write', 'order/1')).toBe('DENY_EXPLICIT')
    // Not below the admin: the boundary, which would deny everything, does not reach it.
    expect((await api.get('/auth/me', stranger.access)).status).toBe(200)
    const beyond = [{ to: { role: 'client' }, policies: ['writers'] }]
    expect(
      refusal(await put(api, '/attachments', { token: admin.access, body: { attachments: beyond } })),
    ).toBe('403 exceeds_ceiling')
    const unknown = [{ to: { role: 'client' }, policies: ['wirters'] }]
    const typo = await put(api, '/attachments', { token: admin.access, body: { attachments: unknown } })
    expect(refusal(typo)).toBe('422 policy_invalid')
    expect(typo.text).toContain('Did you mean writers?')
    expect((await api.get(`/attachments?namespace=${admin.id}`, root.access)).body).toMatchObject({
      attachments: [
        { ...list[0], to: { role: 'client', attributes: { tier: 'silver' } } },
        { ...list[0], to: { role: 'client', attributes: { tier: 'gold' } } },
        ...list.slice(1),
      ],
    })
    expect(refusal(await api.get(`/attachments?namespace=${admin.id}`, stranger.access))).toBe(
      '404 not_found',
    )
  })

  test('fifty writers of one namespace: every policy is there, and each revision was moved once', async () => {
    const other = await daemon.another()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_v, n) =>
        (n % 2 === 0 ? api : other.api).call('PUT', `/policies/race-${n}`, {
          token: stranger.access,
          body: allowing(`race-${n}`, 'orders:Read'),
        }),
      ),
    )
    expect(answers.filter(({ status }) => status !== 201)).toEqual([])
    // Every daemon knows of the others' within a second.
    await sleep(1000)
    const { body } = await api.get(`/policies?namespace=${stranger.id}&limit=200`, stranger.access)
    expect(body['items']).toHaveLength(50)
  })
})

test('the schemas are served', async () => {
  for (const name of ['policy', 'set', 'service', 'attachments', 'tests', 'invariant']) {
    const { status, body, headers } = await api.get(`/schemas/${name}`)
    expect([status, headers['content-type']]).toEqual([
      200,
      expect.stringContaining('application/schema+json'),
    ])
    expect(body).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' })
  }
})
