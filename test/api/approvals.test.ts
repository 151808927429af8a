import { beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD, signedIn, type Family, type SignedIn } from '../support/accounts.ts'
import { refusal, type Answer, type Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import { allowing, ORDERS_SERVICE, policyOf, put } from '../support/policy-calls.ts'
import { applySet, attaching, bodyOf, planSet, type SentPlan } from '../support/policy-sets.ts'

let api: Api
let family: Family
let token: string
let other: SignedIn
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ api, family } = home))

const FOUR_EYES = {
  invariant: 'four-eyes',
  needsApproval: { objects: ['document/billing-*', 'attachment/role=user'] },
}
const FILES = {
  'services/orders.json': ORDERS_SERVICE,
  'documents/billing-read.json': allowing('billing-read', 'orders:Read'),
  'documents/shop.json': allowing('shop', 'orders:Read'),
  'invariants/four-eyes.json': FOUR_EYES,
}
let amount = 0
/** The set with something else in what two change together. */
const changed = (): typeof FILES => ({
  ...FILES,
  'documents/billing-read.json': allowing('billing-read', 'orders:Read', `order/${++amount}/*`),
})

let names = 0
const create = async (noun: string, more: object = {}): Promise<SignedIn> =>
  signedIn(
    await api.post(
      `/auth/${noun}/create`,
      { name: 'x', username: `second${++names}`, password: PASSWORD, ...more },
      token,
    ),
  )
const approve = (plan: SentPlan, by: SignedIn): Promise<Answer> =>
  api.post('/policies/approve', { plan }, by.access)
const apply = (files: object, by: SignedIn, options: object = {}): Promise<Answer> =>
  api.post('/policies/apply', bodyOf('four', files as typeof FILES, { ...options }), by.access)
const approved = async (plan: SentPlan, by: SignedIn): Promise<Answer['body']> => {
  const { status, text, body } = await approve(plan, by)
  if (status !== 200) throw new Error(text)
  return body
}

beforeAll(async () => {
  token = family.root.access
  other = await create('superadmin')
  expect(await applySet(api, token, bodyOf('four', FILES))).toMatchObject({ applied: true })
})

describe('what two accounts change together', () => {
  test('is applied by one with the approval of another, and the revision names both', async () => {
    const files = changed()
    const plan = await planSet(api, token, bodyOf('four', files))
    expect(plan.refusals).toMatchObject([
      { code: 'approval_required', errors: [{ pointer: 'document/billing-read' }] },
    ])
    expect(refusal(await apply(files, family.root, { plan }))).toBe('403 approval_required')
    const approval = await approved(plan, other)
    expect(approval).toMatchObject({ plan: plan.signature, actor: other.id })
    const applied = await apply(files, family.root, { plan, approval })
    expect(applied.body, applied.text).toMatchObject({ applied: true, plan: { refusals: [] } })
    const { body } = await api.get('/policies/revisions?limit=1', token)
    expect(body['items']).toMatchObject([{ actor: family.root.id, approved_by: other.id, event: 'apply' }])
  })

  test('is all that needs it', async () => {
    const present = await planSet(api, token, bodyOf('four', FILES))
    expect(present.refusals).toMatchObject([{ code: 'approval_required' }])
    const { status, text } = await put(api, '/policies/shop', {
      token,
      body: allowing('shop', 'orders:Write'),
    })
    expect(status, text).toBe(200)
  })

  test.each<[string, () => Promise<Answer>]>([
    ['a set', () => apply(changed(), family.root)],
    [
      'a policy that is put',
      () =>
        put(api, '/policies/billing-read', {
          token,
          body: policyOf('billing-read', { Effect: 'Deny', Action: '*', Resource: '*' }),
        }),
    ],
    [
      'a new policy of the kind',
      () => put(api, '/policies/billing-new', { token, body: allowing('billing-new', 'orders:Read') }),
    ],
    ['a policy that is deleted', () => api.del('/policies/billing-read', token)],
    [
      'attachments',
      async () => {
        const present = (await api.get('/attachments', token)).body['attachments'] as unknown as {
          to: { role: string }
        }[]
        return put(api, '/attachments', {
          token,
          body: attaching(...present.filter(({ to }) => to.role !== 'user')),
        })
      },
    ],
    ['a way back', () => api.post('/policies/rollback', { revision: '1' }, token)],
    [
      'a set that drops the rule with it',
      () =>
        apply(
          {
            ...changed(),
            'invariants/four-eyes.json':
              '{"invariant": "four-eyes", "needsApproval": {"objects": "document/none"}}',
          },
          family.root,
        ),
    ],
    [
      'the rule alone',
      () =>
        apply(
          {
            ...FILES,
            'documents/billing-read.json': allowing('billing-read', 'orders:Read', `order/${amount}/*`),
            'invariants/four-eyes.json': { ...FOUR_EYES, needsApproval: { objects: 'document/none' } },
          },
          family.root,
        ),
    ],
    [
      'the rule and its set pruned',
      () => apply({ 'services/orders.json': ORDERS_SERVICE }, family.root, { prune: true }),
    ],
  ])('is not changed by one alone: %s', async (_, change) => {
    const before = (await api.get('/policies/revisions?limit=1', token)).body['items']
    const answer = await change()
    expect(refusal(answer), answer.text).toBe('403 approval_required')
    expect((await api.get('/policies/revisions?limit=1', token)).body['items']).toEqual(before)
  })
})

