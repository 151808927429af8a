import { createClient } from '@authctl/sdk'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import express from 'express'
import { createApp } from '../../examples/express-app/app.ts'
import { authctl } from '../../sdk/express/index.ts'
import { type Family, PASSWORD } from '../support/accounts.ts'
import { type Answer, type Api, createApi } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { policyOf, put } from '../support/policy-calls.ts'

const ISSUER = 'https://auth.example.org'
const SERVICE = {
  service: 'orders',
  actions: { Refund: { resources: ['order'], keys: ['orders.total'] } },
  resource_types: { order: {} },
  context_keys: { 'orders.total': { type: 'number', always: true } },
}
const CLERK = policyOf('orders-clerk', {
  Sid: 'SmallRefunds',
  Effect: 'Allow',
  Action: 'orders:Refund',
  Resource: 'order/*',
  Condition: { NumericLessThan: { 'orders.total': 1000 } },
})

let daemon: TestDaemon
let api: Api
let family: Family
useFamily({ PUBLIC_URL: ISSUER, AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, api, family } = home))

const listen = async (app: Parameters<typeof createServer>[1]): Promise<{ server: Server; shop: Api }> => {
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return { server, shop: createApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) }
}

let shop: Api
let server: Server
beforeAll(async () => {
  const token = family.root.access
  for (const [path, body] of [
    ['/services/orders', SERVICE],
    ['/policies/orders-clerk', CLERK],
  ] as const)
    expect((await put(api, path, { token, body })).status).toBe(201)
  for (const { id } of [family.admin, family.client, family.subClient]) {
    const attached = await api.post(`/accounts/${id}/policies/orders-clerk`, {}, token)
    expect(attached.status, attached.text).toBe(200)
  }
  const app = await createApp({ issuer: ISSUER, baseUrl: daemon.url, username: 'asha', password: PASSWORD })
  ;({ server, shop } = await listen(app))
})
afterAll(() => server.close())

const refund = (token: string, total: number): Promise<Answer> =>
  shop.post('/orders/42/refund', { total }, token)

test('S12: who asks is in the request, typed; everybody else is answered 401 and told how to ask', async () => {
  expect((await shop.get('/me', family.subClient.access)).body).toMatchObject({
    accountId: family.subClient.id,
    role: 'sub-client',
  })
  const [none, forged, basic] = [
    await shop.get('/me'),
    await shop.get('/me', `${family.subClient.access}x`),
    await shop.call('GET', '/me', { headers: { authorization: 'Basic eDp5' } }),
  ]
  expect([none.status, none.headers['www-authenticate'], none.body['code']]).toEqual([
    401,
    'Bearer',
    'authentication_required',
  ])
  for (const { status, headers, body } of [forged, basic])
    expect([status, headers['www-authenticate'], body['code']]).toEqual([
      401,
      'Bearer error="invalid_token"',
      'invalid_token',
    ])
})

test('S12: a route that needs the policies asks them with its context, and a denial names its decision', async () => {
  const { access, id } = family.subClient
  expect((await refund(access, 900)).body).toEqual({ refunded: '42', by: id })
  const denied = await refund(access, 1000)
  expect([denied.status, denied.headers['content-type'], denied.body['code']]).toEqual([
    403,
    'application/problem+json',
    'forbidden',
  ])
  const why = await api.post(
    '/access/explain',
    { decision_id: denied.body['decision_id'] },
    family.root.access,
  )
  expect([why.status, why.text]).toEqual([200, expect.stringContaining('orders.total')])
})

test('S12: who is not below the account of the application may do nothing there', async () => {
  const { status, body } = await refund(family.root.access, 1)
  expect([status, body['code'], body['decision_id']]).toEqual([403, 'forbidden', undefined])
})

test('S12: while the daemon cannot be asked, a verified token still counts, and what needs a decision is answered 503', async () => {
  const own = await startTestDaemon({ PUBLIC_URL: ISSUER, AUTHCTL_RATE_LIMITS: 'off' })
  let isDown = false
  const guard = authctl({
    issuer: ISSUER,
    jwksUrl: `${daemon.url}/.well-known/jwks.json`,
    client: {
      access: {
        check: () =>
          isDown
            ? client.access.check({ action: 'orders:Refund', resource: 'order/1' })
            : Promise.reject(new Error('a defect')),
      },
    } as never,
  })
  const client = createClient({ baseUrl: own.url, accessToken: 'x.y.z', retries: 0 })
  const app = express()
  app.use(guard)
  app.get(
    '/refund',
    guard.require('orders:Refund', 'order/1'),
    (_request, response) => void response.json({}),
  )
  app.use(
    (error: Error, _request: unknown, response: express.Response, _next: unknown) =>
      void response.status(500).send(error.message),
  )
  const other = await listen(app)
  onTestFinished(() => void other.server.close())
  expect([(await other.shop.get('/refund', family.subClient.access)).text]).toEqual(['a defect'])
  await own.stop()
  isDown = true
  const { status, headers } = await other.shop.get('/refund', family.subClient.access)
  expect([status, headers['retry-after']]).toEqual([503, '1'])
})

test('S12: a guard that cannot work is refused when it is made, or tells the application', async () => {
  const guard = authctl({ issuer: ISSUER })
  expect(() => guard.require('orders:Refund', 'order/1')).toThrow(/client/)
  const allowing = { access: { check: () => Promise.resolve({ allowed: true, decision_id: null }) } }
  const withClient = authctl({ issuer: ISSUER, client: allowing as never })
  const anonymous = { headers: {}, rawHeaders: [] }
  for (const request of [anonymous, { ...anonymous, auth: { sub: 'usr_1' } as never }]) {
    const told = await new Promise(
      (resolve) => void withClient.require('orders:Refund', 'order/1')(request, {} as never, resolve),
    )
    expect(String(told)).toMatch(/put authctl\(\) before require/)
  }
})

test('S12: two Authorization headers are refused, whichever is good', async () => {
  const guard = authctl({ issuer: ISSUER, jwksUrl: `${daemon.url}/.well-known/jwks.json` })
  const good = `Bearer ${family.subClient.access}`
  const answered = (rawHeaders: string[]): Promise<number> =>
    new Promise((resolve, reject) => {
      const response = {
        statusCode: 200,
        setHeader: () => undefined,
        end: () => resolve(response.statusCode),
      }
      const next = (error?: unknown): void => (error === undefined ? resolve(200) : reject(error))
      void guard({ headers: { authorization: good }, rawHeaders }, response, next)
    })
  expect(await answered(['Authorization', good])).toBe(200)
  expect(await answered(['Authorization', good, 'authorization', 'Bearer x.y.z'])).toBe(401)
})
