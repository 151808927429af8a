import { expect, test } from 'vitest'
import type { Agent } from '../../sdk/types.gen.ts'
import { agentReport } from '../support/agents.ts'
import { createApplication, tokenOf } from '../support/applications.ts'
import { PASSWORD, signedIn, type Family } from '../support/accounts.ts'
import { refusal, type Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { allowing, put } from '../support/policy-calls.ts'

let daemon: TestDaemon
let api: Api
let family: Family
useFamily({}, (home) => ({ daemon, api, family } = home))

const reportOf = (agent: string, fields: object = {}) =>
  agentReport(agent, { software: '@authctl/sdk/local', allowed: 7, denied: 1, ...fields })

const listedFor = async (token: string): Promise<Agent[]> =>
  (await api.get('/policies/agents', token)).body['items'] as unknown as Agent[]

test('processes that decide by themselves are listed for those above them, with those that are behind, until they fall silent', async () => {
  const { root, admin, client } = family
  await put(api, '/policies/one', { token: admin.access, body: allowing('one', 'places:List', 'place/*') })
  const { body } = await api.get(`/policies/snapshot`, client.access)
  const head = (body['heads'] as unknown as Record<string, { id: string; number: number }>)[admin.id]
  const application = await createApplication(api, client.access)
  const token = await tokenOf(api, application)
  const heads = [{ namespace: admin.id, ...head }]
  const reported = await api.post('/policies/agents', reportOf('web-1', { heads }), token)
  expect(reported.body).toEqual({ detail: 'Noted', next_report_seconds: 30 })
  const denial = {
    account: client.id,
    action: 'places:List',
    resource: 'place/b',
    at: '2026-01-01T00:00:00.000Z',
  }
  await api.post('/policies/agents', reportOf('web-1', { heads, allowed: 9, denials: [denial] }), token)
  expect(daemon.log.events('access-denied-locally')).toMatchObject([
    { outcome: 'failure', targetId: client.id, reason: 'places:List on place/b' },
  ])
  for (const { access } of [root, admin, client])
    expect(await listedFor(access)).toMatchObject([
      { agent: 'web-1', application: application.id, owner_id: client.id, allowed: 9, is_current: true },
    ])
  expect(await listedFor(family.admin.access)).toHaveLength(1)
  await put(api, '/policies/one', { token: admin.access, body: allowing('one', 'places:List', 'place/a') })
  expect(await listedFor(admin.access)).toMatchObject([{ is_current: false }])
  const status = await api.get('/policies/status', admin.access)
  expect(status.body['agents']).toMatchObject([{ agent: 'web-1', is_current: false }])
  daemon.clock.advance(180_000)
  expect(await listedFor(admin.access)).toEqual([])
})

test('a page lists the processes below the caller and no others, and its cursor leads to the rest and nowhere else', async () => {
  const { root, admin, client } = family
  const fields = { name: 'Else', username: 'else', password: PASSWORD, number: '+919876500004' }
  const stranger = signedIn(await api.post('/auth/admin/create', fields, root.access))
  for (const [name, { access }] of Object.entries({ a: client, b: client, c: admin, s: stranger }))
    await api.post('/policies/agents', reportOf(name), access)
  const pagesOf = async (token: string, limit: number, from = ''): Promise<string[][]> => {
    const { body } = await api.get(`/policies/agents?limit=${limit}${from}`, token)
    const names = (body['items'] as unknown as Agent[]).map(({ agent }) => agent)
    const next = body['next_cursor']
    return [names, ...(next === null ? [] : await pagesOf(token, limit, `&cursor=${next}`))]
  }
  expect(await pagesOf(admin.access, 2)).toEqual([['c', 'a'], ['b']])
  expect(await pagesOf(client.access, 1)).toEqual([['a'], ['b']])
  expect((await pagesOf(root.access, 3)).flat().toSorted()).toEqual(['a', 'b', 'c', 's'])
  for (const position of [
    ['', ''],
    [stranger.id, ''],
    ['~', '~'],
  ]) {
    const cursor = Buffer.from(JSON.stringify(position)).toString('base64url')
    expect((await pagesOf(client.access, 9, `&cursor=${cursor}`)).flat()).not.toContain('s')
  }
  expect(refusal(await api.get('/policies/agents?cursor=e30', client.access))).toBe('400 invalid_request')
})

test('an application that makes up ever new processes is refused at last', async () => {
  const { admin } = family
  const answers = new Set<string>()
  for (let n = 0; n < 201; n++) {
    const answer = await api.post('/policies/agents', reportOf(`made-up-${n}`), admin.access)
    answers.add(answer.status === 200 ? '200' : refusal(answer))
  }
  expect([...answers]).toEqual(['200', '429 rate_limited'])
})
