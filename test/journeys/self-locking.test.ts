import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { PASSWORD, signedIn, type Family } from '../support/accounts.ts'
import { refusal, type Answer, type Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import { allowing, policyOf, put } from '../support/policy-calls.ts'
import { applySet, attaching, bodyOf } from '../support/policy-sets.ts'

/*
 * A super-admin that changes the policies of the root could shut itself out, and by the ceiling nobody could
 * let it in again. Every way that we could think of is refused, and leaves everything as it was.
 */

let api: Api
let family: Family
let token: string
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ api, family } = home))

const deny = (more: object) => ({ Effect: 'Deny', Action: '*', Resource: '*', ...more })
const allow = (more: object) => ({ Effect: 'Allow', Action: '*', Resource: '*', ...more })

/** What each policy says that is attached to super-admins beside what they have. */
const DENYING: Readonly<Record<string, () => object>> = {
  everything: () => deny({}),
  'all of the daemon': () => deny({ Action: 'authctl:*' }),
  'all but places': () => ({ Effect: 'Deny', NotAction: 'places:*', Resource: '*' }),
  attachments: () => deny({ Action: 'authctl:PutAttachments' }),
  'changes of policies': () => deny({ Action: ['authctl:PutPolicy', 'authctl:DeletePolicy'] }),
  applying: () => deny({ Action: 'authctl:ApplyPolicies' }),
  'its own account': () => deny({ Resource: 'account/${principal.path}' }),
  'all accounts but another': () => ({ Effect: 'Deny', Action: '*', NotResource: 'account/adm_1' }),
  'by role': () => deny({ Condition: { StringEquals: { 'caller.role': 'super-admin' } } }),
  'by id': () => deny({ Condition: { StringLike: { 'principal.id': `${family.root.id.slice(0, 8)}*` } } }),
  'by what is missing': () => deny({ Condition: { StringNotEquals: { 'caller.attributes.team': 'a' } } }),
  'by address': () => deny({ Condition: { NotIpAddress: { 'request.ip': '192.0.2.0/24' } } }),
  'from now on': () => deny({ Condition: { DateGreaterThan: { 'request.time': '2020-01-01T00:00:00Z' } } }),
}

/** What stands in the place of the policy that super-admins have. */
const INSTEAD: Readonly<Record<string, () => object>> = {
  'all but one action': () => ({ Effect: 'Allow', NotAction: 'authctl:PutPolicy', Resource: 'account/*' }),
  reading: () => allow({ Action: ['authctl:Get*', 'authctl:List*'] }),
  'from one network': () => allow({ Condition: { IpAddress: { 'request.ip': '192.0.2.0/24' } } }),
  'in another year': () => allow({ Condition: { DateLessThan: { 'request.time': '2020-01-01T00:00:00Z' } } }),
  'another account': () => allow({ Resource: 'account/adm_1' }),
}

const nameOf = (words: string): string => words.replaceAll(' ', '-')
const documents = (bodies: Readonly<Record<string, () => object>>, prefix: string) =>
  Object.fromEntries(
    Object.entries(bodies).map(([words, statement]) => {
      const name = `${prefix}-${nameOf(words)}`
      return [`documents/${name}.json`, policyOf(name, statement())]
    }),
  )

let initial: readonly { readonly to: { readonly role?: string } }[] = []
const others = (): readonly object[] => initial.filter(({ to }) => to.role !== 'super-admin')

beforeAll(async () => {
  token = family.root.access
  const files = {
    ...documents(DENYING, 'deny'),
    ...documents(INSTEAD, 'instead'),
    'documents/spare.json': allowing('spare', 'places:*', 'place/*'),
    'documents/cap.json': policyOf('cap', allow({})),
    'attachments/a.json': attaching({ to: { role: 'super-admin' }, policies: ['spare'], boundary: 'cap' }),
  }
  await applySet(api, token, bodyOf('lock', files))
  initial = (await api.get('/attachments', token)).body['attachments'] as unknown as typeof initial
})

const SUPER = { role: 'super-admin' }
const root = (): string => family.root.id
const attachments = (list: readonly object[]): Promise<Answer> =>
  put(api, '/attachments', { token, body: attaching(...list) })
const besides = (more: object): Promise<Answer> => attachments([...initial, more])
const instead = (more: object): Promise<Answer> => attachments([...others(), { to: SUPER, ...more }])
const apply = (set: string, files: object, options: object = {}): Promise<Answer> =>
  api.post('/policies/apply', bodyOf(set, files as Record<string, unknown>, { ...options }), token)

