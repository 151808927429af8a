import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createClient } from '../../sdk/index.ts'
import { authctl as guardExpress } from '../../sdk/express/index.ts'
import { authctl as guardFastify } from '../../sdk/fastify/index.ts'
import { createCore, type GuardOptions } from '../../sdk/guard/guard.ts'
import { authctl as guardHono, type GuardedEnv } from '../../sdk/hono/index.ts'
import { authctl as guardNext } from '../../sdk/next/index.ts'
import type { Auth } from '../../sdk/server/index.ts'
import { createTokenMinter, type TokenMinter } from '../../sdk/testing/index.ts'
import { serveListener } from '../support/listener.ts'

const URL = 'http://daemon.test'
const AUTH: Auth = {
  accountId: 'usr_1',
  role: 'user',
  sessionId: 'ses_1',
  clientId: 'authctl',
  issuedAt: 1,
  expiresAt: 2,
}

let minter: TokenMinter
let token: string
beforeAll(async () => {
  minter = await createTokenMinter()
  token = await minter.mint()
})

const coreOf = (options: Omit<GuardOptions, 'issuer'>) => createCore({ issuer: minter.issuer, ...options })

/** A client whose daemon answers this, or does not answer. */
const clientOf = (answer: () => Response | Promise<Response>) =>
  createClient({ baseUrl: URL, accessToken: token, retries: 0, fetch: async () => answer() })

const problem = (status: number, code: string): Response => Response.json({ code, status }, { status })

/** What the daemon answers to a question that it cannot take, for what the request has put into it. */
const unaskable = (pointer: string): Response =>
  Response.json({ code: 'invalid_request', errors: [{ pointer }] }, { status: 400 })

/** An error for the application. A status of its own would be answered by frameworks to who asks. */
const defectOf = (error: object): string => ('status' in error ? 'an answer' : 'a defect')

describe('S12: what comes of a question that is not answered with a decision', () => {
  const ANSWERS: readonly (readonly [string, () => Response | Promise<Response>, number | 'a defect'])[] = [
    ['no answer', () => Promise.reject(new TypeError('fetch failed')), 503],
    ['too many requests', () => problem(429, 'rate_limited'), 503],
    ['a fault of the daemon', () => problem(500, 'internal'), 503],
    ['a proxy without a daemon', () => new Response('<html>', { status: 502 }), 503],
    ['an account that is not below the one that asks', () => problem(404, 'not_found'), 403],
    ['a path that is no daemon', () => new Response('<html>', { status: 404 }), 'a defect'],
    ['its own session has ended', () => problem(401, 'invalid_token'), 'a defect'],
    ['it may not ask', () => problem(403, 'forbidden'), 'a defect'],
    ['a resource that is none', () => unaskable('/resource'), 400],
    ['a context that the daemon refuses', () => problem(400, 'invalid_request'), 'a defect'],
    ['an answer that says neither', () => Response.json({ allowed: 'true' }), 403],
  ]
  test.each(ANSWERS)('%s', async (_what, answer, expected) => {
    const permission = coreOf({ client: clientOf(answer) }).permission('orders:Refund', 'order/1')
    const outcome = await permission(AUTH).then((refusal) => refusal?.status, defectOf)
    expect(outcome).toBe(expected)
  })

  test('an error of another copy of the package is known by its code', async () => {
    const other = Object.assign(new Error('x'), { [Symbol.for('authctl.error')]: true, code: 'timeout' })
    const permission = coreOf({ decider: { check: () => Promise.reject(other) } }).permission('a:B', 'c')
    expect((await permission(AUTH))?.status).toBe(503)
  })
})

