import { beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD, signedIn, signInUser, type Family, type SignedIn } from '../support/accounts.ts'
import { refusal, type Answer, type Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { ORDERS_SERVICE, policyOf, put } from '../support/policy-calls.ts'

let daemon: TestDaemon
let api: Api
let family: Family
let user: SignedIn

const ask = (token: string, body: object) => api.post('/access/check', body, token)
const READ = { action: 'orders:Read', resource: 'order/7' }

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, api, family } = home))
beforeAll(async () => {
  user = await signInUser(daemon, '+919876543210')
  const { root, admin, client } = family
  await put(api, '/services/orders', { token: root.access, body: ORDERS_SERVICE })
  const policy = policyOf(
    'orders',
    {
      Sid: 'Small',
      Effect: 'Allow',
      Action: 'orders:Read',
      Resource: 'order/*',
      Condition: { NumericLessThan: { 'orders.total': 100 } },
    },
    {
      Sid: 'Office',
      Effect: 'Allow',
      Action: 'orders:Write',
      Resource: 'order/*',
      Condition: { IpAddress: { 'request.ip': '10.0.0.0/8' } },
    },
  )
  await put(api, '/policies/orders', { token: root.access, body: policy })
  for (const { id } of [admin, client, user]) {
    const attached = await api.post(`/accounts/${id}/policies/orders`, {}, root.access)
    expect(attached.status).toBe(200)
  }
})

