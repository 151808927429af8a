import { beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD, signedIn, type Family, type SignedIn } from '../support/accounts.ts'
import { refusal, type Answer, type Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import { allowing, check, ORDERS_SERVICE, policyOf, put } from '../support/policy-calls.ts'

/*
 * One question judges every change of policies: does an account whose layers it touches gain a right that
 * the maker of the change lacks? Here a super-admin that was narrowed asks for changes of every kind, none
 * of which names the account that would gain.
 */

let api: Api
let family: Family
/** May do everything but orders:Write. */
let narrowed: SignedIn
/** May do what a boundary names: two verbs of orders, and one of them under a condition. */
let bounded: SignedIn

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ api, family } = home))

const asRoot = async (path: string, body: object): Promise<void> => {
  const { status, text } = await put(api, path, { token: family.root.access, body })
  if (status > 201) throw new Error(text)
}
const attach = (who: SignedIn, target: SignedIn, name: string) =>
  api.post(`/accounts/${target.id}/policies/${encodeURIComponent(name)}`, {}, who.access)
const detach = (who: SignedIn, target: SignedIn, name: string) =>
  api.del(`/accounts/${target.id}/policies/${encodeURIComponent(name)}`, who.access)
const bound = (who: SignedIn, target: SignedIn, policy: string | null) =>
  api.call('PUT', `/accounts/${target.id}/boundary`, { token: who.access, body: { policy } })
const putAs = (who: SignedIn, path: string, body: object): Promise<Answer> =>
  put(api, path, { token: who.access, body })
const attachments = async (): Promise<object[]> =>
  (await api.get('/attachments', family.root.access)).body['attachments'] as unknown as object[]
const newSuperAdmin = async (name: string): Promise<SignedIn> =>
  signedIn(
    await api.post(
      '/auth/superadmin/create',
      { name, username: name, password: PASSWORD },
      family.root.access,
    ),
  )
const denying = (id: string, action = 'orders:Write') =>
  policyOf(id, { Sid: 'Not', Effect: 'Deny', Action: action, Resource: '*' })
const ORDER = 'order/1'
const NEW = { username: 'new.client', password: PASSWORD }

/** With these attachments beside those that are there, until it is done. */
const withAttachments = async (more: object[], ask: (without: object[]) => Promise<void>) => {
  const before = await attachments()
  await asRoot('/attachments', { attachments: [...before, ...more] })
  try {
    await ask(before)
  } finally {
    await asRoot('/attachments', { attachments: before })
  }
}

beforeAll(async () => {
  await asRoot('/services/orders', ORDERS_SERVICE)
  for (const document of [
    denying('no-orders'),
    denying('none-for-admins'),
    denying('none-for-clients'),
    allowing('staff', 'orders:Read'),
    allowing('all', 'orders:*'),
    allowing('reading', ['orders:Read', 'authctl:*', 'places:*'], '*'),
    policyOf(
      'desk',
      { Effect: 'Allow', Action: ['authctl:*', 'policies:*', 'places:*'], Resource: '*' },
      { Effect: 'Allow', Action: ['orders:Read', 'orders:Write'], Resource: 'order/*' },
    ),
    policyOf(
      'no-secrets',
      { Effect: 'Allow', Action: ['authctl:*', 'policies:*', 'places:*'], Resource: '*' },
      {
        Effect: 'Allow',
        Action: 'orders:Read',
        Resource: 'order/*',
        Condition: { StringNotEquals: { 'resource.env': ['prod', 'secret'] } },
      },
    ),
  ])
    await asRoot(`/policies/${document.Id}`, document)
  narrowed = await newSuperAdmin('narrowed')
  bounded = await newSuperAdmin('bounded')
  expect((await attach(family.root, narrowed, 'no-orders')).status).toBe(200)
})

