import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { getRequestListener } from '@hono/node-server'
import { createApp as createExpress } from '../../examples/express-app/app.ts'
import { createApp as createFastify } from '../../examples/fastify-app/app.ts'
import { createApp as createHono } from '../../examples/hono-app/app.ts'
import { Hono } from 'hono'
import { createClient } from '../../sdk/index.ts'
import { authctl as guardHono, type GuardedEnv } from '../../sdk/hono/index.ts'
import { createRevocations } from '../../sdk/server/index.ts'
import { type Family, PASSWORD, signedIn } from '../support/accounts.ts'
import type { Answer, Api } from '../support/api.ts'
import { createApplication, tokenOf } from '../support/applications.ts'
import { urlOf } from '../support/fetched.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { serveListener } from '../support/listener.ts'
import { nextListener, startNext } from '../support/next-app.ts'
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
const EXPIRED_MS = 20 * 60_000

let daemon: TestDaemon
let api: Api
let family: Family
let expired: string
useFamily({ PUBLIC_URL: ISSUER, AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, api, family } = home))

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
  daemon.clock.advance(-EXPIRED_MS)
  const login = { username: 'sita', password: PASSWORD }
  expired = signedIn(await api.post('/auth/subclient/login', login)).access
  daemon.clock.advance(EXPIRED_MS)
})

interface Settings {
  readonly issuer: string
  readonly baseUrl: string
  readonly username: string
  readonly password: string
}

interface Served {
  readonly api: Api
  readonly close: () => void
}

const envOf = ({ issuer, baseUrl, username, password }: Settings): NodeJS.ProcessEnv => ({
  AUTHCTL_ISSUER: issuer,
  AUTHCTL_URL: baseUrl,
  SHOP_USERNAME: username,
  SHOP_PASSWORD: password,
})

/** The applications of `examples/`, each served over HTTP. */
const APPLICATIONS: Readonly<Record<string, (settings: Settings) => Promise<Served>>> = {
  express: async (settings) => serveListener(await createExpress(settings)),
  fastify: async (settings) => {
    const app = await createFastify(settings)
    await app.ready()
    return serveListener(app.routing)
  },
  hono: async (settings) => serveListener(getRequestListener((await createHono(settings)).fetch)),
  next: async (settings) => serveListener(await nextListener(envOf(settings))),
  ...(process.env['NEXT_APP'] === undefined
    ? {}
    : { 'next, built': (settings: Settings) => startNext(envOf(settings)) }),
}

describe.each(Object.entries(APPLICATIONS))('S12: the application of %s', (_name, start) => {
  let shop: Api
  let close: () => void
  beforeAll(async () => {
    const settings = { issuer: ISSUER, baseUrl: daemon.url, username: 'asha', password: PASSWORD }
    ;({ api: shop, close } = await start(settings))
  }, 600_000)
  afterAll(() => close())

  const refund = (token: string | undefined, total: number): Promise<Answer> =>
    shop.post('/api/orders/42/refund', { total }, token)

  test('knows who asks, and lets those through whom the policies allow it', async () => {
    const { access, id } = family.subClient
    expect((await shop.get('/api/me', access)).body).toMatchObject({ accountId: id, role: 'sub-client' })
    expect((await refund(access, 900)).body).toEqual({ refunded: '42', by: id })
  })

  test('denies the others, with a decision that can be explained', async () => {
    const { status, headers, body } = await refund(family.subClient.access, 1000)
    expect([status, body['code'], headers['cache-control']]).toEqual([403, 'forbidden', 'no-store'])
    expect(headers['content-type']).toMatch(/^application\/problem\+json/)
    const { decision_id } = body
    const why = await api.post('/access/explain', { decision_id }, family.root.access)
    expect([why.status, why.text]).toEqual([200, expect.stringContaining('orders.total')])
  })

  test('allows nothing to who is not below its account', async () => {
    const { status, body } = await refund(family.root.access, 1)
    expect([status, body['code'], body['decision_id']]).toEqual([403, 'forbidden', undefined])
  })

  test('answers 401 without a token, and to one that is expired, forged or of another kind', async () => {
    const good = family.subClient.access
    const basic = { headers: { authorization: 'Basic eDp5' } }
    const answers = {
      none: await refund(undefined, 1),
      expired: await refund(expired, 1),
      forged: await shop.get('/api/me', `${good.slice(0, -2)}${good.endsWith('AA') ? 'BA' : 'AA'}`),
      two: await shop.get('/api/me', `${good}, Bearer ${good}`),
      basic: await shop.call('GET', '/api/me', basic),
    }
    const told = Object.entries(answers).map(([what, { status, headers, body }]) =>
      [what, status, headers['www-authenticate'], body['code']].join(' '),
    )
    expect(told).toEqual([
      'none 401 Bearer authentication_required',
      ...['expired', 'forged', 'two'].map((what) => `${what} 401 Bearer error="invalid_token" invalid_token`),
      // Who tries another way has sent no token (RFC 6750 section 3.1), as the daemon has it.
      'basic 401 Bearer authentication_required',
    ])
  })
})