describe('a check', () => {
  test('decides by the context that the application gives', async () => {
    const of = async (context: object) => (await ask(user.access, { ...READ, context })).body
    expect(await of({ 'orders.total': 99 })).toMatchObject({
      allowed: true,
      decision: 'ALLOW',
      decision_id: null,
    })
    expect(await of({ 'orders.total': 100 })).toMatchObject({ allowed: false, decision: 'DENY_IMPLICIT' })
    expect(await of({})).toMatchObject({ allowed: false, decision: 'DENY_IMPLICIT' })
  })

  test('is for everybody about themselves, for managers about those below, and about nobody else', async () => {
    const context = { 'orders.total': 1 }
    const about = (token: string, principal: string) => ask(token, { ...READ, context, principal })
    const { root, admin, client, subClient } = family
    for (const who of [root, admin])
      expect((await about(who.access, client.id)).body).toMatchObject({ decision: 'ALLOW' })
    expect((await about(client.access, client.id)).body).toMatchObject({ decision: 'ALLOW' })
    expect((await about(admin.access, user.id)).body).toMatchObject({ decision: 'ALLOW' })
    expect((await about(client.access, subClient.id)).body).toMatchObject({ decision: 'DENY_IMPLICIT' })
    const nobody = `cli_${'0'.repeat(26)}`
    for (const id of [admin.id, root.id, user.id, nobody])
      expect(refusal(await about(client.access, id)), id).toBe('404 not_found')
    expect(refusal(await about(user.access, client.id))).toBe('404 not_found')
  })

  test('what the server knows is not for the asker to say', async () => {
    const own = { action: 'orders:Write', resource: 'order/7', context: { 'request.ip': '10.1.2.3' } }
    expect(refusal(await ask(family.client.access, own))).toBe('400 invalid_request')
    // About another account it is: the application passes on where the request came from.
    const passed = await ask(family.admin.access, { ...own, principal: family.client.id })
    expect(passed.body).toMatchObject({ decision: 'ALLOW' })
    for (const key of ['principal.role', 'caller.id', '__proto__.x', 'Orders', ''])
      expect(refusal(await ask(user.access, { ...READ, context: { [key]: 'x' } })), key).toBe(
        '400 invalid_request',
      )
  })

  test.each<[string, object, string]>([
    ['a text for a number', { 'orders.total': 'many' }, 'orders.total must be a number'],
    ['a number with a sign', { 'orders.total': '+5000' }, 'orders.total must be a number'],
    ['a number beyond all', { 'orders.total': 1e21 }, 'orders.total must be a number'],
    ['a list for one value', { 'orders.total': ['5'] }, 'orders.total must be a number'],
    ['an undeclared key', { 'orders.totl': 5 }, 'Did you mean orders.total?'],
    ['an address with a port', { 'request.ip': '10.0.0.1:443' }, 'request.ip must be an IP address'],
    ['a network for an address', { 'request.ip': '10.0.0.0/8' }, 'request.ip must be an IP address'],
    ['a time that is none', { 'request.time': 'now' }, 'request.time must be an instant'],
  ])('%s is refused: a Deny would not see it', async (_what, context, expected) => {
    const answer = await ask(family.admin.access, { ...READ, principal: family.client.id, context })
    expect(refusal(answer)).toBe('400 invalid_request')
    expect(answer.text).toContain(expected)
  })

  test('what is said of the resource has the type that policies compare it with', async () => {
    const { root, admin, client } = family
    const compared = (Action: string, Condition: object) => ({
      Effect: 'Deny',
      Action,
      Resource: '*',
      Condition,
    })
    const large = policyOf(
      'large',
      compared('orders:Read', { NumericGreaterThan: { 'resource.total': 1000 } }),
      compared('orders:Write', { Bool: { 'resource.total': true } }),
    )
    expect((await put(api, '/policies/large', { token: root.access, body: large })).status).toBe(201)
    const way = `/accounts/${client.id}/policies/large`
    expect((await api.post(way, {}, root.access)).status).toBe(200)
    const read = (total: unknown) => {
      const context = { 'orders.total': 1, 'resource.total': total }
      return ask(admin.access, { ...READ, principal: client.id, context })
    }
    for (const total of ['5,000', '5e3', ' 5000', '+5000', '', true, 1e21]) {
      const answer = await read(total)
      expect(refusal(answer), String(total)).toBe('400 invalid_request')
      expect(answer.text).toContain('resource.total must be a number')
    }
    for (const total of ['5000', 5000])
      expect((await read(total)).body).toMatchObject({ decision: 'DENY_EXPLICIT' })
    expect((await read(10)).body).toMatchObject({ decision: 'ALLOW' })
    expect((await api.del(way, root.access)).status).toBe(200)
    // Nothing compares it any more.
    expect((await read('5,000')).body).toMatchObject({ decision: 'ALLOW' })
  })

  test('a second factor is not there until the server knows of one: neither had nor lacked', async () => {
    const { root } = family
    const without = policyOf('without', {
      Effect: 'Deny',
      Action: 'orders:Read',
      Resource: '*',
      Condition: { Null: { 'request.mfa': true } },
    })
    expect((await put(api, '/policies/without', { token: root.access, body: without })).status).toBe(201)
    const way = `/accounts/${user.id}/policies/without`
    expect((await api.post(way, {}, root.access)).status).toBe(200)
    const answer = await ask(user.access, { ...READ, context: { 'orders.total': 1 } })
    expect(answer.body).toMatchObject({ decision: 'DENY_EXPLICIT' })
    expect((await api.del(way, root.access)).status).toBe(200)
  })

  test('what is declared as always there must be said, and a sum of prices is the price that it looks like', async () => {
    const { root } = family
    const service = {
      service: 'till',
      actions: { Pay: { resources: ['bill'], keys: ['till.sum'] } },
      resource_types: { bill: {} },
      context_keys: { 'till.sum': { type: 'number', always: true } },
    }
    await put(api, '/services/till', { token: root.access, body: service })
    const policy = policyOf(
      'till',
      { Effect: 'Allow', Action: 'till:Pay', Resource: 'bill/*' },
      {
        Effect: 'Deny',
        Action: 'till:Pay',
        Resource: '*',
        Condition: { NumericGreaterThan: { 'till.sum': 3300.2 } },
      },
    )
    expect((await put(api, '/policies/till', { token: root.access, body: policy })).status).toBe(201)
    expect((await api.post(`/accounts/${user.id}/policies/till`, {}, root.access)).status).toBe(200)
    const pay = (context: object) => ask(user.access, { action: 'till:Pay', resource: 'bill/1', context })
    expect(refusal(await pay({}))).toBe('400 invalid_request')
    expect((await pay({ 'till.sum': 1100.1 + 2200.2 })).body).toMatchObject({ decision: 'DENY_EXPLICIT' })
    expect((await pay({ 'till.sum': 3300.2 })).body).toMatchObject({ decision: 'ALLOW' })
  })

  test.each([
    ['order/../secret', 400],
    ['order/', 400],
    ['/order', 400],
    ['order//7', 400],
    ['order/./7', 400],
    ['order/7?', 400],
    ['order/*', 400],
    [`order/${'x'.repeat(512)}`, 400],
    ['order/..7', 200],
    ['order/a.b~c@d:e+f=g,h', 200],
  ])('a resource that is not canonical is refused, not repaired: %s', async (resource, status) => {
    expect((await ask(user.access, { ...READ, resource })).status).toBe(status)
  })

  test.each([
    ['an action of no service', 'shop:Buy', 'order/7', 'unknown_action'],
    ['another case', 'orders:read', 'order/7', undefined],
    ['a type that the action is not about', 'orders:Read', 'invoice/7', 'unknown_resource_type'],
    ['an account beside', 'authctl:DisableAccount', 'account/adm_zzz', 'outside'],
    ['its own creator', 'authctl:DisableAccount', 'account/CREATOR', 'outside'],
  ])('%s is denied to everybody', async (_what, action, resource, reason) => {
    const answer = await ask(family.client.access, {
      action,
      resource: resource.replace('CREATOR', family.admin.id),
    })
    if (reason === undefined) expect(refusal(answer)).toBe('400 invalid_request')
    else expect(answer.body).toMatchObject({ allowed: false, decision: 'DENY_IMPLICIT', reason })
  })

  test('about an account that is disabled, or stands below one, nothing is allowed', async () => {
    const { root, admin, client } = family
    const question = { ...READ, context: { 'orders.total': 1 }, principal: client.id }
    await api.post(`/accounts/${admin.id}/disable`, {}, root.access)
    expect((await ask(root.access, question)).body).toMatchObject({ allowed: false, reason: 'not_active' })
    await api.post(`/accounts/${admin.id}/enable`, {}, root.access)
    const login = await api.post('/auth/admin/login', { username: 'asha', password: PASSWORD })
    family = { ...family, admin: signedIn(login) }
    expect((await ask(root.access, question)).body).toMatchObject({ allowed: true })
  })
})

