import { describe, expect, test } from 'vitest'
import { type Family } from '../support/accounts.ts'
import { refusal, type Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import { ORDERS_SERVICE, policyOf, put } from '../support/policy-calls.ts'

/* Nobody who defines policies holds everybody else up, or fills the server. */

let api: Api
let family: Family

/** Patterns that share their beginning with everything, so that no index tells them apart. */
const patterns = (count: number, tag: string): string[] =>
  Array.from({ length: count }, (_v, n) => `place/*a*a*a*a*a*a*${tag}${n}*`)
const heavy = (id: string) =>
  policyOf(
    id,
    ...Array.from({ length: 4 }, (_v, n) => ({
      Effect: 'Deny',
      Action: 'places:List',
      Resource: patterns(500, `${id}${n}x`),
    })),
  )

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ api, family } = home))

describe('what one account can have', () => {
  test('policies that would take too long to ask are not attached', async () => {
    const { client, subClient } = family
    for (let n = 0; n < 6; n++) {
      const stored = await put(api, `/policies/h${n}`, { token: client.access, body: heavy(`h${n}`) })
      expect(stored.status).toBe(201)
    }
    const attach = (n: number) => api.post(`/accounts/${subClient.id}/policies/h${n}`, {}, client.access)
    for (let n = 0; n < 4; n++) expect((await attach(n)).status).toBe(200)
    expect(refusal(await attach(4))).toBe('409 limit_reached')
    const narrow = policyOf('h3', { Effect: 'Deny', Action: 'places:List', Resource: 'place/none' })
    await put(api, '/policies/h3', { token: client.access, body: narrow })
    expect((await attach(4)).status).toBe(200)
    // A policy that grows under an account shuts it, and says so.
    await put(api, '/policies/h3', { token: client.access, body: heavy('h3') })
    expect((await api.get('/auth/me', subClient.access)).status).toBe(403)
    const { body } = await api.post(
      '/access/check',
      { principal: subClient.id, action: 'places:List', resource: 'place/all', explain: true },
      client.access,
    )
    expect(JSON.stringify(body)).toContain('TooManyPolicies')
    expect((await api.del(`/accounts/${subClient.id}/policies/h3`, client.access)).status).toBe(200)
    expect((await api.get('/auth/me', subClient.access)).status).toBe(200)
  })

  test('a grant that is too much to be compared is refused in bounded work', async () => {
    const { client } = family
    const many = policyOf(
      'many',
      ...Array.from({ length: 4 }, (_v, n) => ({
        Effect: 'Allow',
        Action: 'places:List',
        Resource: patterns(500, `m${n}x`),
      })),
    )
    await put(api, '/policies/many', { token: client.access, body: many })
    const attachments = Array.from({ length: 200 }, (_v, n) => ({
      to: { role: 'sub-client', attributes: { group: n } },
      policies: ['many', `h${n % 6}`],
    }))
    const answer = await put(api, '/attachments', { token: client.access, body: { attachments } })
    expect(['200 undefined', '409 limit_reached']).toContain(refusal(answer))
  })

  test('many questions at once let others in between', async () => {
    const { client, subClient } = family
    const checks = Array.from({ length: 60 }, (_v, n) => ({
      principal: subClient.id,
      action: 'places:List',
      resource: `place/${'a'.repeat(200)}${n}`,
    }))
    const order: string[] = []
    const batch = api.post('/access/check/batch', { checks }, client.access).then(({ status }) => {
      order.push(`batch ${status}`)
    })
    for (let n = 0; n < 5; n++) order.push(`health ${(await api.get('/healthz')).status}`)
    await batch
    expect(order).toEqual([...Array.from({ length: 5 }, () => 'health 200'), 'batch 200'])
  })
})

describe('what one namespace can have', () => {
  test('so many actions, and no more', async () => {
    const { client } = family
    const service = (name: string) => ({
      service: name,
      actions: Object.fromEntries(Array.from({ length: 1500 }, (_v, n) => [`A${n}`, { resources: ['t'] }])),
      resource_types: { t: {} },
    })
    const declare = (name: string) =>
      api.call('PUT', `/services/${name}`, { token: client.access, body: service(name) })
    expect((await declare('one')).status).toBe(201)
    expect((await declare('two')).status).toBe(201)
    expect(refusal(await declare('three'))).toBe('409 limit_reached')
  })

  test('so many attachments, and no more', async () => {
    const attachments = Array.from({ length: 501 }, (_v, n) => ({
      to: { role: 'sub-client', attributes: { n } },
      boundary: 'authctl:User',
    }))
    const answer = await put(api, '/attachments', { token: family.client.access, body: { attachments } })
    expect(refusal(answer)).toBe('409 limit_reached')
  })

  test('an answer about thousands of mistakes names the first hundred', async () => {
    await put(api, '/services/orders', { token: family.root.access, body: ORDERS_SERVICE })
    const wrong = Array.from({ length: 500 }, (_v, n) => `orders:Raed${n}`)
    const body = policyOf('wrong', { Effect: 'Allow', Action: wrong, Resource: '*' })
    const answer = await api.call('PUT', '/policies/wrong', { token: family.client.access, body })
    expect(refusal(answer)).toBe('422 policy_invalid')
    expect(answer.body['errors']).toHaveLength(100)
  })
})
