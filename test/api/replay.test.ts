import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import type { Family } from '../support/accounts.ts'
import { refusal, type Answer, type Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { allowing, ORDERS_SERVICE, policyOf, put } from '../support/policy-calls.ts'
import { applySet, attaching, bodyOf } from '../support/policy-sets.ts'

let daemon: TestDaemon
let api: Api
let family: Family
let token: string
useFamily({ AUTHCTL_RATE_LIMITS: 'off', AUTHCTL_RECORD_DECISIONS: '100' }, (home) => {
  ;({ daemon, api, family } = home)
  token = family.root.access
})

const SERVICE = {
  ...ORDERS_SERVICE,
  context_keys: {
    ...ORDERS_SERVICE.context_keys,
    'orders.card': { type: 'string', always: false, private: true },
  },
}
const setOf = (...statements: object[]) =>
  bodyOf('replayed', {
    'services/orders.json': SERVICE,
    'documents/clerk.json': policyOf('clerk', ...statements),
    'attachments/a.json': attaching(
      { to: { role: 'admin' }, policies: ['clerk'] },
      { to: { role: 'client' }, policies: ['clerk'] },
    ),
  })
const READ = { Sid: 'Read', Effect: 'Allow', Action: 'orders:Read', Resource: 'order/*' }
const NO_LARGE = {
  Sid: 'NoLarge',
  Effect: 'Deny',
  Action: 'orders:Read',
  Resource: '*',
  Condition: { NumericGreaterThan: { 'orders.total': 100 }, Null: { 'orders.total': false } },
}

interface Line {
  readonly at: number
  readonly verdict: string
  readonly revisions: Readonly<Record<string, number>>
  readonly account: string
  readonly action: string
  readonly resource: string
  readonly context: Readonly<Record<string, unknown>>
  readonly hidden?: readonly string[]
}

const recorded = (): Line[] => {
  const path = join(daemon.dataDir, 'decisions.jsonl')
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
  return lines.map((line) => JSON.parse(line) as Line)
}

const asked = ({ at, account, action, resource, context, hidden }: Line) => ({
  account,
  action,
  resource,
  context,
  ...(hidden && { hidden }),
  at: [at],
})

const replay = (body: object, lines: readonly object[], as = token): Promise<Answer> =>
  api.post('/policies/replay', { ...body, questions: lines }, as)

beforeAll(async () => {
  await applySet(api, token, setOf(READ))
  const ask = (resource: string, context: object) =>
    api.post('/access/check', { action: 'orders:Read', resource, context }, family.client.access)
  expect((await ask('order/1', { 'orders.total': 500 })).body).toMatchObject({ decision: 'ALLOW' })
  expect((await ask('order/2', { 'orders.total': 5, 'orders.card': 'gold-4111' })).status).toBe(200)
  expect((await ask('order/3', {})).status).toBe(200)
  const isRecorded = (): boolean => recorded().filter(({ action }) => action === 'orders:Read').length === 3
  for (let turn = 0; turn < 200 && !isRecorded(); turn++) await sleep(50)
})

test('decisions are recorded with the revision that made them, without facts of accounts and private values', () => {
  const text = readFileSync(join(daemon.dataDir, 'decisions.jsonl'), 'utf8')
  for (const absent of ['gold-4111', 'caller.', 'principal.', '"path"']) expect(text).not.toContain(absent)
  const [large, card] = recorded().filter(({ action }) => action === 'orders:Read')
  expect(large).toMatchObject({
    verdict: 'ALLOW',
    account: family.client.id,
    resource: 'order/1',
    context: { 'orders.total': 500 },
  })
  expect(large?.revisions['root']).toBeGreaterThan(0)
  expect(card).toMatchObject({ context: { 'orders.total': 5 }, hidden: ['orders.card'] })
  // The requests to the daemon itself are decided by the same policies.
  expect(recorded().some(({ action }) => action === 'authctl:CheckAccess')).toBe(true)
})

test('the questions whose answer would change are told, with the statement before and after; nothing is changed', async () => {
  const lines = recorded().map(asked)
  expect((await replay(setOf(READ), lines)).body).toMatchObject({ changes: [], examined: lines.length })
  const { body } = await replay(setOf(READ, NO_LARGE), lines)
  const index = lines.findIndex(({ resource }) => resource === 'order/1')
  expect(body['changes']).toEqual([
    {
      question: index,
      at: lines[index]?.at[0],
      before: {
        decision: 'ALLOW',
        reason: null,
        layer: `own of ${family.client.id}`,
        statement: {
          policy: 'root/clerk',
          statement: 0,
          sid: 'Read',
          effect: 'Allow',
          source: 'documents/clerk.json:5:5',
        },
      },
      after: expect.objectContaining({
        decision: 'DENY_EXPLICIT',
        statement: expect.objectContaining({ sid: 'NoLarge', effect: 'Deny', statement: 1 }),
      }),
    },
  ])
  const present = await api.post(
    '/access/check',
    { action: 'orders:Read', resource: 'order/1', context: { 'orders.total': 500 } },
    family.client.access,
  )
  expect(present.body).toMatchObject({ decision: 'ALLOW' })
})

test('where policies compare a value that was not kept, nobody can say', async () => {
  const card = {
    Sid: 'Cards',
    Effect: 'Deny',
    Action: 'orders:Read',
    Resource: '*',
    Condition: { StringEqualsIfExists: { 'orders.card': 'gold-4111' }, Null: { 'orders.card': false } },
  }
  const service = {
    ...SERVICE,
    actions: { ...SERVICE.actions, Read: { resources: ['order'], keys: ['orders.total', 'orders.card'] } },
  }
  const base = setOf(READ, card)
  const files = base.files.map((file) =>
    file.path === 'services/orders.json' ? { ...file, text: JSON.stringify(service) } : file,
  )
  const lines = recorded().map(asked)
  const { body } = await replay({ ...base, files }, lines)
  expect(body).toMatchObject({ private_value: 1, examined: lines.length - 1, changes: [] })
})

test('a question that was asked at several times is decided at each where policies ask for the time', async () => {
  const [line] = recorded().filter(({ resource }) => resource === 'order/3')
  if (line === undefined) throw new Error('nothing was recorded')
  const until = {
    ...READ,
    Condition: { DateLessThan: { 'request.time': '2026-01-01T00:00:00Z' } },
  }
  const [before, later] = [1_760_000_000, 1_790_000_000]
  const { body } = await replay(setOf(until), [{ ...asked(line), at: [before, later] }])
  expect(body['changes']).toMatchObject([
    { at: later, before: { decision: 'ALLOW' }, after: { decision: 'DENY_IMPLICIT', statement: null } },
  ])
  expect((await replay(setOf(READ), [{ ...asked(line), at: [before, later] }])).body['changes']).toEqual([])
})

test('of accounts that the caller does not see nothing is told', async () => {
  const lines = recorded().map(asked)
  const about = lines.filter(({ account }) => account === family.client.id)
  const set = bodyOf('own', { 'documents/x.json': allowing('x', 'orders:Read') })
  const own = await replay(set, about, family.admin.access)
  expect(own.body).toMatchObject({ unknown_account: 0, examined: about.length, changes: [] })
  const above = lines.filter(({ account }) => account === family.root.id).slice(0, 3)
  const nobody = { ...asked(recorded()[0] as Line), account: `adm_${'0'.repeat(26)}` }
  const other = await replay(set, [...above, nobody], family.admin.access)
  expect(other.body).toMatchObject({ unknown_account: above.length + 1, examined: 0, changes: [] })
})

test('a set that is not valid is refused as a plan of it is', async () => {
  const body = setOf({ ...READ, Action: 'orders:Nothing' })
  expect(refusal(await replay(body, recorded().map(asked)))).toBe('422 policy_invalid')
  expect(refusal(await replay(setOf(READ), []))).toBe('400 invalid_request')
  await put(api, '/policies/after', { token, body: allowing('after', 'places:List', 'place/*') })
})