describe('many checks', () => {
  test('are answered in their order, and decide as one by one', async () => {
    const { admin, client, subClient } = family
    const checks = Array.from({ length: 1000 }, (_v, n) => ({
      ...READ,
      context: { 'orders.total': n },
      ...(n % 3 === 0 ? {} : { principal: n % 3 === 1 ? client.id : subClient.id }),
    }))
    const { status, body } = await api.post('/access/check/batch', { checks }, admin.access)
    expect(status).toBe(200)
    const results = body['results'] as unknown as { allowed: boolean }[]
    expect(results.map(({ allowed }) => allowed)).toEqual(checks.map((_check, n) => n < 100 && n % 3 !== 2))
  })

  test('more than 1,000, or none, are refused', async () => {
    const { admin } = family
    const checks = Array.from({ length: 1001 }, () => READ)
    expect(refusal(await api.post('/access/check/batch', { checks }, admin.access))).toBe(
      '400 invalid_request',
    )
    expect(refusal(await api.post('/access/check/batch', { checks: [] }, admin.access))).toBe(
      '400 invalid_request',
    )
  })

  test('G4: one foreign account among a hundred refuses the whole call', async () => {
    const { admin, client } = family
    const stranger = signedIn(
      await api.post(
        '/auth/admin/create',
        { name: 's', username: 'stranger', password: PASSWORD },
        family.root.access,
      ),
    )
    const checks = Array.from({ length: 100 }, (_v, n) => ({
      ...READ,
      principal: n === 73 ? stranger.id : client.id,
    }))
    const answer = await api.post('/access/check/batch', { checks }, admin.access)
    expect(refusal(answer)).toBe('404 not_found')
    expect(answer.text).not.toContain('decision')
    checks[73] = { ...READ, principal: client.id }
    expect((await api.post('/access/check/batch', { checks }, admin.access)).status).toBe(200)
  })
})