describe('a narrowed super-admin frees and raises nobody', () => {
  test('not by editing a policy that is attached already', async () => {
    expect((await attach(family.root, family.admin, 'staff')).status).toBe(200)
    const wider = await putAs(narrowed, '/policies/staff', allowing('staff', 'orders:*'))
    expect(refusal(wider)).toBe('403 exceeds_ceiling')
    expect(wider.body['detail']).toContain('orders:Write')
    expect(await check(api, family.admin.access, 'orders:Write', ORDER)).toBe('DENY_IMPLICIT')
    const narrower = policyOf('staff', { Effect: 'Allow', Action: 'orders:Read', Resource: 'order/1/*' })
    expect((await putAs(narrowed, '/policies/staff', narrower)).status).toBe(200)
    expect((await putAs(family.root, '/policies/staff', allowing('staff', 'orders:*'))).status).toBe(200)
    // What it has had before, in other words, is not given.
    const split = policyOf(
      'staff',
      { Effect: 'Allow', Action: 'orders:Write', Resource: 'order/*' },
      { Effect: 'Allow', Action: 'orders:Read', Resource: 'order/*' },
    )
    expect((await putAs(narrowed, '/policies/staff', split)).status).toBe(200)
    expect((await detach(family.root, family.admin, 'staff')).status).toBe(200)
  })

  test('not by editing a policy that a role has, though nobody of that role is there yet', async () => {
    const line = { to: { role: 'user' }, policies: ['staff'] }
    await asRoot('/policies/staff', allowing('staff', 'orders:Read'))
    await withAttachments([line], async () => {
      const wider = await putAs(narrowed, '/policies/staff', allowing('staff', 'orders:Write'))
      expect(refusal(wider)).toBe('403 exceeds_ceiling')
    })
  })

  test('not by taking an attachment out that brings a Deny, or emptying the Deny that it brings', async () => {
    const line = { to: { role: 'admin' }, policies: ['none-for-admins'] }
    await attach(family.root, family.admin, 'all')
    await withAttachments([line], async (without) => {
      expect(await check(api, family.admin.access, 'orders:Write', ORDER)).toBe('DENY_EXPLICIT')
      expect(refusal(await putAs(narrowed, '/attachments', { attachments: without }))).toBe(
        '403 exceeds_ceiling',
      )
      const moved = [...without, { ...line, to: { role: 'admin', attributes: { tier: 'gold' } } }]
      expect(refusal(await putAs(narrowed, '/attachments', { attachments: moved }))).toBe(
        '403 exceeds_ceiling',
      )
      const emptied = denying('none-for-admins', 'orders:Read')
      expect(refusal(await putAs(narrowed, '/policies/none-for-admins', emptied))).toBe('403 exceeds_ceiling')
      expect(await check(api, family.admin.access, 'orders:Write', ORDER)).toBe('DENY_EXPLICIT')
    })
    await detach(family.root, family.admin, 'all')
  })

  test('not by taking an attachment out that brings a boundary', async () => {
    await attach(family.root, family.admin, 'all')
    await withAttachments([{ to: { role: 'admin' }, boundary: 'reading' }], async (without) => {
      expect(await check(api, family.admin.access, 'orders:Write', ORDER)).toBe('DENY_IMPLICIT')
      expect(refusal(await putAs(narrowed, '/attachments', { attachments: without }))).toBe(
        '403 exceeds_ceiling',
      )
    })
    await detach(family.root, family.admin, 'all')
  })

  test('not another narrowed super-admin, by detaching, by its boundary, or by an attachment', async () => {
    const other = await newSuperAdmin('other')
    await attach(family.root, other, 'none-for-clients')
    expect(refusal(await detach(narrowed, other, 'none-for-clients'))).toBe('403 exceeds_ceiling')
    expect(
      refusal(
        await putAs(narrowed, '/policies/none-for-clients', denying('none-for-clients', 'orders:Read')),
      ),
    ).toBe('403 exceeds_ceiling')
    expect((await detach(family.root, other, 'none-for-clients')).status).toBe(200)
    expect((await bound(family.root, other, 'reading')).status).toBe(200)
    expect(refusal(await bound(narrowed, other, null))).toBe('403 exceeds_ceiling')
    expect((await bound(family.root, other, null)).status).toBe(200)
    await withAttachments([{ to: { username: 'other' }, policies: ['no-orders'] }], async (without) => {
      expect(refusal(await putAs(narrowed, '/attachments', { attachments: without }))).toBe(
        '403 exceeds_ceiling',
      )
    })
  })

  test('not those below an account, by what its policy says of its callers', async () => {
    await asRoot(
      '/policies/for-clients',
      policyOf('for-clients', {
        Effect: 'Allow',
        Action: 'orders:Write',
        Resource: 'order/*',
        Condition: { StringEquals: { 'caller.role': 'client' } },
      }),
    )
    expect(refusal(await attach(narrowed, family.admin, 'for-clients'))).toBe('403 exceeds_ceiling')
    expect((await attach(family.root, family.admin, 'for-clients')).status).toBe(200)
    expect((await detach(family.root, family.admin, 'for-clients')).status).toBe(200)
  })

  test('not those that it creates below others, by the name or the attributes that it chooses', async () => {
    await attach(family.root, family.admin, 'all')
    const lines = [{ username: 'boss' }, { role: 'client', attributes: { tier: 'gold' } }]
    const create = (who: SignedIn, more: object) =>
      api.post('/auth/client/create', { name: 'x', ...NEW, ...more, admin_id: family.admin.id }, who.access)
    await withAttachments(
      lines.map((to) => ({ to, policies: ['all'] })),
      async () => {
        for (const more of [{ username: 'boss' }, { attributes: { tier: 'gold' } }])
          expect(refusal(await create(narrowed, more)), JSON.stringify(more)).toBe('403 exceeds_ceiling')
        const silver = await create(narrowed, { username: 'silver', attributes: { tier: 'silver' } })
        expect(await check(api, signedIn(silver).access, 'orders:Write', ORDER)).toBe('DENY_IMPLICIT')
        const gold = await create(family.root, { attributes: { tier: 'gold' } })
        expect(await check(api, signedIn(gold).access, 'orders:Write', ORDER)).toBe('ALLOW')
      },
    )
    await detach(family.root, family.admin, 'all')
  })

  test('what it has itself it gives, edits and takes away', async () => {
    expect((await putAs(narrowed, '/policies/own', allowing('own', 'orders:Read'))).status).toBe(201)
    expect((await attach(narrowed, family.admin, 'own')).status).toBe(200)
    expect((await putAs(narrowed, '/policies/own', allowing('own', 'orders:Read', '*'))).status).toBe(200)
    expect((await detach(narrowed, family.admin, 'own')).status).toBe(200)
    expect((await api.del('/policies/own', narrowed.access)).status).toBe(200)
  })
})

