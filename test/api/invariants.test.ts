import { beforeAll, describe, expect, test } from 'vitest'
import { signedIn, type Family, type SignedIn } from '../support/accounts.ts'
import { refusal, type Answer, type Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import { allowing, policyOf, put } from '../support/policy-calls.ts'
import { applySet, attaching, bodyOf, changesOf, planOf, planSet } from '../support/policy-sets.ts'

let api: Api
let family: Family
let token: string
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ api, family } = home))

const TILL = {
  service: 'till',
  actions: { Read: { resources: ['sale'] }, Refund: { resources: ['sale'] } },
  resource_types: { sale: {} },
}
const TRIAL = { role: 'client', attributes: { tier: 'trial' } }
const deny = (Id: string, Action: string) =>
  policyOf(Id, { Effect: 'Allow', Action: '*', Resource: '*' }, { Effect: 'Deny', Action, Resource: '*' })
const DOCUMENTS = {
  'documents/reader.json': allowing('reader', 'till:Read', 'sale/*'),
  'documents/clerk.json': allowing('clerk', ['till:Read', 'till:Refund'], 'sale/*'),
  'documents/no-money.json': deny('no-money', 'till:Refund'),
  'documents/blind.json': policyOf('blind', { Effect: 'Deny', Action: 'till:Read', Resource: '*' }),
}
const ATTACHMENTS = [
  { to: { role: 'admin' }, policies: ['clerk'] },
  { to: { role: 'client' }, policies: ['reader'] },
]
const FILES = {
  'services/till.json': TILL,
  ...DOCUMENTS,
  'attachments/roles.json': attaching(...ATTACHMENTS),
}
const INVARIANTS = {
  'invariants/trials.json': {
    invariant: 'trials',
    neverGrants: { to: TRIAL, Action: 'till:Refund', Resource: '*' },
  },
  'invariants/readable.json': {
    invariant: 'readable',
    alwaysGrants: { to: { role: 'client' }, Action: 'till:Read', Resource: 'sale/${principal.path}/*' },
  },
  'invariants/whole.json': {
    invariant: 'whole',
    alwaysGrants: { to: { role: 'admin' }, Action: 'till:*', Resource: '*' },
  },
  'invariants/nobody-else.json': {
    invariant: 'nobody-else',
    onlyBy: {
      to: [{ role: 'super-admin' }, { role: 'admin' }, { role: 'client' }],
      Action: 'till:*',
      Resource: '*',
    },
  },
}
const GUARDED = { ...FILES, ...INVARIANTS }

let numbers = 0
/** By a phone number: nothing has to be hashed. */
const create = (noun: string, by: SignedIn, more: object = {}): Promise<Answer> =>
  api.post(
    `/auth/${noun}/create`,
    { name: 'x', number: `+9198200${String(++numbers).padStart(5, '0')}`, ...more },
    by.access,
  )
const made = async (...of: Parameters<typeof create>): Promise<SignedIn> => signedIn(await create(...of))
const attach = (id: string, name: string): Promise<Answer> =>
  api.post(`/accounts/${id}/policies/root%2F${name}`, {}, token)

let admin: SignedIn
beforeAll(async () => {
  token = family.root.access
  await applySet(api, token, bodyOf('till', FILES))
  admin = await made('admin', family.root)
  // Before there are invariants: what they forbid, put aside in an older revision.
  const trialClerks = attaching({ to: TRIAL, policies: ['root/clerk'] })
  const own = { namespace: admin.id }
  await applySet(api, token, bodyOf('own', { 'attachments/a.json': trialClerks }, own))
  await applySet(api, token, bodyOf('own', {}, { ...own, prune: true }))
})

