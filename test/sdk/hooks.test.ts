import { createClient, longestCallMs, memoryStorage, type Middleware } from '@authctl/sdk'
import { debug, hooks } from '@authctl/sdk/hooks'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { sendJson, startScriptedServer, type ScriptedServer } from '../support/scripted-server.ts'

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

let server: ScriptedServer
beforeEach(async () => {
  server = await startScriptedServer()
})
afterEach(() => server.stop())

const SECRETS = ['secret-token', 'rt-secret', '+919876543210', '493027', 'hidden']

/** Answers 503 once, then refuses the old token, then is content. */
const troubled = () => {
  const statuses = [503, 401]
  server.react = (request, response) => {
    const token = {
      access_token: 'secret-token2',
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: 'rt-secret2',
    }
    if (request.url === '/auth/token/refresh') return sendJson(response, 200, { detail: 'ok', token })
    const status = statuses.shift() ?? 200
    sendJson(
      response,
      status,
      status === 200 ? { id: 'usr_1' } : { code: status === 401 ? 'invalid_token' : 'x' },
    )
  }
  return memoryStorage({
    accessToken: 'secret-token',
    refreshToken: 'rt-secret',
    expiresAt: Date.now() + 60_000,
  })
}

test('S16: hooks hear of each attempt, its answer or failure, its repeats, and of refreshes; none changes the call', async () => {
  const heard: string[] = []
  const hear =
    (name: string) =>
    ({ url, attempt, status }: { url: string; attempt: number; status?: number | undefined }) =>
      heard.push(
        [name, url.slice(server.url.length), attempt, status].filter((part) => part !== undefined).join(' '),
      )
  const listeners = {
    onRequest: hear('request'),
    onResponse: hear('response'),
    onError: hear('error'),
    onRetry: hear('retry'),
    onTokenRefresh: hear('refresh'),
  }
  const client = createClient({ baseUrl: server.url, storage: troubled(), middleware: [hooks(listeners)] })
  expect(await client.auth.me()).toEqual({ id: 'usr_1' })
  expect(heard).toEqual([
    'request /auth/me 1',
    'response /auth/me 1 503',
    'error /auth/me 1 503',
    'retry /auth/me 2',
    'request /auth/me 2',
    'response /auth/me 2 401',
    'error /auth/me 2 401',
    'request /auth/token/refresh 1',
    'response /auth/token/refresh 1 200',
    'refresh /auth/token/refresh 1',
    'retry /auth/me 3',
    'request /auth/me 3',
    'response /auth/me 3 200',
  ])
  heard.length = 0
  server.react = (_request, response) => void response.destroy()
  await expect(client.auth.me({ retries: 0 })).rejects.toMatchObject({ code: 'network' })
  expect(heard).toEqual(['request /auth/me 1', 'error /auth/me 1'])
})

test('S16: middleware changes requests and answers by itself, the first outermost; its errors keep their class', async () => {
  server.react = ({ headers }, response) => sendJson(response, 200, { id: headers['x-tenant'] })
  const order: string[] = []
  const named =
    (name: string): Middleware =>
    (next) =>
    async (url, request) => {
      order.push(name)
      request.headers.set('x-tenant', name)
      return url.endsWith('/services') ? new Response('{"items":[]}') : next(url, request)
    }
  const client = createClient({
    baseUrl: server.url,
    accessToken: 't',
    middleware: [named('outer'), named('inner')],
  })
  expect(await client.auth.me()).toEqual({ id: 'inner' })
  expect(await client.services.list()).toEqual({ items: [] })
  expect([order, server.seen.length]).toEqual([['outer', 'inner', 'outer'], 1])
  const broken = createClient({
    baseUrl: server.url,
    accessToken: 't',
    retries: 0,
    middleware: [() => () => Promise.reject(new RangeError('own'))],
  })
  await expect(broken.auth.me()).rejects.toMatchObject({ code: 'network', cause: new RangeError('own') })
})