describe('explanations', () => {
  const EXPLAINED = { ...READ, context: { 'orders.total': 500 }, explain: true }

  test('say which layer decided, what nearly matched, and what would allow', async () => {
    const { admin, client } = family
    const { body } = await ask(admin.access, { ...EXPLAINED, principal: client.id })
    expect(body).toMatchObject({ decision: 'DENY_IMPLICIT' })
    const explanation = body['explanation'] as unknown as {
      decided_by: { layer: number }
      layers: { principal: string; outcome: string; near_misses: object[] }[]
      would_allow_if: string[]
    }
    expect(explanation.decided_by.layer).toBe(0)
    expect(explanation.layers.map(({ principal, outcome }) => `${principal} ${outcome}`)).toEqual([
      `${client.id} none`,
      `${admin.id} none`,
    ])
    expect(explanation.layers[0]?.near_misses[0]).toMatchObject({
      policy: 'root/orders',
      sid: 'Small',
      failed: 'condition',
      key: 'orders.total',
      actual: ['500'],
    })
    expect(explanation.would_allow_if.length).toBeGreaterThan(0)
    // By which state of the policies, and where the statement stands in what was put.
    expect(body['explanation']).toMatchObject({
      revisions: [{ namespace: 'root', number: 6, id: expect.stringMatching(/^[\w-]{43}$/) as string }],
    })
    expect(explanation.layers[0]?.near_misses[0]).toMatchObject({ source: 'orders.json:1:51' })
  })

  test('say nothing of the facts of an account above that the asker does not see', async () => {
    const { root, admin, client } = family
    const { headers } = await api.get(`/accounts/${admin.id}`, root.access)
    const headersNow = { 'if-match': String(headers['etag']) }
    const described = await api.call('PATCH', `/accounts/${admin.id}`, {
      token: root.access,
      headers: headersNow,
      body: { attributes: { salary: 'a secret of the admin' } },
    })
    expect(described.status).toBe(200)
    const policy = policyOf('by-salary', {
      Effect: 'Allow',
      Action: 'orders:Write',
      Resource: 'order/*',
      Condition: { StringEquals: { 'principal.attributes.salary': 'high' } },
    })
    await put(api, '/policies/by-salary', { token: root.access, body: policy })
    const path = `/accounts/${admin.id}/policies/by-salary`
    expect((await api.post(path, {}, root.access)).status).toBe(200)
    const asked = { action: 'orders:Write', resource: 'order/7', principal: client.id, explain: true }
    expect((await ask(root.access, asked)).text).toContain('a secret of the admin')
    const { status, text } = await ask(client.access, asked)
    expect(status).toBe(200)
    expect(text).not.toContain('a secret of the admin')
    expect(text).toContain(`own layer of ${admin.id}: a statement allowed it`)
    expect((await api.del(path, root.access)).status).toBe(200)
  })

  test('are for those who may explain', async () => {
    expect(refusal(await ask(user.access, EXPLAINED))).toBe('403 forbidden')
    expect(refusal(await ask(family.subClient.access, EXPLAINED))).toBe('403 forbidden')
    expect((await ask(family.client.access, EXPLAINED)).status).toBe(200)
  })

  test('a refused request names a decision, which its manager can have explained, and nobody else', async () => {
    const { admin, client, subClient } = family
    const refused = await api.post('/access/who-can', READ, subClient.access)
    expect(refusal(refused)).toBe('403 forbidden')
    const decisionId = String(refused.body['decision_id'])
    // It tells the caller nothing else, and the log has it too.
    expect(Object.keys(refused.body).sort()).toEqual(
      ['code', 'decision_id', 'detail', 'instance', 'status', 'title', 'type'].sort(),
    )
    expect(daemon.log.events('access-denied').at(-1)).toMatchObject({ decisionId, actorId: subClient.id })
    const explain = (token: string, id = decisionId) =>
      api.post('/access/explain', { decision_id: id }, token)
    for (const who of [family.root, admin, client])
      expect((await explain(who.access)).body).toMatchObject({
        principal: subClient.id,
        action: 'authctl:WhoCan',
        decided: 'DENY_IMPLICIT',
        now: { decision: 'DENY_IMPLICIT', explanation: { decided_by: { layer: 0 } } },
      })
    expect(refusal(await explain(subClient.access))).toBe('403 forbidden')
    const stranger = await api.post('/auth/admin/login', { username: 'stranger', password: PASSWORD })
    expect(refusal(await explain(signedIn(stranger).access))).toBe('404 not_found')
    const flipped = `${decisionId.slice(0, 40)}${decisionId[40] === 'A' ? 'B' : 'A'}${decisionId.slice(41)}`
    expect(refusal(await explain(admin.access, flipped))).toBe('404 not_found')
  })

  test('a denied question has an id of its own, with its context', async () => {
    const { admin, client } = family
    const denied = await ask(client.access, { ...READ, context: { 'orders.total': 777 } })
    const explained = await api.post(
      '/access/explain',
      { decision_id: denied.body['decision_id'] },
      admin.access,
    )
    expect(JSON.stringify(explained.body)).toContain('"777"')
  })
})

