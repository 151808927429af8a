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

const READERS = allowing('readers', 'orders:Read', 'order/*')
const WRITERS = allowing('writers', 'orders:Write', 'order/*')

/** The id of an empty namespace, and how its sets are sent, by the super-admin if nobody else is named. */
const newNamespace = async () => {
  const { id, access } = await newAdmin()
  const body = (set: string, files: Readonly<Record<string, unknown>>, options = {}) =>
    bodyOf(set, files, { namespace: id, ...options })
  return {
    id,
    access,
    plan: (...sent: Parameters<typeof body>) => planSet(api, token, body(...sent)),
    apply: (...sent: Parameters<typeof body>) => applySet(api, token, body(...sent)),
    tryApply: (...sent: Parameters<typeof body>) => api.post('/policies/apply', body(...sent), token),
    put: (name: string, document: object) => put(api, `/policies/${id}%2F${name}`, { token, body: document }),
    attachments: async () =>
      (await api.get(`/attachments?namespace=${id}`, token)).body['attachments'] as unknown as object[],
    names: async () =>
      ((await api.get(`/policies?namespace=${id}`, token)).body['items'] as unknown as { id: string }[]).map(
        (each) => each.id,
      ),
  }
}

const documents = (...all: { Id: string }[]) =>
  Object.fromEntries(all.map((each) => [`documents/${each.Id}.json`, each]))

test('a plan warns of what is legal and probably not meant, at its place', async () => {
  const home = await newNamespace()
  const plan = await home.plan('acme', documents(allowing('wide', 'orders:*', '*')))
  expect(plan.warnings.map(({ code, file, line }) => `${code} ${file}:${line}`)).toEqual(
    expect.arrayContaining(['W_NEVER_ATTACHED documents/wide.json:3']),
  )
})

describe('owners', () => {
  beforeAll(() => {
    token = family.root.access
  })

  test('what was made by hand or is of another set is a conflict until it is adopted by name', async () => {
    const home = await newNamespace()
    await home.put('readers', READERS)
    const plan = await home.plan('acme', documents(READERS, WRITERS))
    expect(plan.conflicts).toEqual([{ kind: 'document', name: 'readers', owner: null, source: null }])
    const refused = await home.tryApply('acme', documents(READERS, WRITERS))
    expect(refusal(refused)).toBe('409 policy_conflict')
    expect(refused.body['errors']).toMatchObject([{ pointer: 'document/readers' }])
    expect(await home.names()).toEqual(['readers'])
    const adopt = { adopt: ['document/readers'] }
    const adopting = await home.plan('acme', documents(READERS, WRITERS), adopt)
    expect(adopting.changes).toMatchObject([
      { verb: 'update', name: 'readers', owner: null, adopts: true, before: READERS, after: READERS },
      { verb: 'create', name: 'writers' },
    ])
    expect(await home.apply('acme', documents(READERS, WRITERS), adopt)).toMatchObject({ applied: true })
    const foreign = await home.tryApply('other', documents(WRITERS))
    expect(refusal(foreign)).toBe('409 policy_conflict')
    expect(foreign.text).toContain('is of the set acme')
  })

  test('sets share a namespace: attachments stand side by side, and prune touches the own ones alone', async () => {
    const home = await newNamespace()
    const to = { role: 'client' }
    const attached = (name: string) => ({ 'attachments/a.json': attaching({ to, policies: [name] }) })
    await home.apply('one', { ...documents(READERS), ...attached('readers') })
    await home.apply('two', { ...documents(WRITERS), ...attached('writers') })
    await home.put('handmade', allowing('handmade', 'orders:Read', 'order/*'))
    expect(await home.attachments()).toEqual([
      { to, policies: ['readers'] },
      { to, policies: ['writers'] },
    ])
    const kept = await home.plan('one', {})
    expect(kept).toMatchObject({
      changes: [],
      spared: [
        { kind: 'document', name: 'readers' },
        { kind: 'attachment', name: 'role=client' },
      ],
    })
    const pruned = await home.apply('one', {}, { prune: true })
    expect(changesOf(planOf({ status: 200, text: '', headers: {}, body: pruned }))).toEqual([
      'delete document/readers',
      'delete attachment/role=client',
    ])
    expect(await home.attachments()).toEqual([{ to, policies: ['writers'] }])
    expect(await home.names()).toEqual(['handmade', 'writers'])
  })

  test('an object of a set that is changed by hand stays its own, and says that no commit has it', async () => {
    const home = await newNamespace()
    await home.apply('acme', documents(READERS), { commit: '4f1d2c9a7b' })
    await home.put('readers', allowing('readers', 'orders:*', 'order/*'))
    const { body } = await api.get(`/policies/revisions/2?namespace=${home.id}`, token)
    expect(body['objects']).toMatchObject([
      {
        origin: { set: 'acme', commit: null, source: null, dirty: true, revision: 2, actor: family.root.id },
      },
    ])
    expect(changesOf(await home.plan('acme', documents(READERS)))).toEqual(['update document/readers'])
  })

  test('a policy that is attached to an account is not pruned', async () => {
    const home = await newNamespace()
    await home.apply('acme', documents(READERS))
    const client = await api.post(
      '/auth/client/create',
      { name: 'x', username: `held${++made}`, password: PASSWORD, admin_id: home.id },
      token,
    )
    const { id } = signedIn(client)
    await api.post(`/accounts/${home.id}/policies/root%2Forders-all`, {}, token)
    const attach = await api.post(`/accounts/${id}/policies/readers`, {}, home.access)
    expect(attach.status, attach.text).toBe(200)
    const refused = await home.tryApply('acme', {}, { prune: true })
    expect(refusal(refused)).toBe('409 policy_in_use')
    expect(refused.body['detail']).toContain(id)
  })
})

