import { beforeAll, describe, expect, test } from 'vitest'
import { refusal, type Api } from '../support/api.ts'
import { PASSWORD, signedIn, type Family } from '../support/accounts.ts'
import { documents, READERS, RENAMED_SHOP, SHOP, usePlanner, WRITERS } from '../support/planner.ts'
import { allowing, policyOf } from '../support/policy-calls.ts'
import { applySet, attaching, bodyOf, changesOf, planOf, planSet } from '../support/policy-sets.ts'

let api: Api
let family: Family
let token: string
let namespace: string
const { newAdmin, newName, newNamespace, home: planner } = usePlanner()
beforeAll(() => void ({ api, family, token } = planner()))

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
      'services/shop.json': RENAMED_SHOP,
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

test('a plan warns of what is legal and probably not meant, at its place', async () => {
  const home = await newNamespace()
  const plan = await home.plan('acme', documents(allowing('wide', 'orders:*', '*')))
  expect(plan.warnings.map(({ code, file, line }) => `${code} ${file}:${line}`)).toEqual(
    expect.arrayContaining(['W_NEVER_ATTACHED documents/wide.json:3']),
  )
})

test('a key that was always there may be missing with what is written anew for it, and under nothing else', async () => {
  const home = await newNamespace()
  const files = (always: boolean, ifExists: string) => {
    const requests = {
      Action: 'mart:Sell',
      Resource: '*',
      Condition: { [`StringEquals${ifExists}`]: { 'mart.region': 'eu' } },
    }
    return {
      'services/mart.json': {
        service: 'mart',
        actions: { Sell: { resources: ['ware'], keys: ['mart.region'] } },
        resource_types: { ware: {} },
        context_keys: { 'mart.region': { type: 'string', always } },
      },
      'documents/not-eu.json': policyOf('not-eu', { Effect: 'Deny', ...requests }),
      'invariants/never-eu.json': {
        invariant: 'never-eu',
        neverGrants: { to: { role: 'user' }, ...requests },
      },
    }
  }
  await home.apply('acme', files(true, ''))
  const [strict, loose] = [files(true, ''), files(false, 'IfExists')]
  const left = ['documents/not-eu.json', 'invariants/never-eu.json'] as const
  for (const name of left) {
    const { refusals } = await home.plan('acme', { ...loose, [name]: strict[name] })
    expect(refusals).toMatchObject([
      {
        code: 'policy_in_use',
        errors: [{ code: 'W_DENY_MISSING', pointer: expect.stringMatching(/-eu$/) as unknown }],
      },
    ])
  }
  expect(await home.apply('acme', loose)).toMatchObject({ applied: true })
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
    const misspelt = { adopt: ['document/readers', 'document/reader', 'service/readers'] }
    for (const how of ['tryPlan', 'tryApply'] as const) {
      const unknown = await home[how]('acme', documents(READERS, WRITERS), misspelt)
      expect(refusal(unknown)).toBe('400 invalid_request')
      expect(unknown.body['errors']).toMatchObject([
        {
          pointer: '/adopt/1',
          code: 'unknown_object',
          detail: expect.stringMatching(/Did you mean document\/readers\?$/) as unknown,
        },
        { pointer: '/adopt/2', code: 'unknown_object' },
      ])
    }
    for (const isApplied of [true, false])
      expect(await home.apply('acme', documents(READERS, WRITERS), adopt)).toMatchObject({
        applied: isApplied,
      })
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
      { name: 'x', username: newName(), password: PASSWORD, admin_id: home.id },
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