describe('what is given is compared, not the words of today', () => {
  test('a wildcard is covered by a wildcard only: verbs come later', async () => {
    expect((await bound(family.root, bounded, 'desk')).status).toBe(200)
    const all = await attach(bounded, family.admin, 'all')
    expect(refusal(all)).toBe('403 exceeds_ceiling')
    const verbs = allowing('verbs', ['orders:Read', 'orders:Write'])
    expect((await putAs(bounded, '/policies/verbs', verbs)).status).toBe(201)
    expect((await attach(bounded, family.admin, 'verbs')).status).toBe(200)
    expect((await detach(bounded, family.admin, 'verbs')).status).toBe(200)
  })

  test('what a role has is given to all who will have it, whatever their ids are like', async () => {
    await asRoot(
      '/policies/short',
      policyOf(
        'short',
        { Effect: 'Allow', Action: ['authctl:*', 'policies:*', 'places:*'], Resource: '*' },
        { Effect: 'Allow', Action: 'orders:Read', Resource: 'order/?/x' },
      ),
    )
    expect((await bound(family.root, bounded, 'short')).status).toBe(200)
    const own = policyOf('of-own', {
      Effect: 'Allow',
      Action: 'orders:Read',
      Resource: 'order/${principal.id}/x',
    })
    await asRoot('/policies/of-own', own)
    const line = { to: { role: 'user' }, policies: ['of-own'] }
    const list = [...(await attachments()), line]
    expect(refusal(await putAs(bounded, '/attachments', { attachments: list }))).toBe('403 exceeds_ceiling')
  })

  test('values are compared as sets: two values are not one with a comma', async () => {
    expect((await bound(family.root, bounded, 'no-secrets')).status).toBe(200)
    const reading = (values: string[] | string) =>
      policyOf('env', {
        Effect: 'Allow',
        Action: 'orders:Read',
        Resource: 'order/*',
        Condition: { StringNotEquals: { 'resource.env': values } },
      })
    await asRoot('/policies/env', reading('prod,secret'))
    expect(refusal(await attach(bounded, family.admin, 'env'))).toBe('403 exceeds_ceiling')
    await asRoot('/policies/env', reading(['secret', 'prod']))
    expect((await attach(bounded, family.admin, 'env')).status).toBe(200)
    expect((await detach(bounded, family.admin, 'env')).status).toBe(200)
  })
})