test('S12: an application may call a service as far as its own policies and its scope go, until it ends', async () => {
  const { admin, client } = family
  const allow = (Action: string, Resource: string) => ({ Effect: 'Allow', Action, Resource })
  const ask = allow('authctl:CheckAccess', 'account/${principal.path}')
  for (const [name, ...statements] of [
    ['asks', ask],
    ['asks-and-refunds', ask, allow('orders:Refund', 'order/*')],
  ] as const)
    await put(api, `/policies/${name}`, { token: admin.access, body: policyOf(name, ...statements) })
  const make = (...policies: string[]) =>
    createApplication(api, admin.access, { owner_id: client.id, policies })
  const both = await make('asks', 'asks-and-refunds')
  const tokens = {
    whole: await tokenOf(api, await make('asks-and-refunds')),
    scoped: await tokenOf(api, both, `${admin.id}/asks-and-refunds`),
    narrow: await tokenOf(api, await make('asks')),
    narrowed: await tokenOf(api, both, `${admin.id}/asks`),
    mute: await tokenOf(api, await make()),
    owner: client.access,
  }

  const toDaemon: typeof fetch = (input, init) => fetch(urlOf(input).replace(ISSUER, daemon.url), init)
  const asked = createClient({ baseUrl: daemon.url, accessToken: admin.access })
  const revocations = createRevocations({ client: asked, issuer: ISSUER, fetch: toDaemon })
  onTestFinished(() => revocations.close())
  const auth = guardHono({
    issuer: ISSUER,
    client: asked,
    fetch: toDaemon,
    revocations,
    clockToleranceSeconds: 60,
  })
  const app = new Hono<GuardedEnv>().use(auth)
  const context = { context: { 'orders.total': 900 } }
  app.get('/', auth.require('orders:Refund', 'order/42', context), ({ var: { auth: who }, text }) =>
    text(who.role === 'application' ? `for ${who.ownerId}` : who.accountId),
  )
  const call = async (token: string): Promise<string> => {
    const answer = await app.request('/', { headers: { authorization: `Bearer ${token}` } })
    return answer.status === 200 ? answer.text() : String(answer.status)
  }
  const answers = await Promise.all(
    Object.entries(tokens).map(async ([who, token]) => [who, await call(token)]),
  )
  expect(Object.fromEntries(answers)).toEqual({
    whole: `for ${client.id}`,
    scoped: `for ${client.id}`,
    narrow: '403',
    narrowed: '403',
    mute: '403',
    owner: client.id,
  })
  await api.post(`/applications/${both.id}/rotate`, { overlap_seconds: 0 }, admin.access)
  await expect.poll(() => call(tokens.scoped), { interval: 50, timeout: 5000 }).toBe('401')
  expect(await call(tokens.whole)).toBe(`for ${client.id}`)
})
