import { expect, test } from 'vitest'
import { PASSWORD, signedIn, type Family, type SignedIn } from '../support/accounts.ts'
import type { Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { allowing, check } from '../support/policy-calls.ts'
import { applySet, attaching, bodyOf, changesOf, planSet, type Options } from '../support/policy-sets.ts'

let daemon: TestDaemon
let api: Api
let family: Family
useFamily({ AUTHCTL_RATE_LIMITS: 'off', AUTHCTL_HEARTBEAT: '1' }, (home) => ({ daemon, api, family } = home))

const WEEK_MS = 7 * 24 * 3600 * 1000

let made = 0
/** An admin of its own for each test, with a client that is asked about. */
const newHome = async () => {
  const created = async (path: string, token: string, parent: object = {}): Promise<SignedIn> =>
    signedIn(
      await api.post(path, { name: 'x', username: `pruner${++made}`, password: PASSWORD, ...parent }, token),
    )
  const admin = await created('/auth/admin/create', family.root.access)
  const client = await created('/auth/client/create', admin.access)
  const files = {
    'services/shop.json': {
      service: 'shop',
      actions: { Read: { resources: ['item'] } },
      resource_types: { item: {} },
    },
    'services/empty.json': { service: 'empty', actions: {}, resource_types: { thing: {} } },
    'documents/used.json': allowing('used', 'places:List', 'place/*'),
    'documents/idle.json': allowing('idle', 'places:List', 'place/*'),
    'attachments/a.json': attaching(
      { to: { role: 'client' }, policies: ['used'] },
      { to: { role: 'sub-client' }, policies: ['idle'] },
    ),
  }
  const token = family.root.access
  const own = { namespace: admin.id }
  await applySet(api, token, bodyOf('shop', files, own))
  const plan = (options: Options) =>
    planSet(api, token, bodyOf('shop', {}, { ...own, prune: true, ...options }))
  const apply = (options: Options) =>
    applySet(api, token, bodyOf('shop', {}, { ...own, prune: true, ...options }))
  return { admin, client, plan, apply }
}

/** The client has `places:List` by its managed policy too: what is found first allows. */
const use = async (client: SignedIn): Promise<void> => {
  expect(await check(api, client.access, 'places:List', 'place/x')).toBe('ALLOW')
}

const EVERYTHING = [
  'delete service/shop',
  'delete service/empty',
  'delete document/idle',
  'delete document/used',
  'delete attachment/role=client',
  'delete attachment/role=sub-client',
]

test('prune spares by what something was allowed lately, and what brings it to somebody', async () => {
  const { client, plan, apply } = await newHome()
  expect(new Set(changesOf(await plan({})))).toEqual(new Set(EVERYTHING))
  await use(client)
  const pruned = await plan({})
  expect(new Set(changesOf(pruned))).toEqual(
    new Set(EVERYTHING.filter((each) => !/document\/used|role=client/.test(each))),
  )
  expect(pruned.spared).toEqual([
    { kind: 'document', name: 'used', in_use: true },
    { kind: 'attachment', name: 'role=client', in_use: true },
  ])
  expect(changesOf(await plan({ prune_used: true }))).toHaveLength(EVERYTHING.length)
  expect(await apply({})).toMatchObject({ applied: true })
  expect(await apply({})).toMatchObject({ detail: 'No changes' })
  expect(await apply({ prune_used: true })).toMatchObject({ applied: true })
})

test('a plan that is applied deletes what it said, whatever was used since', async () => {
  const { client, plan, apply } = await newHome()
  const before = await plan({})
  await use(client)
  expect(await apply({ plan: before })).toMatchObject({ applied: true })
  expect(changesOf(await plan({}))).toEqual([])
})

test('every daemon knows it from the others; after a week nobody does', async () => {
  const { admin, client, plan } = await newHome()
  const { api: other } = await daemon.another()
  await expect.poll(() => check(other, client.access, 'places:List', 'place/x')).toBe('ALLOW')
  await expect.poll(async () => (await plan({})).spared.length, { timeout: 10_000 }).toBe(2)
  daemon.clock.advance(WEEK_MS + 60_000)
  const root = signedIn(await api.post('/auth/superadmin/login', { username: 'root', password: PASSWORD }))
  const later = await planSet(api, root.access, bodyOf('shop', {}, { namespace: admin.id, prune: true }))
  expect({ spared: later.spared, gone: later.changes.length }).toEqual({
    spared: [],
    gone: EVERYTHING.length,
  })
})
