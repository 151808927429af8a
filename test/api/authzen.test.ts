import { beforeAll, describe, expect, test } from 'vitest'
import type { Family } from '../support/accounts.ts'
import { refusal, type Answer, type Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import { ORDERS_SERVICE, policyOf, put } from '../support/policy-calls.ts'

let api: Api
let family: Family

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ api, family } = home))
beforeAll(async () => {
  const { root, client } = family
  await put(api, '/services/orders', { token: root.access, body: ORDERS_SERVICE })
  const policy = policyOf('orders', {
    Sid: 'Small',
    Effect: 'Allow',
    Action: 'orders:Read',
    Resource: ['order/7', 'order/8', 'order/9', 'order/open/*'],
    Condition: {
      NumericLessThanIfExists: { 'orders.total': 100 },
      StringEqualsIfExists: { 'resource.city': 'Pune' },
    },
  })
  await put(api, '/policies/orders', { token: root.access, body: policy })
  for (const { id } of [family.admin, client])
    expect((await api.post(`/accounts/${id}/policies/orders`, {}, root.access)).status).toBe(200)
})

type Question = Readonly<Record<string, unknown>>

interface Decided {
  readonly decision: boolean
  readonly context?: { readonly error?: { readonly status: number } }
}

interface Results {
  readonly page: { readonly next_token: string; readonly count: number }
  readonly results: readonly unknown[]
}

const post = (path: string, body: Question, token = family.admin.access): Promise<Answer> =>
  api.post(`/access/v1/${path}`, body, token)
const read = (more: Question = {}): Question => ({
  subject: { type: 'account', id: family.client.id },
  action: { name: 'orders:Read' },
  resource: { type: 'order', id: '7' },
  ...more,
})
const nextOf = ({ text }: Answer): string => (JSON.parse(text) as Results).page.next_token
const decisionOf = async (question: Question): Promise<unknown> =>
  (await post('evaluation', question)).body['decision']