const WAYS: readonly [string, () => Promise<Answer>][] = [
  ...Object.keys(DENYING).map((words): [string, () => Promise<Answer>] => [
    `a Deny is attached: ${words}`,
    () => besides({ to: SUPER, policies: [`deny-${nameOf(words)}`] }),
  ]),
  ['a Deny by the id of the account', () => besides({ to: { id: root() }, policies: ['deny-everything'] })],
  ['a Deny by its username', () => besides({ to: { username: 'ROOT' }, policies: ['deny-everything'] })],
  ...Object.keys(INSTEAD).map((words): [string, () => Promise<Answer>] => [
    `another policy takes the place of its own: ${words}`,
    () => instead({ policies: [`instead-${nameOf(words)}`] }),
  ]),
  ['the policy of admins', () => instead({ policies: ['authctl:Admin'] })],
  ['the policy of users', () => instead({ policies: ['authctl:User'] })],
  ['nothing of its own', () => attachments(others())],
  ['no attachments at all', () => attachments([])],
  [
    'only for somebody else',
    () => attachments([...others(), { to: { username: 'nobody' }, policies: ['authctl:SuperAdmin'] }]),
  ],
  ['a boundary for the role', () => besides({ to: SUPER, boundary: 'instead-reading' })],
  ['a boundary by id', () => besides({ to: { id: root() }, boundary: 'spare' })],
  ['a boundary that denies', () => besides({ to: { username: 'root' }, boundary: 'deny-applying' })],
  [
    'a policy that it has is put anew',
    () => put(api, '/policies/spare', { token, body: policyOf('spare', deny({ Action: 'authctl:*' })) }),
  ],
  [
    'its boundary is put narrower',
    () => put(api, '/policies/cap', { token, body: policyOf('cap', allow({ Action: 'authctl:Get*' })) }),
  ],
  ['the boundary is deleted', () => api.del('/policies/cap', token)],
  [
    'a set that denies',
    () =>
      apply('more', { 'attachments/a.json': attaching({ to: SUPER, policies: ['root/deny-everything'] }) }),
  ],
  [
    'a set that takes over the attachment, and narrows it',
    () =>
      apply(
        'more',
        { 'attachments/a.json': attaching({ to: SUPER, policies: ['authctl:Admin'] }) },
        { adopt: ['attachment/role=super-admin'] },
      ),
  ],
  [
    'a way back to before a lock was opened',
    () => api.post('/policies/rollback', { revision: locked }, token),
  ],
  [
    'a policy attached to itself',
    () => api.post(`/accounts/${root()}/policies/root%2Fdeny-everything`, {}, token),
  ],
  [
    'a boundary of itself',
    () => api.call('PUT', `/accounts/${root()}/boundary`, { token, body: { policy: 'root/spare' } }),
  ],
]

let locked = ''
beforeAll(async () => {
  // Another super-admin shuts this one, and opens it again.
  const other = signedIn(
    await api.post('/auth/superadmin/create', { name: 'x', username: 'spare', password: PASSWORD }, token),
  )
  const files = {
    'attachments/a.json': attaching({ to: { id: root() }, policies: ['root/deny-everything'] }),
  }
  const { revision } = await applySet(api, other.access, bodyOf('shut', files))
  locked = String((revision as unknown as { number: number }).number)
  await applySet(api, other.access, bodyOf('shut', {}, { prune: true }))
})

const head = async (): Promise<unknown> => (await api.get('/policies/revisions?limit=1', token)).body['items']
let before: unknown
beforeEach(async () => (before = await head()))
afterEach(async () => expect(await head()).toEqual(before))

test('there are thirty of them at least', () => {
  expect(WAYS.length).toBeGreaterThanOrEqual(30)
})

test.each(WAYS)('nobody locks themselves out: %s', async (words, change) => {
  const answer = await change()
  const expected = words.endsWith('itself')
    ? '403 forbidden'
    : words.includes('deleted')
      ? '409 policy_in_use'
      : '409 would_lock_out'
  expect(refusal(answer), answer.text).toBe(expected)
})

test('what locks nobody out is done: the same for others, and more for oneself', async () => {
  const answer = await besides({ to: { role: 'user' }, policies: ['deny-all-of-the-daemon'] })
  expect(answer.status, answer.text).toBe(200)
  await attachments(initial)
  before = await head()
})