describe('a plan as evidence', () => {
  test('is refused when the state, the files, the options or any byte of it is another', async () => {
    const home = await newNamespace()
    const files = documents(READERS)
    const plan = await home.plan('acme', files)
    const sent = (options: object, changed = files) => home.tryApply('acme', changed, { plan, ...options })
    expect(refusal(await sent({}, documents(WRITERS)))).toBe('422 plan_invalid')
    expect(refusal(await sent({ prune: true }))).toBe('422 plan_invalid')
    expect(refusal(await sent({ dirty: true }))).toBe('422 plan_invalid')
    expect((await sent({ prune: true })).body['errors']).toMatchObject([{ pointer: '/prune' }])
    await home.put('meanwhile', allowing('meanwhile', 'orders:Read', 'order/*'))
    const stale = await sent({})
    expect(refusal(stale)).toBe('409 plan_stale')
    expect(stale.body['errors']).toMatchObject([{ pointer: 'document/meanwhile', code: 'created' }])
    expect(await home.names()).toEqual(['meanwhile'])
  })

  const FLIPS = 200
  test('CLI-C4: no byte of it can be another', async () => {
    const home = await newNamespace()
    const text = JSON.stringify(await home.plan('acme', documents(READERS)))
    const flipped = Array.from({ length: FLIPS }, (_, index) => {
      const at = Math.floor((text.length * index) / FLIPS)
      const other = String.fromCharCode(text.charCodeAt(at) ^ (index % 2 === 0 ? 1 : 2))
      return text.slice(0, at) + other + text.slice(at + 1)
    })
    const plans = flipped.flatMap((changed) => {
      try {
        return [JSON.parse(changed) as unknown]
      } catch {
        // No JSON any more, and so no plan: `authctl policies apply` reads no further.
        return []
      }
    })
    expect(plans.length).toBeGreaterThan(FLIPS / 2)
    for (const plan of plans)
      expect(refusal(await home.tryApply('acme', documents(READERS), { plan })), JSON.stringify(plan)).toBe(
        '422 plan_invalid',
      )
    expect(await home.names()).toEqual([])
  })

  test('of two operators from one base one wins; nothing of the other is there', async () => {
    const home = await newNamespace()
    const sets = [documents(READERS), documents(WRITERS)] as const
    const plans = await Promise.all(sets.map((files, index) => home.plan(`set${index}`, files)))
    const answers = await Promise.all(
      sets.map((files, index) => home.tryApply(`set${index}`, files, { plan: plans[index] })),
    )
    const statuses = answers.map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([200, 409]))
    expect(await home.names()).toEqual([statuses[0] === 200 ? 'readers' : 'writers'])
  })
})