test('S14, S16: debug writes what is asked and answered, and no token, code, number or other value', async () => {
  const lines: string[] = []
  const storage = troubled()
  const middleware = [debug({ log: (line) => lines.push(line), now: () => 0 })]
  const client = createClient({
    baseUrl: server.url,
    storage,
    middleware,
    headers: { 'x-key': 'hidden' },
  })
  await client.auth.me()
  await client.users.login({ number: '+919876543210', otp: '493027' }).catch(() => undefined)
  await client.raw('POST', '/auth/user/login/+919876543210/493027', {
    query: { key: 'hidden' },
    body: ['hidden'],
  })
  server.react = (_request, response) => void response.destroy()
  await client.raw('PUT', '/x', { body: 'hidden' }, { retries: 0 }).catch(() => undefined)
  const text = lines.join('\n')
  for (const secret of SECRETS) expect(text).not.toContain(secret)
  expect(lines.map((line) => line.replace(/\[[0-9a-f]{32}\]/, '[id]'))).toEqual(
    expect.arrayContaining([
      'authctl → GET /auth/me with a token [id]',
      'authctl ← GET /auth/me 503 after 0 ms [id]',
      'authctl → POST /auth/user/login {number, otp} [id]',
      'authctl → POST /auth/user/login/…?key (body) with a token [id]',
      'authctl ← PUT /x no answer after 0 ms [id]',
    ]),
  )
})

test('S14: debug hides what older paths hold below any base path', async () => {
  const lines: string[] = []
  const baseUrl = `${server.url}/iam/v1`
  const client = createClient({ baseUrl, middleware: [debug({ log: (line) => lines.push(line) })] })
  await client.raw('POST', '/auth/user/login/+919876543210/493027').catch(() => undefined)
  expect(lines[0]).toContain('POST /iam/v1/auth/user/login/… ')
  expect(lines.join()).not.toContain('493027')
})

describe('S7: the longest time of a call is known', () => {
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  interface Times {
    readonly timeoutMs?: number
    readonly retries?: number
    readonly lockMs?: number
    readonly deadlineMs?: number
  }
  test.each<[Times, number]>([
    [{}, 308_000],
    [{ timeoutMs: 1000, retries: 0 }, 14_000],
    [{ timeoutMs: 1000, retries: 1, lockMs: 0 }, 88_000],
    [{ deadlineMs: 5000 }, 5000],
  ])('%j: the worst of servers takes %i ms and no more', async (times, expected) => {
    expect(longestCallMs(times)).toBe(expected)
    vi.useFakeTimers()
    const { lockMs = 5000, timeoutMs = 15_000, retries = 2, deadlineMs } = times
    const start = Date.now()
    let requests = 0
    const answer = (isRefresh: boolean, attempt: number): Response => {
      if (attempt % (retries + 1) !== 0)
        return new Response('{}', { status: 503, headers: { 'retry-after': '20' } })
      const token = { access_token: `t${requests}`, expires_in: 0, refresh_token: `r${requests}` }
      if (isRefresh) return Response.json({ token })
      const isFirst = attempt === retries + 1
      return Response.json({ code: isFirst ? 'invalid_token' : 'x' }, { status: isFirst ? 401 : 403 })
    }
    // Each request is answered at the last moment: by a wait as long as may be asked for, or a refusal.
    const slowly: Middleware =
      () =>
      async (url, { attempt }) => {
        requests++
        const isRefresh = url.endsWith('refresh')
        await sleep((isRefresh ? Math.min(timeoutMs, 8000) : timeoutMs) - 1)
        return answer(isRefresh, attempt)
      }
    const storage = {
      ...memoryStorage({ accessToken: 't', refreshToken: 'r', expiresAt: 0 }),
      lock: <T>(work: () => Promise<T>): Promise<T> => sleep(lockMs).then(work),
    }
    const limits = { timeoutMs, retries, deadlineMs }
    const client = createClient({ baseUrl: 'http://x', middleware: [slowly], storage, ...limits })
    const ended = client.auth.me().catch((error: unknown) => error)
    await vi.runAllTimersAsync()
    const error = await ended
    const took = Date.now() - start
    if (deadlineMs !== undefined) expect(error).toMatchObject({ code: 'timeout' })
    else
      expect([error, requests, took]).toEqual([
        expect.objectContaining({ status: 403 }),
        4 * (retries + 1),
        expected - requests,
      ])
  })
})

describe('S23: a client ends with its block', () => {
  test('calls that run, and later ones, end with an AbortError; the session stays', async () => {
    server.react = () => undefined
    const storage = memoryStorage({ accessToken: 't' })
    let running: Promise<unknown>
    let later: Promise<unknown>
    {
      await using client = createClient({ baseUrl: server.url, storage })
      running = client.auth.me().catch((error: unknown) => error)
      await vi.waitFor(() => expect(server.seen).toHaveLength(1))
      later = client.session.get().then(async () => {
        await vi.waitFor(() => expect(running).resolves.toBeDefined())
        return client.auth.me().catch((error: unknown) => error)
      })
    }
    expect(await running).toMatchObject({ code: 'aborted' })
    expect(await later).toMatchObject({ code: 'aborted' })
    expect(server.seen).toHaveLength(1)
    expect(await storage.get()).toEqual({ accessToken: 't' })
  })
})
