import { beforeAll, expect, test } from 'vitest'
import type { Family } from '../support/accounts.ts'
import { refusal, type Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { allowing, check, ORDERS_SERVICE, policyOf } from '../support/policy-calls.ts'
import { applySet, attaching, bodyOf, planOf } from '../support/policy-sets.ts'

let daemon: TestDaemon
let api: Api
let family: Family
let token: string
useFamily({ AUTHCTL_RATE_LIMITS: 'off', AUTHCTL_HEARTBEAT: '1' }, (home) => {
  ;({ daemon, api, family } = home)
  token = family.root.access
})

const READ = { Sid: 'Read', Effect: 'Allow', Action: 'orders:Read', Resource: 'order/*' }
const WRITE = { Sid: 'Write', Effect: 'Allow', Action: 'orders:Write', Resource: 'order/*' }
const setOf = (...statements: object[]) =>
  bodyOf('shaded', {
    'services/orders.json': ORDERS_SERVICE,
    'documents/clerk.json': policyOf('clerk', ...statements),
    'attachments/a.json': attaching({ to: { role: 'admin' }, policies: ['clerk'] }),
  })
beforeAll(() => applySet(api, token, setOf(READ)))

interface Shadow {
  readonly number: number
  readonly questions: number
  readonly changed: number
  readonly differences: readonly Readonly<Record<string, unknown>>[]
}

const shadowNow = async (from = api): Promise<Shadow | null> =>
  ((await from.get('/policies/status', token)).body as unknown as { shadow: Shadow | null }).shadow
const numberNow = async (): Promise<number> =>
  ((await api.get('/policies/status', token)).body as unknown as { revision: { number: number } }).revision
    .number
const place = (...statements: object[]) => applySet(api, token, { ...setOf(...statements), shadow: true })
const ask = (action: string, from = api) => check(from, family.admin.access, action, 'order/1')

test('what stands in the shadow decides nothing, and is compared on the questions of every daemon', async () => {
  const { api: other } = await daemon.another()
  const before = await numberNow()
  expect(await shadowNow()).toBeNull()
  expect(await place(WRITE)).toMatchObject({ detail: 'In the shadow', revision: { number: before + 1 } })
  expect(await numberNow()).toBe(before)
  await expect.poll(() => shadowNow(other)).not.toBeNull()
  expect([await ask('orders:Read'), await ask('orders:Write')]).toEqual(['ALLOW', 'DENY_IMPLICIT'])
  expect([await ask('orders:Read', other), await ask('orders:Read', other)]).toEqual(['ALLOW', 'ALLOW'])
  await expect.poll(async () => (await shadowNow())?.changed).toBe(4)
  const shadow = await shadowNow()
  expect(shadow?.questions).toBeGreaterThanOrEqual(8)
  const about = { account: family.admin.id, resource: 'order/1' }
  expect(shadow?.differences).toEqual([
    { ...about, action: 'orders:Read', before: 'ALLOW', after: 'DENY_IMPLICIT', by: null, count: 3 },
    {
      ...about,
      action: 'orders:Write',
      before: 'DENY_IMPLICIT',
      after: 'ALLOW',
      by: 'Allow of root/clerk, Write',
      count: 1,
    },
  ])
})

test('accounts below hear nothing of it: it tells what others have asked', async () => {
  const statusFor = async (access: string) =>
    (await api.get('/policies/status?namespace=root', access)).body as unknown as { shadow: Shadow | null }
  expect((await statusFor(token)).shadow?.differences.length).toBeGreaterThan(0)
  expect(await statusFor(family.admin.access)).toMatchObject({ namespace: 'root', shadow: null })
})

test('a tenant compares its own shadow alone, and hears nothing of what stands in that of the root', async () => {
  const { access, id } = family.admin
  const shaded = (set: string, roles: readonly string[], policy: object) =>
    bodyOf(set, {
      [`documents/${set}.json`]: policy,
      'attachments/a.json': attaching(...roles.map((role) => ({ to: { role }, policies: [set] }))),
    })
  const own = shaded('own', ['client'], allowing('own', 'orders:Read', 'order/own/*'))
  await applySet(api, access, { ...own, namespace: id, shadow: true })
  const hushed = shaded('hush', ['admin', 'client'], allowing('hush', 'orders:Write', 'order/*'))
  await applySet(api, token, { ...hushed, shadow: true })
  for (const action of ['orders:Read', 'orders:Write'])
    await check(api, family.client.access, action, 'order/own/1')
  const reportTo = async (who: string, namespace: string) =>
    ((await api.get(`/policies/status?namespace=${namespace}`, who)).body as { shadow?: Shadow }).shadow
  const about = { account: family.client.id, after: 'ALLOW', count: 1 }
  await expect.poll(() => reportTo(access, id)).toMatchObject({ changed: 1 })
  expect(await reportTo(access, id)).toMatchObject({
    differences: [{ ...about, action: 'orders:Read', by: `Allow of ${id}/own, It` }],
  })
  expect(await reportTo(token, 'root')).toMatchObject({
    changed: 1,
    differences: [{ ...about, action: 'orders:Write', by: 'Allow of root/hush, It' }],
  })
  await api.del(`/policies/shadow?namespace=${id}`, access)
  await place(WRITE)
})

test('it is promoted as it was judged, or refused where something has changed since', async () => {
  const before = await numberNow()
  const planned = await api.post('/policies/promote', { dry_run: true }, token)
  expect(planOf(planned).changes).toMatchObject([{ verb: 'update', kind: 'document', name: 'clerk' }])
  expect(await ask('orders:Write')).toBe('DENY_IMPLICIT')
  const { body } = await api.post('/policies/promote', {}, token)
  expect(body).toMatchObject({ detail: 'Promoted', applied: true, revision: { number: before + 1 } })
  expect([await ask('orders:Read'), await ask('orders:Write')]).toEqual(['DENY_IMPLICIT', 'ALLOW'])
  expect((await api.get(`/policies/revisions/${before + 1}`, token)).body).toMatchObject({
    event: 'apply',
    set: 'shaded',
  })
  // It was for the policies before.
  expect(await shadowNow()).toBeNull()
  expect(refusal(await api.post('/policies/promote', {}, token))).toBe('404 not_found')

  await place(READ, WRITE)
  await applySet(api, token, bodyOf('other', { 'documents/o.json': allowing('o', 'places:List', 'place/*') }))
  expect(await shadowNow()).toBeNull()
  expect(refusal(await api.post('/policies/promote', {}, token))).toBe('404 not_found')
})

test('it is judged like an apply, replaced by the next, and dropped', async () => {
  const { access, id } = family.admin
  const beyond = {
    namespace: id,
    ...bodyOf('beyond', {
      'documents/x.json': allowing('x', 'orders:Read'),
      'attachments/a.json': attaching({ to: { role: 'client' }, policies: ['x'] }),
    }),
    shadow: true,
  }
  expect(refusal(await api.post('/policies/apply', beyond, access))).toBe('403 exceeds_ceiling')
  await place(READ)
  await place(READ, WRITE)
  expect((await shadowNow())?.questions).toBe(0)
  expect((await api.del('/policies/shadow', token)).body).toEqual({ detail: 'Shadow dropped' })
  expect(await shadowNow()).toBeNull()
  expect(await place(WRITE)).toMatchObject({ detail: 'No changes', applied: false })
  expect((await api.del('/policies/shadow', token)).status).toBe(200)
})