describe('invariants of a set', () => {
  test('a plan that breaks one says so with a request, and is not applied', async () => {
    const loose = {
      ...GUARDED,
      'documents/reader.json': allowing('reader', ['till:Read', 'till:Refund'], 'sale/*'),
    }
    const plan = await planSet(api, token, bodyOf('till', loose))
    expect(plan.refusals).toMatchObject([
      {
        code: 'invariant_broken',
        detail: expect.stringMatching(
          /^The invariant trials of root .* a new client with tier="trial" might till:Refund on sale\/\S+ \(~ is any name\)\.$/,
        ) as string,
        errors: [{ pointer: 'invariant/trials', code: 'broken' }],
      },
    ])
    const refused = await api.post('/policies/apply', { ...bodyOf('till', loose), plan }, token)
    expect(refusal(refused)).toBe('409 invariant_broken')
    expect((await planSet(api, token, bodyOf('till', FILES))).changes).toEqual([])
  })

  test('are objects of the set: planned, applied, listed, and no change in other words', async () => {
    const plan = await planSet(api, token, bodyOf('till', GUARDED, { directory: 'policies' }))
    expect(changesOf(plan)).toEqual([
      'create invariant/nobody-else',
      'create invariant/readable',
      'create invariant/trials',
      'create invariant/whole',
    ])
    expect(plan).toMatchObject({ refusals: [], access: { gained: { rights: 0 }, lost: { rights: 0 } } })
    const body = bodyOf('till', GUARDED, { directory: 'policies' })
    expect(await applySet(api, token, { ...body, plan })).toMatchObject({
      applied: true,
      revision: { number: 2 },
    })
    const { body: revision } = await api.get('/policies/revisions/2', token)
    expect(revision).toMatchObject({ invariants: 4, documents: 4 })
    const objects = revision['objects'] as unknown as { kind: string; name: string; origin: object }[]
    expect(objects.find(({ name }) => name === 'trials')).toMatchObject({
      kind: 'invariant',
      origin: { set: 'till', source: 'policies/invariants/trials.json:2:16', revision: 2 },
    })
    const same = {
      ...GUARDED,
      'invariants/trials.json': {
        neverGrants: {
          Resource: ['*'],
          Action: ['till:Refund'],
          to: [{ attributes: { tier: 'trial' }, role: 'client' }],
        },
        invariant: 'trials',
      },
    }
    expect(changesOf(await planSet(api, token, bodyOf('till', same)))).toEqual([])
  })

  test('of another set are not taken over unasked', async () => {
    const { conflicts } = await planSet(
      api,
      token,
      bodyOf('other', { 'invariants/i.json': INVARIANTS['invariants/trials.json'] }),
    )
    expect(conflicts).toMatchObject([{ kind: 'invariant', name: 'trials', owner: 'till' }])
  })
})