describe('what a plan is refused for', () => {
  test('more accounts or deletes than the limits allow', async () => {
    const home = await newNamespace()
    const client = { name: 'x', password: PASSWORD, admin_id: home.id }
    const creator = family.root.access
    for (const name of ['a', 'b'])
      await api.post('/auth/client/create', { ...client, username: `limited${++made}${name}` }, creator)
    await api.post(`/accounts/${home.id}/policies/root%2Forders-all`, {}, creator)
    const files = {
      ...documents(READERS),
      'attachments/a.json': attaching({ to: { role: 'client' }, policies: ['readers'] }),
    }
    const plan = await home.plan('acme', files)
    expect(plan.access).toMatchObject({
      gained: { rights: 1, accounts: 2 },
      lost: { accounts: 0 },
      examined: 2,
    })
    expect(plan.access.changes).toMatchObject([
      {
        verb: 'gain',
        action: 'orders:Read',
        accounts: 2,
        witness: { before: 'DENY_IMPLICIT', after: 'ALLOW' },
      },
    ])
    const refused = await home.tryApply('acme', files, { limits: { max_gain: 1 } })
    expect(refusal(refused)).toBe('409 limits_exceeded')
    expect(refused.body['errors']).toMatchObject([{ pointer: '/limits/max_gain' }])
    await home.apply('acme', files, { limits: { max_gain: 2 } })
    const options = { prune: true, limits: { max_deletes: 1, max_lose: 0 } }
    const lost = await home.tryApply('acme', {}, options)
    expect(lost.body['errors']).toMatchObject([
      { pointer: '/limits/max_lose' },
      { pointer: '/limits/max_deletes' },
    ])
  })

  test('rights that whoever applies lacks, by a plan, an apply or a rollback', async () => {
    const admin = await newAdmin()
    const body = bodyOf('acme', {
      ...documents(READERS),
      'attachments/a.json': attaching({ to: { role: 'client' }, policies: ['readers'] }),
    })
    const plan = await planSet(api, admin.access, body)
    expect(plan.refusals).toMatchObject([{ code: 'exceeds_ceiling' }])
    expect(refusal(await api.post('/policies/apply', body, admin.access))).toBe('403 exceeds_ceiling')
    const there = { namespace: admin.id }
    await applySet(api, token, { ...body, ...there })
    await applySet(api, token, bodyOf('acme', {}, { ...there, prune: true }))
    const back = await api.post('/policies/rollback', { revision: '1' }, admin.access)
    expect(refusal(back)).toBe('403 exceeds_ceiling')
    expect((await api.post('/policies/rollback', { ...there, revision: '1' }, token)).status).toBe(200)
  })

  test('single changes that whoever applies may not make', async () => {
    const admin = await newAdmin()
    const denying = {
      Version: 'authctl/1',
      Id: `frozen${made}`,
      Statement: [{ Effect: 'Deny', Action: 'authctl:PutPolicy', Resource: '*' }],
    }
    await put(api, `/policies/frozen${made}`, { token, body: denying })
    await api.post(`/accounts/${admin.id}/policies/root%2Ffrozen${made}`, {}, token)
    const refused = await api.post('/policies/apply', bodyOf('acme', documents(READERS)), admin.access)
    expect(refusal(refused)).toBe('403 forbidden')
    expect(refused.body['detail']).toContain('authctl:PutPolicy')
  })

  test('a lock-out, unless it is asked for', async () => {
    const denying = {
      Version: 'authctl/1',
      Id: 'no-plans',
      Statement: [{ Effect: 'Deny', Action: 'authctl:ApplyPolicies', Resource: '*' }],
    }
    const other = signedIn(
      await api.post(
        '/auth/superadmin/create',
        { name: 'x', username: `spare${++made}`, password: PASSWORD },
        token,
      ),
    )
    const files = {
      ...documents(denying),
      'attachments/a.json': attaching({ to: { id: other.id }, policies: ['no-plans'] }),
    }
    const refused = await api.post('/policies/apply', bodyOf('lock', files), other.access)
    expect(refusal(refused)).toBe('409 would_lock_out')
    const plan = await planSet(api, other.access, bodyOf('lock', files))
    expect(plan.refusals).toMatchObject([{ code: 'would_lock_out' }])
    const asked = bodyOf('lock', files, { allow_lockout: true })
    expect((await planSet(api, other.access, asked)).refusals).toEqual([])
    expect(await applySet(api, other.access, asked)).toMatchObject({ applied: true })
    expect(refusal(await api.post('/policies/apply', bodyOf('lock', {}), other.access))).toBe('403 forbidden')
    expect(await applySet(api, token, bodyOf('lock', {}, { prune: true }))).toMatchObject({ applied: true })
  })

  test('a way back that a service above has closed since, which it names', async () => {
    const home = await newNamespace()
    const service = { ...SHOP, service: 'tools', actions: { ...SHOP.actions, Lend: { resources: ['item'] } } }
    await put(api, '/services/tools', { token, body: service })
    await home.apply('acme', documents(allowing('lenders', 'tools:Lend', 'item/*')))
    await home.apply('acme', {}, { prune: true })
    const headers = { 'if-match': '*' }
    const without = await api.call('PUT', '/services/tools', {
      token,
      headers,
      body: { ...SHOP, service: 'tools' },
    })
    expect(without.status, without.text).toBe(200)
    const refused = await api.post('/policies/rollback', { namespace: home.id, revision: '1' }, token)
    expect(refusal(refused)).toBe('422 policy_invalid')
    expect(refused.body['errors']).toMatchObject([
      {
        pointer: 'document/lenders',
        code: 'E_ACTION_UNKNOWN',
        detail: expect.stringContaining('tools:Lend'),
      },
    ])
  })

  test('a namespace and a revision that the caller does not see', async () => {
    const [one, two] = [await newAdmin(), await newAdmin()]
    await applySet(api, token, bodyOf('acme', documents(READERS), { namespace: two.id }))
    for (const path of ['plan', 'apply']) {
      const body = bodyOf('acme', documents(READERS), { namespace: two.id })
      expect(refusal(await api.post(`/policies/${path}`, body, one.access))).toBe('404 not_found')
    }
    for (const path of ['', '/1'])
      expect(refusal(await api.get(`/policies/revisions${path}?namespace=${two.id}`, one.access))).toBe(
        '404 not_found',
      )
    const { body } = await api.get(`/policies/revisions?namespace=${two.id}`, token)
    const [{ id } = { id: '' }] = body['items'] as unknown as { id: string }[]
    expect(refusal(await api.get(`/policies/revisions/${id}`, one.access))).toBe('404 not_found')
    expect(refusal(await api.post('/policies/rollback', { revision: id }, one.access))).toBe('404 not_found')
  })
})
