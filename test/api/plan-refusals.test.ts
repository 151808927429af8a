import { beforeAll, describe, expect, test } from 'vitest'
import { refusal, type Api } from '../support/api.ts'
import { PASSWORD, signedIn, type Family } from '../support/accounts.ts'
import { documents, READERS, SHOP, usePlanner, WRITERS } from '../support/planner.ts'
import { allowing, put } from '../support/policy-calls.ts'
import { applySet, attaching, bodyOf, planSet } from '../support/policy-sets.ts'

let api: Api
let family: Family
let token: string
const { newAdmin, newName, newNamespace, home: planner } = usePlanner()
beforeAll(() => void ({ api, family, token } = planner()))

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
    for (let n = 0; n < 2; n++)
      await api.post('/auth/client/create', { ...client, username: newName() }, creator)
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

  test('rights that the applier lacks, by a plan, an apply or a rollback', async () => {
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

  test('single changes that the applier may not make', async () => {
    const admin = await newAdmin()
    const frozen = newName()
    const denying = {
      Version: 'authctl/1',
      Id: frozen,
      Statement: [{ Effect: 'Deny', Action: 'authctl:PutPolicy', Resource: '*' }],
    }
    await put(api, `/policies/${frozen}`, { token, body: denying })
    await api.post(`/accounts/${admin.id}/policies/root%2F${frozen}`, {}, token)
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
        { name: 'x', username: newName(), password: PASSWORD },
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

  test('of what the root attaches, and holds of accounts, a tenant hears nothing: it names others', async () => {
    const [one, two] = [await newAdmin(), await newAdmin()]
    const files = documents(READERS)
    const to = { id: two.id }
    const rule = { invariant: 'apart', neverGrants: { to, Action: 'orders:Write', Resource: 'order/safe/*' } }
    await applySet(
      api,
      token,
      bodyOf('told', {
        ...files,
        'attachments/a.json': attaching({ to, policies: ['readers'] }),
        'invariants/apart.json': rule,
      }),
    )
    const headFor = async (who: string) => {
      const { body } = await api.get('/policies/revisions?namespace=root', who)
      const [{ id } = { id: '' }] = body['items'] as unknown as { id: string }[]
      return (await api.get(`/policies/revisions/${id}?namespace=root`, who)).text
    }
    expect(await headFor(token)).toContain(two.id)
    const told = await headFor(one.access)
    expect(told).toContain('"name":"readers"')
    expect(told).not.toContain(two.id)
  })
})