/** Each way of changing policies, with what has to be there first, and the invariant that forbids it. */
const WAYS: readonly [string, string, () => Promise<Answer>][] = [
  [
    'a policy that is put',
    'trials',
    () => put(api, '/policies/reader', { token, body: allowing('reader', 'till:*', 'sale/*') }),
  ],
  [
    'a policy that allows less',
    'readable',
    () => put(api, '/policies/reader', { token, body: allowing('reader', 'till:Read', 'sale/x/*') }),
  ],
  [
    'attachments',
    'trials',
    async () => {
      const present = (await api.get('/attachments', token)).body['attachments'] as unknown as object[]
      const body = attaching(...present, { to: { role: 'client' }, policies: ['clerk'] })
      return put(api, '/attachments', { token, body })
    },
  ],
  [
    'attachments of a namespace below',
    'trials',
    () =>
      put(api, `/attachments?namespace=${admin.id}`, {
        token,
        body: attaching({ to: TRIAL, policies: ['root/clerk'] }),
      }),
  ],
  [
    'attachments to whom it is only for others',
    'nobody-else',
    () =>
      put(api, `/attachments?namespace=${admin.id}`, {
        token,
        body: attaching({ to: { role: 'sub-client' }, policies: ['root/reader'] }),
      }),
  ],
  [
    'a new action of a service',
    'whole',
    () =>
      api.call('PUT', '/services/till', {
        token,
        headers: { 'if-match': '*' },
        body: { ...TILL, actions: { ...TILL.actions, Void: { resources: ['sale'] } } },
      }),
  ],
  [
    'a policy attached to an account',
    'trials',
    async () => attach((await made('client', admin, { attributes: { tier: 'trial' } })).id, 'clerk'),
  ],
  [
    'a Deny that is detached',
    'trials',
    async () => {
      const attributes = { tier: 'trial' }
      const { id } = await made('client', family.root, {
        admin_id: admin.id,
        attributes,
        policies: ['clerk', 'no-money'],
      })
      return api.del(`/accounts/${id}/policies/root%2Fno-money`, token)
    },
  ],
  [
    'a boundary that is taken away',
    'trials',
    async () => {
      const attributes = { tier: 'trial' }
      const { id } = await made('client', family.root, {
        admin_id: admin.id,
        attributes,
        policies: ['clerk'],
        boundary: 'no-money',
      })
      return api.call('PUT', `/accounts/${id}/boundary`, { token, body: { policy: null } })
    },
  ],
  [
    'a boundary that is set',
    'readable',
    async () => {
      const { id } = await made('client', admin)
      return api.call('PUT', `/accounts/${id}/boundary`, { token, body: { policy: 'root/blind' } })
    },
  ],
  [
    'attributes',
    'trials',
    async () => {
      const { id } = await made('client', family.root, { admin_id: admin.id, policies: ['clerk'] })
      const headers = { 'if-match': String((await api.get(`/accounts/${id}`, token)).headers['etag']) }
      return api.call('PATCH', `/accounts/${id}`, { token, headers, body: { attributes: { tier: 'trial' } } })
    },
  ],
  [
    'an account that is created',
    'trials',
    () =>
      create('client', family.root, {
        admin_id: admin.id,
        attributes: { tier: 'trial' },
        policies: ['clerk'],
      }),
  ],
  [
    'an account above, for those below it',
    'readable',
    async () => {
      const above = await made('admin', family.root)
      await made('client', above)
      return attach(above.id, 'blind')
    },
  ],
  [
    'a set',
    'trials',
    () =>
      api.post(
        '/policies/apply',
        bodyOf('more', { 'attachments/a.json': attaching({ to: TRIAL, policies: ['root/clerk'] }) }),
        token,
      ),
  ],
  [
    'a set without what it had',
    'readable',
    () =>
      api.post(
        '/policies/apply',
        bodyOf(
          'till',
          { ...GUARDED, 'attachments/roles.json': attaching(ATTACHMENTS[0] ?? {}) },
          { prune: true },
        ),
        token,
      ),
  ],
  [
    'a way back',
    'trials',
    () => api.post('/policies/rollback', { namespace: admin.id, revision: '1' }, token),
  ],
]

test.each(WAYS)('no change breaks an invariant once it is applied: %s', async (_, name, change) => {
  const answer = await change()
  expect(refusal(answer), answer.text).toBe('409 invariant_broken')
  expect(answer.body['errors']).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ pointer: `invariant/${name}`, code: 'broken' }),
    ]) as object,
  )
  expect((await planSet(api, token, bodyOf('till', GUARDED))).changes).toEqual([])
})

test('what breaks none is done as before, and what goes with the invariant is free again', async () => {
  const { id } = await made('client', admin)
  expect((await attach(id, 'clerk')).status).toBe(200)
  const without = bodyOf('till', FILES, { prune: true })
  expect(changesOf(await planSet(api, token, without))).toHaveLength(4)
  expect(await applySet(api, token, without)).toMatchObject({ applied: true })
  const trial = await made('client', admin, { attributes: { tier: 'trial' } })
  expect((await attach(trial.id, 'clerk')).status).toBe(200)
  // Now it cannot come back: the account that breaks it is named.
  const again = planOf(await api.post('/policies/rollback', { revision: '2', dry_run: true }, token))
  expect(again.refusals).toMatchObject([
    { code: 'invariant_broken', detail: expect.stringContaining(trial.id) as string },
  ])
  const [, resource = ''] = / on (\S+?)(?: \(.*\))?\.$/.exec(again.refusals[0]?.detail ?? '') ?? []
  const asked = { principal: trial.id, action: 'till:Refund', resource }
  expect((await api.post('/access/check', asked, token)).body).toMatchObject({ decision: 'ALLOW' })
})