describe('S12: an application is decided about by the daemon, which it is asked with its own token', () => {
  const ANSWERS: readonly (readonly [
    string,
    () => Response | Promise<Response>,
    number | 'through' | 'a defect',
  ])[] = [
    ['it is allowed', () => Response.json({ allowed: true, decision_id: null }), 'through'],
    ['it is denied', () => Response.json({ allowed: false, decision_id: 'd1' }), 403],
    ['an answer that says neither', () => Response.json({ allowed: 'true' }), 403],
    ['it may not ask', () => problem(403, 'forbidden'), 403],
    ['it has ended', () => problem(401, 'invalid_token'), 401],
    ['too many requests', () => problem(429, 'rate_limited'), 503],
    ['a fault of the daemon', () => new Response('<html>', { status: 502 }), 503],
    ['no answer', () => Promise.reject(new TypeError('fetch failed')), 503],
    ['no JSON', () => new Response('<html>'), 403],
    ['a redirect', () => Response.json({ allowed: true }, { status: 302 }), 503],
    ['a resource that is none', () => unaskable('/resource'), 400],
    ['a question that the daemon refuses', () => problem(400, 'invalid_request'), 'a defect'],
  ]
  /** Allows everything to everybody: what would be asked if the rights of the owner were enough. */
  const decider = { check: () => Promise.resolve({ allowed: true }) }

  test.each(ANSWERS)('%s', async (_what, answer, expected) => {
    const asked: unknown[] = []
    const { keys, mint, issuer } = minter
    const own = await mint({ role: 'application', scope: ['root/reader'] })
    const core = coreOf({
      keys,
      decider,
      fetch: async (input, init) => {
        const request = new Request(input, init)
        asked.push([request.url, request.method, request.headers.get('authorization'), await request.json()])
        return answer()
      },
    })
    const { auth } = await core.authenticate([`Bearer ${own}`])
    const given = { context: (total: number) => ({ 'orders.total': total }) }
    const outcome = await core
      .permission(
        'orders:Refund',
        'order/1',
        given,
      )(auth, 7)
      .then((refusal) => refusal?.status ?? 'through', defectOf)
    expect(outcome).toBe(expected)
    const question = { action: 'orders:Refund', resource: 'order/1', context: { 'orders.total': 7 } }
    expect(asked).toEqual([[`${issuer}/access/check`, 'POST', `Bearer ${own}`, question]])
  })

  test('it is denied unasked, and told why, where that is configured, and where a route says what the daemon says itself', async () => {
    const fetch = () => Promise.reject(new Error('asked'))
    const own = await minter.mint({ role: 'application' })
    for (const [options, context, why] of [
      [{ applications: 'deny' }, {}, 'applications: deny'],
      [{}, { 'request.ip': '192.0.2.1' }, 'says request.ip:'],
      [{}, () => ({ 'orders.total': 7, 'request.time': 1 }), 'says request.time:'],
    ] as const) {
      const core = coreOf({ keys: minter.keys, decider, fetch, ...options })
      const { auth } = await core.authenticate([`Bearer ${own}`])
      const permission = core.permission('a:B', 'c/1', { context })
      const refusal = await permission(auth)
      expect(refusal?.status).toBe(403)
      const body: unknown = JSON.parse(refusal?.body ?? '')
      expect(body).toMatchObject({ code: 'forbidden', detail: expect.stringContaining(why) })
      expect(body).not.toHaveProperty('decision_id')
      expect(await permission(AUTH)).toBeUndefined()
      if (auth === undefined) throw new Error('refused')
      await expect(permission({ ...auth })).rejects.toThrow(/nobody has said who asks/)
    }
  })
})

test('S12: a decider in the process is asked first, with everything that the route names', async () => {
  const asked: unknown[] = []
  const decider = {
    check: (...question: unknown[]) => {
      asked.push(question)
      const [, , resource] = question
      const pointer = resource === 'order/..' ? '/resource' : null
      return Promise.resolve({ allowed: resource === 'order/7', decisionId: 'd1', pointer })
    },
  }
  const core = coreOf({ decider, client: clientOf(() => problem(500, 'internal')) })
  const options = { context: async (id: string) => ({ 'orders.total': Number(id) }) }
  const permission = core.permission('orders:Refund', (id: string) => `order/${id}`, options)
  expect(await permission(AUTH, '7')).toBeUndefined()
  expect(JSON.parse((await permission(AUTH, '8'))?.body ?? '')).toMatchObject({ decision_id: 'd1' })
  expect(await permission(AUTH, '..')).toMatchObject({
    status: 400,
    body: expect.stringContaining('/resource'),
  })
  expect(asked.slice(0, 2)).toEqual([
    ['usr_1', 'orders:Refund', 'order/7', { 'orders.total': 7 }],
    ['usr_1', 'orders:Refund', 'order/8', { 'orders.total': 8 }],
  ])
})