describe('an approval is refused', () => {
  test('of the account that made the plan, and of the one that applies it', async () => {
    const files = changed()
    const plan = await planSet(api, token, bodyOf('four', files))
    const own = await approve(plan, family.root)
    expect(refusal(own), own.text).toBe('403 forbidden')
    const approval = await approved(plan, other)
    expect(refusal(await apply(files, other, { plan, approval }))).toBe('422 plan_invalid')
  })

  test('when it was changed, is of another plan, or comes without one', async () => {
    const files = changed()
    const plan = await planSet(api, token, bodyOf('four', files))
    const approval = await approved(plan, other)
    const third = await create('superadmin')
    const elsewhere = changed()
    const others = await planSet(api, token, bodyOf('four', elsewhere))
    for (const sent of [
      { plan, approval: { ...approval, actor: third.id } },
      { plan, approval: { ...approval, expires_at: '2999-01-01T00:00:00.000Z' } },
      { plan, approval: { ...approval, plan: others.signature } },
      { plan, approval: {} },
      { plan, approval: { ...plan } },
      { approval },
    ])
      expect(refusal(await apply(files, family.root, sent))).toBe('422 plan_invalid')
    const crossed = await apply(elsewhere, family.root, { plan: others, approval })
    expect(refusal(crossed)).toBe('422 plan_invalid')
    // An approval is no plan.
    expect(refusal(await apply(files, family.root, { plan: approval }))).toBe('422 plan_invalid')
    expect(refusal(await approve(approval as unknown as SentPlan, other))).toBe('422 plan_invalid')
    expect(refusal(await approve({ ...plan, changes: [] }, other))).toBe('422 plan_invalid')
  })

  test('when something has changed since', async () => {
    const files = changed()
    const plan = await planSet(api, token, bodyOf('four', files))
    const approval = await approved(plan, other)
    await put(api, '/policies/elsewhere', {
      token,
      body: allowing('elsewhere', 'orders:Read', `order/${amount}`),
    })
    expect(refusal(await approve(plan, other))).toBe('409 plan_stale')
    expect(refusal(await apply(files, family.root, { plan, approval }))).toBe('409 plan_stale')
  })

  test('of an account that may not approve any more', async () => {
    const approver = await create('superadmin')
    const files = changed()
    const bar = policyOf('no-approving', {
      Effect: 'Deny',
      Action: 'authctl:ApprovePolicies',
      Resource: '*',
      Condition: { StringEquals: { 'caller.id': approver.id } },
    })
    await put(api, '/policies/no-approving', { token, body: bar })
    const plan = await planSet(api, token, bodyOf('four', files))
    const approval = await approved(plan, approver)
    const barred = await api.post(`/accounts/${approver.id}/policies/no-approving`, {}, token)
    expect(barred.status, barred.text).toBe(200)
    const answer = await apply(files, family.root, { plan, approval })
    expect(refusal(answer), answer.text).toBe('403 forbidden')
    expect(answer.body).toMatchObject({
      detail: 'It needs authctl:ApprovePolicies, which the account that has approved it may not do.',
    })
  })

  test('of an account that is disabled by then', async () => {
    const gone = await create('superadmin')
    const files = changed()
    const plan = await planSet(api, token, bodyOf('four', files))
    const approval = await approved(plan, gone)
    await api.post(`/accounts/${gone.id}/disable`, {}, token)
    expect(refusal(await apply(files, family.root, { plan, approval }))).toBe('422 plan_invalid')
  })

  test('of one who may not make the change: then, or when it is applied', async () => {
    await put(api, '/policies/no-policies', {
      token,
      body: policyOf('no-policies', { Effect: 'Deny', Action: 'authctl:PutPolicy', Resource: '*' }),
    })
    const narrow = await create('superadmin')
    const files = changed()
    const plan = await planSet(api, token, bodyOf('four', files))
    const approval = await approved(plan, narrow)
    await api.post(`/accounts/${narrow.id}/policies/root%2Fno-policies`, {}, token)
    expect(refusal(await approve(plan, narrow))).toBe('403 forbidden')
    expect(refusal(await apply(files, family.root, { plan, approval }))).toBe('403 forbidden')
    expect(refusal(await approve(plan, family.admin))).toBe('403 forbidden')
    expect(refusal(await approve(plan, family.client))).toBe('403 forbidden')
  })
})

test('the plan of an admin is approved from above, and by nobody beside it', async () => {
  const { admin } = family
  const files = { 'documents/mine.json': allowing('mine', 'orders:Read', 'order/${principal.path}/*') }
  const all = { invariant: 'all', needsApproval: { objects: '*' } }
  await applySet(api, admin.access, bodyOf('own', { 'invariants/all.json': all }))
  const body = bodyOf('own', { ...files, 'invariants/all.json': all })
  const plan = await planSet(api, admin.access, body)
  const beside = await create('admin')
  expect(refusal(await approve(plan, beside))).toBe('404 not_found')
  const approval = await approved(plan, family.root)
  expect(await applySet(api, admin.access, { ...body, plan, approval })).toMatchObject({ applied: true })
})