describe('AuthZEN 1.0', () => {
  test('an evaluation is the decision of a check; a denial is an answer that shows no reasons', async () => {
    expect((await post('evaluation', read())).body).toEqual({ decision: true })
    const denied = await post('evaluation', read({ context: { 'orders.total': 100 } }))
    expect([denied.status, denied.body]).toEqual([
      200,
      { decision: false, context: { decision_id: expect.any(String) } },
    ])
    const { context } = JSON.parse(denied.text) as { context: { decision_id: string } }
    const explained = await api.post(
      '/access/explain',
      { decision_id: context.decision_id },
      family.admin.access,
    )
    expect(explained.body).toMatchObject({
      principal: family.client.id,
      action: 'orders:Read',
      decided: 'DENY_IMPLICIT',
    })
  })

  test('the circumstances are context keys, in objects too, and properties of the resource', async () => {
    expect(await decisionOf(read({ context: { orders: { total: 99 } } }))).toBe(true)
    expect(await decisionOf(read({ context: { orders: { total: 100 } } }))).toBe(false)
    for (const [city, decision] of [
      ['Pune', true],
      ['Goa', false],
    ] as const)
      expect(await decisionOf(read({ resource: { type: 'order', id: '7', properties: { city } } }))).toBe(
        decision,
      )
    expect(refusal(await post('evaluation', read({ context: { 'orders.totl': 1 } })))).toBe(
      '400 invalid_request',
    )
    const withProperties = (properties: Question) =>
      read({ action: { name: 'orders:Read', properties }, context: { 'orders.colour': null } })
    expect(await decisionOf(withProperties({ total: 99, method: 'GET' }))).toBe(true)
    expect(await decisionOf(withProperties({ total: 100 }))).toBe(false)
    expect(refusal(await post('evaluation', withProperties({ total: 'much' })))).toBe('400 invalid_request')
    const both = {
      action: { name: 'orders:Read', properties: { total: 100 } },
      context: { 'orders.total': 1 },
    }
    expect(await decisionOf(read(both))).toBe(true)
    const found = async (total: number) => {
      const action = { name: 'orders:Read', properties: { total } }
      const searches = [
        post('search/subject', read({ action, subject: { type: 'account' } })),
        post('search/resource', read({ action, resource: { type: 'order' } })),
      ]
      return (await Promise.all(searches)).map(({ text }) => (JSON.parse(text) as Results).results.length)
    }
    expect([await found(99), await found(100)]).toEqual([
      [1, 3],
      [0, 0],
    ])
    for (const context of [
      { principal: { role: 'admin' } },
      { 'caller.id': family.client.id },
      { orders: { total: [1] } },
      { orders: { total: [{}] } },
    ])
      expect(refusal(await post('evaluation', read({ context })))).toBe('400 invalid_request')
  })

  test('a subject that the caller does not see is denied like one that does not exist', async () => {
    const nobody = { type: 'account', id: `cli_${'0'.repeat(26)}` }
    const unknown = [200, { decision: false, context: { reason: 'unknown_subject' } }]
    for (const subject of [
      nobody,
      { type: 'account', id: family.admin.id },
      { type: 'admin', id: family.client.id },
    ]) {
      const { status, body } = await post('evaluation', read({ subject }), family.client.access)
      expect([status, body], JSON.stringify(subject)).toEqual(unknown)
    }
    expect(
      (await post('evaluation', read({ subject: { type: 'client', id: family.client.id } }))).body,
    ).toEqual({
      decision: true,
    })
    expect((await post('evaluation', read({ action: { name: 'can_read' } }))).body).toEqual({
      decision: false,
      context: { reason: 'unknown_action' },
    })
  })

  test('many are decided in their order with what they have in common, by each of the three semantics', async () => {
    const { action, resource, subject } = read()
    const evaluations = [
      {},
      { resource: { type: 'order', id: '1' } },
      { context: { 'orders.total': 1 } },
      { context: { 'orders.totl': 1 } },
    ]
    const decided = async (semantic?: string) => {
      const options = semantic === undefined ? {} : { options: { evaluations_semantic: semantic } }
      const { status, text } = await post('evaluations', {
        subject,
        action,
        resource,
        evaluations,
        ...options,
      })
      expect(status).toBe(200)
      return (JSON.parse(text) as { evaluations: Decided[] }).evaluations
    }
    const all = await decided()
    expect(all.map(({ decision }) => decision)).toEqual([true, false, true, false])
    expect(all[3]?.context?.error).toEqual({
      status: 400,
      message: expect.stringContaining('/context/orders.totl'),
    })
    expect((await decided('deny_on_first_deny')).map(({ decision }) => decision)).toEqual([true, false])
    expect((await decided('permit_on_first_permit')).map(({ decision }) => decision)).toEqual([true])
    expect((await post('evaluations', { ...read(), evaluations: [] })).body).toEqual({ decision: true })
  })

  test('searches go on from page to page: who may, to what, and what', async () => {
    const pages = async (path: string, question: Question): Promise<unknown[]> => {
      const found: unknown[] = []
      for (let token = ''; ;) {
        const { status, text } = await post(path, {
          ...question,
          page: { limit: 1, ...(token && { token }) },
        })
        expect(status).toBe(200)
        const { page, results } = JSON.parse(text) as Results
        expect(page.count).toBe(results.length)
        found.push(...results)
        token = page.next_token
        if (token === '') return found
      }
    }
    const { client, admin, subClient } = family
    expect(await pages('search/subject', read({ subject: { type: 'account' } }))).toEqual([
      { type: 'account', id: client.id },
    ])
    expect(await pages('search/subject', read({ subject: { type: 'sub-client' } }))).toEqual([])
    const named = ['7', '8', '9'].map((id) => ({ type: 'order', id }))
    expect(await pages('search/resource', read({ resource: { type: 'order' } }))).toEqual(named)
    const found = await pages('search/resource', {
      subject: { type: 'account', id: admin.id },
      action: { name: 'authctl:GetAccount' },
      resource: { type: 'account' },
    })
    expect(found).toHaveLength(2)
    for (const { id } of found as { id: string }[])
      expect([client.id, subClient.id]).toContain(id.split('/').at(-1))
    expect(
      await pages('search/action', { subject: read()['subject'], resource: read()['resource'] }),
    ).toEqual([{ name: 'orders:Read' }])
    const hidden = { type: 'account', id: admin.id }
    const nothing = await post(
      'search/action',
      { subject: hidden, resource: read()['resource'] },
      client.access,
    )
    expect(nothing.body).toEqual({ page: { next_token: '', count: 0 }, results: [] })
  })

  test('what is unknown to the server is passed over, as is what a search does not ask for', async () => {
    const more = { foo: 'bar', futureField: { nested: true } }
    const { subject, action, resource } = read() as Record<string, Question>
    const properties = {
      status: 'active',
      owner: null,
      record: { isbn: '97' },
      'a b': {},
    }
    const known = {
      subject: { ...subject, ...more, properties },
      action: { ...action, ...more, properties },
      resource: { ...resource, ...more, properties },
      context: {
        time: '2025-06-27T18:03-07:00',
        ip: '192.168.1.1',
        schema: { $id: [{}], defs: [{}] },
        orders: { total: 1 },
      },
    }
    const asked = { ...known, ...more }
    expect((await post('evaluation', asked)).body).toEqual({ decision: true })
    const options = { another_option: 'value' }
    expect((await post('evaluations', { ...asked, options, evaluations: [more] })).body).toEqual({
      evaluations: [{ decision: true }],
    })
    const page = { properties: { sort: 'id' }, limit: 1000 }
    for (const [path, sent, found] of [
      ['search/subject', { ...asked, subject: { type: 'account', id: 'ignored' } }, subject],
      ['search/resource', { ...asked, resource: { ...known.resource, id: 'a b' } }, resource],
      ['search/action', asked, action],
    ] as const) {
      const { status, text } = await post(path, { ...sent, page })
      expect([status, (JSON.parse(text) as Results).results], path).toEqual([
        200,
        expect.arrayContaining([found]),
      ])
    }
  })

  test('one of many lacks what it is named by: that of all counts, and without any it alone is denied', async () => {
    const { subject, action, resource } = read() as Record<string, Question>
    const { body } = await post('evaluations', {
      subject,
      action,
      resource: { type: 'order', properties: { city: 'Goa' } },
      evaluations: [
        { resource: { id: '7' } },
        {},
        { resource: { ...resource, properties: { city: 'Goa' } } },
      ],
    })
    const message = '/evaluations/1/resource/id: It is missing.'
    expect(body['evaluations']).toMatchObject([
      { decision: true },
      { decision: false, context: { error: { status: 400, message } } },
      { decision: false },
    ])
    const none = await post('evaluations', { subject, evaluations: [{ action, resource }, { action }] })
    expect([none.status, none.body]).toMatchObject([
      200,
      { evaluations: [{ decision: true }, { decision: false, context: { error: { status: 400 } } }] },
    ])
    for (const whole of ['evaluation', 'evaluations'])
      expect(refusal(await post(whole, { subject, action }))).toBe('400 invalid_request')
  })

  test('what is of no service, type or account is denied, and nothing of it is found', async () => {
    const far = 'x'.repeat(300)
    for (const [asked, reason] of [
      [{ subject: { type: 'user', id: `${far}@example.com` } }, 'unknown_subject'],
      [{ subject: { type: far, id: family.client.id } }, 'unknown_subject'],
      [{ action: { name: far } }, 'unknown_action'],
      [{ resource: { type: 'spaceship', id: '1' } }, 'unknown_resource_type'],
      [{ resource: { type: 'order', id: '../7' } }, 'unknown_resource'],
      [{ resource: { type: 'Order', id: 'nº 7' } }, 'unknown_resource'],
    ] as const)
      expect((await post('evaluation', read(asked))).body, JSON.stringify(asked)).toMatchObject({
        decision: false,
        context: { reason },
      })
    const nothing = [200, { page: { next_token: '', count: 0 }, results: [] }]
    const account = { type: 'account' }
    for (const [path, asked] of [
      ['search/subject', { subject: account, action: { name: 'can_read' } }],
      ['search/subject', { subject: account, action: { name: 'billing:Pay' } }],
      ['search/subject', { subject: account, resource: { type: 'order', id: 'a b' } }],
      ['search/subject', { subject: { type: 'spaceship' } }],
      ['search/resource', { action: { name: 'can_read' }, resource: { type: 'order' } }],
      ['search/resource', { subject: { type: 'user', id: far }, resource: { type: 'order' } }],
      ['search/action', { resource: { type: 'order', id: 'a b' } }],
      ['search/action', { subject: { type: 'user', id: 'nobody' } }],
    ] as const) {
      const { status, body } = await post(path, read(asked))
      expect([status, body], JSON.stringify(asked)).toEqual(nothing)
    }
  })

  test('a token is of its question; a page of no results says whether there are some', async () => {
    const asked = read({ resource: { type: 'order' } })
    const at = async (page: Question, more: Question = {}) =>
      post('search/resource', { ...asked, ...more, page })
    const none = await at({ limit: 0 })
    expect(none.body).toEqual({ page: { next_token: expect.stringMatching(/./), count: 0 }, results: [] })
    const token = nextOf(none)
    const first = await at({ token, limit: 1 })
    expect(first.body['results']).toEqual([{ type: 'order', id: '7' }])
    const second = nextOf(first)
    expect((await at({ token: second })).body['results']).toHaveLength(2)
    for (const [page, more] of [
      [{ token: second }, { context: { 'orders.total': 1 } }],
      [{ token: second }, { action: { name: 'orders:Write' } }],
      [{ token }, { subject: { type: 'account', id: family.subClient.id } }],
      [{ token: 'bogus' }, {}],
    ] as const) {
      const refused = await at(page, more)
      expect([refused.status, refused.body['errors']]).toMatchObject([400, [{ pointer: '/page/token' }]])
    }
    for (const limit of [-1, 0.5, '1']) expect(refusal(await at({ limit }))).toBe('400 invalid_request')
  })

  test('a question has the bounds of a check, also where it says more of other services', async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_each, n) => [`k${n}`, 'x']))
    const long = 'x'.repeat(5000)
    const withProperties = (properties: Question) =>
      read({ resource: { type: 'order', id: '7', properties } })
    expect(await decisionOf(read({ context: { ...many, other: { ...many, long } } }))).toBe(true)
    for (const properties of [many, { long }, { list: Array.from({ length: 300 }, () => 'x') }])
      expect(refusal(await post('evaluation', withProperties(properties)))).toBe('400 invalid_request')
  })

  test('what is no request of AuthZEN is a bad request, whatever is wrong with it', async () => {
    const token = family.admin.access
    const json = JSON.stringify(read())
    for (const [raw, type] of [
      [json, 'text/plain'],
      [json, 'application/xml'],
      [json, ''],
      ['{', 'application/json'],
      ['', 'application/json'],
      ['[]', 'application/json'],
      ['{"subject":"alice"}', 'application/json'],
    ] as const) {
      const headers = { 'content-type': type }
      const { status } = await api.call('POST', '/access/v1/evaluation', { raw, token, headers })
      expect(status, `${type} ${raw}`).toBe(400)
    }
  })

  test('an answer bears the identifier of its request, whatever it is', async () => {
    for (const id of ['urn:uuid:1', 'a b', '+/=', '{"a":1}', 'x'.repeat(300)])
      for (const body of [read(), {}]) {
        const headers = { 'x-request-id': id }
        const token = family.admin.access
        const answer = await api.call('POST', '/access/v1/evaluation', { body, token, headers })
        expect(answer.headers['x-request-id']).toBe(id)
      }
  })

  test('the metadata names where each is answered, and each answers', async () => {
    const { body } = await api.get('/.well-known/authzen-configuration')
    const { policy_decision_point: issuer, ...endpoints } = body as Record<string, string>
    expect(issuer).toBe((await api.get('/.well-known/oauth-authorization-server')).body['issuer'])
    expect(Object.keys(endpoints)).toHaveLength(5)
    for (const url of Object.values(endpoints))
      expect(refusal(await api.post(new URL(url).pathname, {}, family.admin.access))).toBe(
        '400 invalid_request',
      )
  })
})
