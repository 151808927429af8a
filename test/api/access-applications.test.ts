import { beforeAll, expect, test } from 'vitest'
import type { Family } from '../support/accounts.ts'
import { refusal, type Answer, type Api } from '../support/api.ts'
import { createApplication, tokenOf, type MadeApplication } from '../support/applications.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { ORDERS_SERVICE, policyOf, put } from '../support/policy-calls.ts'

let daemon: TestDaemon
let api: Api
let family: Family
let reader: MadeApplication
let free: MadeApplication

const READ = { action: 'orders:Read', resource: 'order/7' }
const WRITE = { action: 'orders:Write', resource: 'order/7', context: { 'request.ip': '10.1.2.3' } }

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, api, family } = home))
beforeAll(async () => {
  const { root, admin, client } = family
  await put(api, '/services/orders', { token: root.access, body: ORDERS_SERVICE })
  const office = { IpAddress: { 'request.ip': '10.0.0.0/8' } }
  const orders = policyOf(
    'orders',
    { Effect: 'Allow', Action: 'orders:Read', Resource: 'order/*' },
    { Effect: 'Allow', Action: 'orders:Write', Resource: 'order/*', Condition: office },
  )
  await put(api, '/policies/orders', { token: root.access, body: orders })
  for (const { id } of [admin, client]) await api.post(`/accounts/${id}/policies/orders`, {}, root.access)
  const asking = ['authctl:CheckAccess', 'policies:Explain']
  const narrow = policyOf('reader', { Effect: 'Allow', Action: ['orders:Read', ...asking], Resource: '*' })
  await put(api, '/policies/reader', { token: root.access, body: narrow })
  reader = await createApplication(api, client.access, { policies: ['root/reader'] })
  free = await createApplication(api, client.access)
})

const ask = (token: string, principal: string, question: object = READ): Promise<Answer> =>
  api.post('/access/check', { ...question, principal }, token)
const decisionOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).body['decision']

test('an application is asked about as an account is: what its owner may do, as far as its policies allow, under circumstances that the asker says', async () => {
  const { root, admin, client } = family
  for (const { access } of [root, admin, client]) {
    expect(await decisionOf(access, reader.id)).toBe('ALLOW')
    expect(await decisionOf(access, reader.id, WRITE)).toBe('DENY_IMPLICIT')
    expect(await decisionOf(access, free.id, WRITE)).toBe('ALLOW')
  }
  const explained = await ask(admin.access, reader.id, { ...WRITE, explain: true })
  const { layers } = explained.body['explanation'] as unknown as {
    layers: { kind: string; principal: string; outcome: string }[]
  }
  expect(layers).toContainEqual(
    expect.objectContaining({ kind: 'session', principal: client.id, outcome: 'none' }),
  )
  const id = explained.body['decision_id']
  const again = await api.post('/access/explain', { decision_id: id }, admin.access)
  expect(again.body).toMatchObject({ principal: reader.id, now: { allowed: false, reason: null } })
  expect(daemon.log.events('access-checked').at(-1)).toMatchObject({ targetId: reader.id, decisionId: id })
})

test('of itself an application asks by its id too, and says no circumstances; of another of its owner it does', async () => {
  const token = await tokenOf(api, reader)
  expect(await decisionOf(token, reader.id)).toBe('ALLOW')
  expect(refusal(await ask(token, reader.id, WRITE))).toBe('400 invalid_request')
  expect(await decisionOf(token, free.id, WRITE)).toBe('ALLOW')
})

test('one that the asker does not see is not there, by no route', async () => {
  const { admin, subClient } = family
  const above = await createApplication(api, admin.access)
  const absent = `app_${'0'.repeat(26)}`
  const { access } = family.client
  for (const [token, id] of [
    [access, above.id],
    [access, absent],
    [subClient.access, free.id],
  ] as const) {
    expect(refusal(await ask(token, id))).toBe('404 not_found')
    const batch = await api.post('/access/check/batch', { checks: [{ ...READ, principal: id }] }, token)
    expect(refusal(batch)).toBe('404 not_found')
    const subject = { type: 'application', id }
    const words = { subject, action: { name: READ.action }, resource: { type: 'order', id: '7' } }
    expect((await api.post('/access/v1/evaluation', words, token)).body).toEqual({
      decision: false,
      context: { reason: 'unknown_subject' },
    })
  }
})

test('many questions at once, and the words of AuthZEN, decide the same', async () => {
  const { access } = family.admin
  const checks = [reader, free].flatMap(({ id }) => [READ, WRITE].map((each) => ({ ...each, principal: id })))
  const { body } = await api.post('/access/check/batch', { checks }, access)
  const results = body['results'] as unknown as { allowed: boolean }[]
  expect(results.map(({ allowed }) => allowed)).toEqual([true, false, true, true])
  const subject = { type: 'application', id: reader.id }
  const resource = { type: 'order', id: '7' }
  const evaluate = (type: string) =>
    api.post(
      '/access/v1/evaluation',
      { subject: { ...subject, type }, action: { name: READ.action }, resource },
      access,
    )
  expect((await evaluate('application')).body).toEqual({ decision: true })
  for (const type of ['account', 'client'])
    expect((await evaluate(type)).body).toMatchObject({ decision: false })
  const found = await api.post('/access/v1/search/action', { subject, resource }, access)
  expect(found.body['results']).toEqual([{ name: 'orders:Read' }])
})

test('what is disabled or deleted may do nothing, and its denials say so when they are explained', async () => {
  const { access } = family.client
  const made = await createApplication(api, access, { policies: ['root/reader'] })
  const denied = (await ask(access, made.id, WRITE)).body['decision_id']
  const now = async () => (await api.post('/access/explain', { decision_id: denied }, access)).body['now']
  expect(await now()).toMatchObject({ reason: null })
  await api.call('PATCH', `/applications/${made.id}`, { body: { status: 'disabled' }, token: access })
  expect((await ask(access, made.id)).body).toMatchObject({ allowed: false, reason: 'not_active' })
  expect(await now()).toMatchObject({ reason: 'not_active' })
  await api.del(`/applications/${made.id}`, access)
  expect(refusal(await ask(access, made.id))).toBe('404 not_found')
  expect(await now()).toMatchObject({ reason: 'not_active' })
})