test('a service that comes or changes later is refused where a stored statement would mean something else', async () => {
  const goods = (always: boolean) => ({
    service: 'goods',
    actions: { Move: { resources: ['pallet'], keys: ['goods.region'] } },
    resource_types: { pallet: {} },
    context_keys: { 'goods.region': { type: 'string', always } },
  })
  const first = await putAs(family.root, '/services/goods', goods(true))
  // It names no service: what comes later is meant too, and has no region.
  const others = policyOf('others', {
    Effect: 'Deny',
    NotAction: ['authctl:*', 'policies:*', 'places:*', 'orders:*'],
    Resource: 'pallet/${goods.region}/*',
  })
  await asRoot('/policies/others', others)
  const shop = { service: 'shop', actions: { Buy: { resources: ['cart'] } }, resource_types: { cart: {} } }
  const answer = await putAs(family.root, '/services/shop', shop)
  expect(refusal(answer)).toBe('409 policy_in_use')
  expect(answer.text).toContain('root/others')
  const sometimes = await api.call('PUT', '/services/goods', {
    token: family.root.access,
    headers: { 'if-match': String(first.headers['etag']) },
    body: goods(false),
  })
  expect(refusal(sometimes)).toBe('409 policy_in_use')
  expect((await api.del('/policies/others', family.root.access)).status).toBe(200)
  expect((await putAs(family.root, '/services/shop', shop)).status).toBe(201)
})

describe('a key that was always there may be missing: a service is not changed so under what is stored', () => {
  const goods = (always: boolean, keys = ['depot.region']) => ({
    service: 'depot',
    actions: {
      Move: { resources: ['pallet'], ...(keys.length > 0 && { keys }) },
      Count: { resources: ['pallet'], keys: ['depot.region'] },
    },
    resource_types: { pallet: {} },
    context_keys: { 'depot.region': { type: 'string', always } },
  })
  const declare = (body: object) =>
    api.call('PUT', '/services/depot', { token: family.root.access, headers: { 'if-match': '*' }, body })
  const more = () => {
    const { actions, ...rest } = goods(true)
    return { ...rest, actions: { ...actions, Burn: { resources: ['pallet'] } } }
  }
  const about = (effect: string, operator: string, extra: object = {}) =>
    policyOf('regional', {
      Effect: effect,
      Action: 'depot:*',
      Resource: '*',
      Condition: { [operator]: { 'depot.region': 'eu' }, ...extra },
    })
  const ABSENT = { Null: { 'depot.region': 'false' } }

  beforeAll(() => asRoot('/services/depot', goods(true)))

  test.each([
    ['a Deny that compares it', about('Deny', 'StringEquals')],
    ['a Deny that looks for a part of it', about('Deny', 'StringLike')],
    ['an Allow of all but one value', about('Allow', 'StringNotEquals')],
  ])('%s', async (_what, document) => {
    await asRoot('/policies/regional', document)
    for (const changed of [goods(false), goods(true, []), more()]) {
      const answer = await declare(changed)
      expect(refusal(answer)).toBe('409 policy_in_use')
      expect(answer.text).toContain('root/regional')
      expect(answer.text).toContain('depot.region')
    }
    expect((await api.del('/policies/regional', family.root.access)).status).toBe(200)
  })

  test.each([
    ['a Deny that says what its absence means', about('Deny', 'StringEqualsIfExists')],
    ['a Deny that asks for it', about('Deny', 'StringEquals', ABSENT)],
    ['a Deny of all but one value', about('Deny', 'StringNotEquals')],
    ['an Allow that compares it', about('Allow', 'StringEquals')],
    ['an Allow that asks for it', about('Allow', 'StringNotEquals', ABSENT)],
  ])('nothing is in the way of it where nothing would be loosened: %s', async (_what, document) => {
    await asRoot('/policies/regional', document)
    for (const changed of [goods(false), goods(true, []), more()]) {
      expect((await declare(changed)).status).toBe(200)
      expect((await declare(goods(true))).status).toBe(200)
    }
    expect((await api.del('/policies/regional', family.root.access)).status).toBe(200)
  })
})