describe('who can', () => {
  test('finds exactly those for whom a check says yes, over pages', async () => {
    const { root } = family
    const question = { ...READ, context: { 'orders.total': 5 } }
    const found: string[] = []
    let cursor: string | null | undefined
    do {
      const page: Answer = await api.post(
        '/access/who-can',
        { ...question, limit: 1, ...(cursor === undefined ? {} : { cursor }) },
        root.access,
      )
      expect(page.status).toBe(200)
      found.push(...(page.body['items'] as unknown as { id: string }[]).map(({ id }) => id))
      cursor = page.body['next_cursor'] as unknown as string | null
    } while (cursor !== null)
    const everybody = (await api.get('/accounts?limit=200', root.access)).body['items'] as unknown as {
      id: string
    }[]
    const expected: string[] = []
    for (const { id } of everybody)
      if (
        (await ask(root.access, { ...question, principal: id === root.id ? undefined : id })).body['allowed']
      )
        expected.push(id)
    expect(found).toEqual(expected)
    expect(found.length).toBeGreaterThan(3)
  })

  test('an action that nobody declares is no answer', async () => {
    const asked = { action: 'orders:Raed', resource: 'order/7' }
    const answer = await api.post('/access/who-can', asked, family.admin.access)
    expect(refusal(answer)).toBe('400 invalid_request')
    expect(answer.text).toContain('Did you mean orders:Read?')
  })

  test('knows only what is below the caller', async () => {
    const { client, subClient } = family
    const question = { action: 'places:List', resource: 'place/all' }
    const { body } = await api.post('/access/who-can', question, client.access)
    expect((body['items'] as unknown as { id: string }[]).map(({ id }) => id)).toEqual([subClient.id])
  })
})

test('an attribute of an account that a condition cannot read meets every Deny, and no Allow', async () => {
  const { root, admin } = family
  const limit = { 'principal.attributes.limit': 100 }
  const capped = policyOf('capped', {
    Effect: 'Deny',
    Action: 'orders:Read',
    Resource: '*',
    Condition: { NumericGreaterThan: limit },
  })
  const other = policyOf('other', {
    Effect: 'Allow',
    Action: 'orders:Write',
    Resource: 'order/*',
    Condition: { NumericNotEquals: limit },
  })
  const context = { 'orders.total': 1 }
  const decisions: string[] = []
  for (const body of [capped, other])
    expect((await put(api, `/policies/${body.Id}`, { token: root.access, body })).status).toBe(201)
  for (const [n, value] of [99, '99', 101, '5,000', ' 5', true].entries()) {
    const body = { username: `limited-${n}`, password: PASSWORD, name: 'l', attributes: { limit: value } }
    const made = await api.post('/auth/client/create', body, admin.access)
    expect(made.status, made.text).toBe(201)
    const { id } = signedIn(made)
    for (const name of ['orders', 'capped', 'other'])
      expect((await api.post(`/accounts/${id}/policies/${name}`, {}, root.access)).status).toBe(200)
    const of = async (action: string) => {
      const question = { action, resource: 'order/7', context: action === READ.action ? context : {} }
      const { body: answer } = await ask(admin.access, { ...question, principal: id })
      return String(answer['decision'])
    }
    decisions.push(`${await of('orders:Read')} ${await of('orders:Write')}`)
  }
  expect(decisions).toEqual([
    'ALLOW DENY_IMPLICIT',
    'ALLOW DENY_IMPLICIT',
    'DENY_EXPLICIT DENY_IMPLICIT',
    'DENY_EXPLICIT DENY_IMPLICIT',
    'DENY_EXPLICIT DENY_IMPLICIT',
    'DENY_EXPLICIT DENY_IMPLICIT',
  ])
})