test.each([
  ['stale', 503],
  ['unavailable', 503],
  ['not_loaded', 403],
  [null, 403],
])('S12: where a decider denies as %s, the answer is %i', async (reason, status) => {
  const decider = { check: () => Promise.resolve({ allowed: false, reason }) }
  expect((await coreOf({ decider }).permission('a:B', 'c/1')(AUTH))?.status).toBe(status)
})

test('S12: a guard that cannot work is refused when it is made, or tells the application', async () => {
  expect(() => coreOf({}).permission('orders:Refund', 'order/1')).toThrow(/client/)
  const permission = coreOf({ decider: { check: () => Promise.resolve({ allowed: true }) } }).permission(
    'a:B',
    'c/1',
  )
  await expect(permission(undefined)).rejects.toThrow(/put authctl\(\) before require/)
  await expect(permission({ sub: 'usr_1' } as unknown as Auth)).rejects.toThrow(/nobody has said who asks/)
})

test('S12: while the keys cannot be had, nobody is told that a token is wrong', async () => {
  const core = coreOf({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
  const { refusal } = await core.authenticate([`Bearer ${token}`])
  expect(refusal).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
})

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown
const DEFECT = { check: () => Promise.reject(new Error('a defect')) }

/** Each framework with its guard, one route that needs a permission, and a handler of errors. */
const SERVERS: Readonly<Record<string, (options: GuardOptions) => Promise<Listener>>> = {
  express: async (options) => {
    const [app, guard] = [express(), guardExpress(options)]
    app.use(guard)
    app.get('/', guard.require('a:B', 'c/1'), (_request, response) => void response.send('through'))
    app.use((error: Error, _request: unknown, response: express.Response, _next: unknown) => {
      response.status(500).send(error.message)
    })
    return app
  },
  fastify: async (options) => {
    const [app, guard] = [fastify(), guardFastify(options)]
    await app.register(guard)
    await app.register(async (scope) => scope.register(guard))
    app.get('/', { preHandler: guard.require('a:B', 'c/1') }, () => 'through')
    app.setErrorHandler<Error>((error, _request, reply) => reply.code(500).send(error.message))
    await app.ready()
    return app.routing
  },
  hono: async (options) => {
    const [app, guard] = [new Hono<GuardedEnv>(), guardHono(options)]
    app.get('/', guard, guard.require('a:B', 'c/1'), (context) => context.text('through'))
    app.onError((error, context) => context.text(error.message, 500))
    return getRequestListener(app.fetch)
  },
  next: async (options) => {
    const handler = guardNext(options).require('a:B', 'c/1')(() => new Response('through'))
    const catching = (request: Request): Promise<Response> =>
      handler(request, undefined).catch((error: Error) => new Response(error.message, { status: 500 }))
    return getRequestListener(catching)
  },
}

test.each(Object.entries(SERVERS))(
  'S12: %s hands errors to the application, and refuses two Authorization headers whichever is good',
  async (_name, createServer) => {
    const listener = await createServer({ issuer: minter.issuer, keys: minter.keys, decider: DEFECT })
    const { api, close } = await serveListener(listener)
    onTestFinished(close)
    const { status, text } = await api.get('/', token)
    expect([status, text]).toEqual([500, 'a defect'])
    for (const authorization of [
      [`Bearer ${token}`, 'Bearer x.y.z'],
      ['Bearer x.y.z', `Bearer ${token}`],
    ])
      expect((await api.call('GET', '/', { headers: { authorization } })).status).toBe(401)
  },
)

test('S12: the proxy of Next lets who is known on, and answers the others', async () => {
  const { proxy } = guardNext({ issuer: minter.issuer, keys: minter.keys })
  const request = (headers: Record<string, string>) => new Request('http://shop.test/api/me', { headers })
  expect(await proxy(request({ authorization: `Bearer ${token}` }))).toBeUndefined()
  const answer = await proxy(request({}))
  expect([answer?.status, answer?.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
})
