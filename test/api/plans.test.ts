import { beforeAll, describe, expect, test } from 'vitest'
import { refusal, type Api } from '../support/api.ts'
import { PASSWORD, signedIn, type Family, type SignedIn } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import { allowing, ORDERS_SERVICE, put } from '../support/policy-calls.ts'
import { applySet, attaching, bodyOf, changesOf, planOf, planSet } from '../support/policy-sets.ts'

let api: Api
let family: Family
let token: string
let namespace: string
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ api, family } = home))

let made = 0
/** An admin of its own for each test: its namespace is empty. */
const newAdmin = async (): Promise<SignedIn> =>
  signedIn(
    await api.post(
      '/auth/admin/create',
      { name: 'x', username: `planner${++made}`, password: PASSWORD },
      family.root.access,
    ),
  )

beforeAll(async () => {
  await put(api, '/services/orders', { token: family.root.access, body: ORDERS_SERVICE })
  const everything = allowing('orders-all', 'orders:*', '*')
  await put(api, '/policies/orders-all', { token: family.root.access, body: everything })
})

const SHOP = {
  service: 'shop',
  actions: { Read: { resources: ['item'] }, Sell: { resources: ['item'] } },
  resource_types: { item: {} },
}
const renamed = { ...SHOP, actions: { Read: { resources: ['item'] }, Trade: { resources: ['item'] } } }

describe('a set', () => {
  beforeAll(async () => {
    token = family.root.access
    namespace = (await newAdmin()).id
  })
  const files = {
    'services/shop.json': SHOP,
    'documents/readers.json': allowing('readers', ['shop:Read', 'shop:Sell'], 'item/*'),
    'attachments/clients.json': attaching({ to: { role: 'sub-client' }, policies: ['readers'] }),
  }

  test('is planned without a change, applied as planned, and is no change then', async () => {
    const options = {
      namespace,
      directory: 'policies',
      commit: '4f1d2c9a7be0358d6c1f0a9e2b7d4c5e8f6a1b30',
      dirty: true,
    }
    const body = bodyOf('acme', files, options)
    const plan = await planSet(api, token, body)
    expect(changesOf(plan)).toEqual([
      'create service/shop',
      'create document/readers',
      'create attachment/role=sub-client',
    ])
    expect(plan).toMatchObject({ base: { revision: null, number: 0 }, refusals: [], conflicts: [] })
    expect(refusal(await api.get(`/policies/${namespace}%2Freaders`, token))).toBe('404 not_found')
    const applied = await applySet(api, token, { ...body, plan })
    expect(applied).toMatchObject({ detail: 'Applied', applied: true, revision: { number: 1 } })
    expect(planOf({ status: 200, text: '', body: applied, headers: {} }).digest).toBe(plan.digest)
    const again = await applySet(api, token, body)
    expect(again).toMatchObject({ detail: 'No changes', applied: false, revision: { number: 1 } })
    // The lost reply of an apply: the same plan again is no change, and not out of date.
    expect(await applySet(api, token, { ...body, plan })).toMatchObject({ applied: false })
  })

  test('each object says whose it is, where it is written, and by which commit', async () => {
    const { body } = await api.get(`/policies/revisions/1?namespace=${namespace}`, token)
    expect(body).toMatchObject({ number: 1, event: 'apply', set: 'acme', dirty: true, is_head: true })
    const objects = body['objects'] as unknown as { kind: string; origin: object }[]
    expect(objects.map(({ kind, origin }) => [kind, origin])).toMatchObject([
      ['service', { set: 'acme', source: 'policies/services/shop.json:2:14', revision: 1 }],
      ['document', { set: 'acme', source: 'policies/documents/readers.json:3:9', dirty: true }],
      ['attachment', { set: 'acme', source: 'policies/attachments/clients.json:3:5' }],
    ])
  })

  test('in other words is no change', async () => {
    const same = {
      'services/shop.json': {
        ...SHOP,
        actions: { Sell: { resources: ['item'] }, Read: { resources: 'item' } },
      },
      'documents/elsewhere.json': JSON.stringify({
        Statement: [
          { Resource: ['item/*', 'item/*'], Action: ['shop:Sell', 'shop:Read'], Effect: 'Allow', Sid: 'It' },
        ],
        Id: 'readers',
        Version: 'authctl/1',
        $schema: 'https://example.com/policy.schema.json',
      }),
      'attachments/a.json': attaching({ policies: 'readers', to: { role: 'sub-client' } }),
    }
    expect(changesOf(await planSet(api, token, bodyOf('acme', same, { namespace })))).toEqual([])
  })

  test('renames an action in one step', async () => {
    const next = {
      ...files,
      'services/shop.json': renamed,
      'documents/readers.json': allowing('readers', ['shop:Read', 'shop:Trade'], 'item/*'),
    }
    expect(await applySet(api, token, bodyOf('acme', next, { namespace }))).toMatchObject({ applied: true })
    const half = await api.post(
      '/policies/plan',
      bodyOf('acme', { ...next, 'services/shop.json': SHOP }, { namespace }),
      token,
    )
    expect(refusal(half)).toBe('422 policy_invalid')
    expect(half.body['errors']).toMatchObject([
      { pointer: 'documents/readers.json:10:9', code: 'E_ACTION_UNKNOWN' },
    ])
  })

  test('goes back to an older revision, with everything that belongs to it', async () => {
    const planned = await api.post('/policies/rollback', { namespace, revision: '1', dry_run: true }, token)
    expect(planned.body).toMatchObject({ applied: false, revision: { number: 2 } })
    expect(changesOf(planOf(planned))).toEqual(['update service/shop', 'update document/readers'])
    const done = await api.post('/policies/rollback', { namespace, revision: '1' }, token)
    expect(done.body).toMatchObject({ detail: 'Rolled back', applied: true, revision: { number: 3 } })
    expect(changesOf(await planSet(api, token, bodyOf('acme', files, { namespace })))).toEqual([])
    const { body } = await api.get(`/policies/revisions?namespace=${namespace}&limit=2`, token)
    expect(body['items']).toMatchObject([
      { number: 3, event: 'rollback', is_head: true },
      { number: 2, event: 'apply', set: 'acme' },
    ])
    const rest = await api.get(
      `/policies/revisions?namespace=${namespace}&cursor=${String(body['next_cursor'])}`,
      token,
    )
    expect(rest.body).toMatchObject({ items: [{ number: 1 }], next_cursor: null })
  })
})
