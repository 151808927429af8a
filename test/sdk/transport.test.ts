import { ApiError, type AuthctlClient, createClient, isAuthctlError, memoryStorage, safe } from '@authctl/sdk'
import { hooks, type ResponseInfo } from '@authctl/sdk/hooks'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ROOT } from '../support/source-files.ts'
import { sendJson, startScriptedServer, type ScriptedServer } from '../support/scripted-server.ts'

let server: ScriptedServer
beforeEach(async () => {
  server = await startScriptedServer()
})
afterEach(() => server.stop())

const client = (options: object = {}) => createClient({ baseUrl: server.url, accessToken: 't', ...options })
const problem = (status: number, code: string) => ({
  status,
  code,
  title: 'T',
  detail: 'D',
  instance: 'req-9',
  type: 'x',
  errors: [{ pointer: '/a', code: 'b', detail: 'c' }],
})

/** Fails some times, then answers. */
const failing = (times: number, status: number, headers: Record<string, string> = {}) => {
  let calls = 0
  server.react = (_request, response) =>
    calls++ < times
      ? sendJson(response, status, problem(status, 'unavailable'), headers)
      : sendJson(response, 200, { id: 'x', items: [] })
}

test('who is named and is nobody is not left out of a question: it would be answered for the client itself', async () => {
  server.react = (_request, response) => sendJson(response, 200, { allowed: true, results: [] })
  const { access, raw } = client()
  const question = { action: 'orders:Read', resource: 'order/1' }
  // As of the token of an application.
  const nobody = { ...question, principal: undefined }
  await access.check(question)
  await access.check({ ...question, principal: 'usr_1' })
  await access.check(nobody)
  await access.checkBatch({ checks: [question, nobody] })
  await raw('POST', '/access/check', { body: nobody })
  const asked = [{ ...question, principal: null }]
  expect(server.seen.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    question,
    { ...question, principal: 'usr_1' },
    ...asked,
    { checks: [question, ...asked] },
    ...asked,
  ])
})

describe('S5: errors', () => {
  test('a problem becomes an ApiError with all it says', async () => {
    server.react = (_request, response) => sendJson(response, 409, problem(409, 'account_exists'))
    const error = await client()
      .admins.create({ name: 'x', number: 'y' })
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ApiError)
    expect(isAuthctlError(error)).toBe(true)
    expect(error).toMatchObject({
      name: 'ApiError',
      code: 'account_exists',
      status: 409,
      requestId: 'req-9',
      message: 'D',
      attempts: 1,
      details: [{ pointer: '/a' }],
    })
  })

  test('a denial carries the id by which it can be explained; other answers have none', async () => {
    const denial = { ...problem(403, 'forbidden'), decision_id: 'AX3k' }
    server.react = (_request, response) => sendJson(response, 403, denial)
    await expect(client().auth.me()).rejects.toMatchObject({ code: 'forbidden', decisionId: 'AX3k' })
    server.react = (_request, response) => sendJson(response, 404, problem(404, 'not_found'))
    await expect(client().auth.me()).rejects.toMatchObject({ code: 'not_found', decisionId: undefined })
  })

  test.each([
    ['a page', 502, '<html>bad gateway</html>', 'text/html'],
    ['nothing', 500, '', 'text/plain'],
    ['JSON of another kind', 500, '["x"]', 'application/json'],
    ['JSON null', 500, 'null', 'application/json'],
    ['fields of other types', 500, '{"code":7,"detail":{},"errors":"x","instance":1}', 'application/json'],
    ['half a body', 400, '{"code":', 'application/problem+json'],
    ['a page under 200', 200, '<html>', 'text/html'],
    ['nothing under 200', 200, '', 'application/json'],
    ['null under 200', 200, 'null', 'application/json'],
    ['a text under 200', 200, '"moved"', 'application/json'],
  ])('%s is an ApiError, never a SyntaxError', async (_name, status, body, type) => {
    server.react = (_request, response) => response.writeHead(status, { 'content-type': type }).end(body)
    await expect(client({ retries: 0 }).auth.me()).rejects.toMatchObject({
      name: 'ApiError',
      status,
      code: `http_${status}`,
      message: `the server answered ${status} with a body that is not its own`,
      details: [],
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })

  test.each<[string, (of: AuthctlClient) => Promise<unknown>]>([
    ['a sign-in', (of) => of.users.login({ number: '+919876543210', otp: '493027' })],
    ['a renewal', (of) => of.tokens.regenerate({ refresh_key: 'my-refresh-key' })],
    ['a list', (of) => of.accounts.list()],
    ['a search', (of) => of.access.whoCan({ action: 'orders:Read', resource: 'order/1' })],
    [
      'a token for an application',
      (of) => of.oauth.token({ grant_type: 'client_credentials', client_id: 'a' }),
    ],
  ])('%s that a portal answers with JSON is an ApiError, and nothing of it is kept', async (_name, call) => {
    for (const body of [{ portal: true }, { token: {} }, { token: 'x', items: {} }, []]) {
      server.react = (_request, response) => sendJson(response, 200, body)
      const storage = memoryStorage({ accessToken: 't' })
      const own = createClient({ baseUrl: server.url, storage })
      await expect(call(own)).rejects.toMatchObject({ name: 'ApiError', code: 'http_200' })
      expect(storage.get()).toEqual({ accessToken: 't' })
    }
  })

  test('safe gives the outcome as a value, and throws what is not the SDK’s', async () => {
    server.react = (_request, response) => sendJson(response, 200, { id: 'x' })
    expect(await safe(client().auth.me())).toEqual({ data: { id: 'x' }, error: undefined })
    server.react = (_request, response) => sendJson(response, 403, problem(403, 'forbidden'))
    expect(await safe(client().auth.me())).toMatchObject({ data: undefined, error: { code: 'forbidden' } })
    await expect(safe(Promise.reject(new RangeError('own')))).rejects.toThrow(RangeError)
  })

  test.each(['', '.', '..'])('an id of %j is refused before it becomes another path', async (id) => {
    await expect(client().sessions.revoke(id)).rejects.toMatchObject({ code: 'invalid_argument' })
    expect(server.seen).toHaveLength(0)
  })

  const circle: Record<string, unknown> = {}
  circle['circle'] = circle
  const HALF = '\ud83d'
  test.each<[string, (of: AuthctlClient) => Promise<unknown>]>([
    ['a body that turns back on itself', (of) => of.raw('POST', '/x', { body: circle })],
    ['a number that JSON has not', (of) => of.raw('PUT', '/x', { body: { n: 1n } })],
    ['half a character in a path', (of) => of.accounts.get(HALF)],
    ['half a character in a query', (of) => of.accounts.list({ cursor: HALF })],
    ['half a character in a form', (of) => of.oauth.introspect({ token: HALF })],
    ['a body of a request that has none', (of) => of.raw('GET', '/x', { body: {} })],
  ])('%s is an argument that cannot be sent, and no failure of the network', async (_name, call) => {
    await expect(call(client())).rejects.toMatchObject({ name: 'ArgumentError', code: 'invalid_argument' })
    expect(server.seen).toHaveLength(0)
  })

  test.each(['localhost', 'ftp://x', '', 'http://u:very-secret@x'])(
    'a base URL of %j is refused at once',
    (baseUrl) => {
      expect(() => createClient({ baseUrl })).toThrow(
        /^baseUrl must be an http or https URL without credentials$/,
      )
    },
  )

  test('an unreachable server is a NetworkError that names it', async () => {
    const away = createClient({ baseUrl: 'http://127.0.0.1:9', retries: 0 })
    await expect(away.system.info()).rejects.toMatchObject({
      name: 'NetworkError',
      code: 'network',
      message: expect.stringContaining('http://127.0.0.1:9'),
    })
  })
})

describe('S6: time', () => {
  test('no answer in time is a TimeoutError, per attempt', async () => {
    server.react = () => undefined
    await expect(client({ timeoutMs: 50, retries: 1 }).auth.me()).rejects.toMatchObject({
      name: 'TimeoutError',
      code: 'timeout',
      attempts: 2,
    })
    expect(server.seen).toHaveLength(2)
  })

  test('the deadline is for all attempts and pauses together', async () => {
    failing(9, 503, { 'retry-after': '5' })
    const start = performance.now()
    await expect(client({ deadlineMs: 150 }).auth.me()).rejects.toMatchObject({
      code: 'timeout',
      attempts: 1,
    })
    server.react = () => undefined
    await expect(client({ retries: 9 }).auth.me({ deadlineMs: 150, timeoutMs: 40 })).rejects.toMatchObject({
      code: 'timeout',
    })
    expect(performance.now() - start).toBeLessThan(3000)
  })

  test('a storage that never answers does not hold a call beyond its deadline', async () => {
    const hung = {
      get: () => new Promise<undefined>(() => undefined),
      set: () => undefined,
      remove: () => undefined,
    }
    const stuck = createClient({ baseUrl: server.url, storage: hung, deadlineMs: 60 })
    await expect(stuck.auth.me()).rejects.toMatchObject({ code: 'timeout', attempts: 0 })
  })

  test('the caller’s signal is an AbortError, at once, also between attempts', async () => {
    server.react = () => undefined
    const during = new AbortController()
    setTimeout(() => during.abort(), 30)
    await expect(client().auth.me({ signal: during.signal })).rejects.toMatchObject({
      name: 'AbortError',
      code: 'aborted',
    })

    failing(9, 503, { 'retry-after': '5' })
    const between = new AbortController()
    setTimeout(() => between.abort(), 100)
    const start = performance.now()
    await expect(client().auth.me({ signal: between.signal })).rejects.toMatchObject({ code: 'aborted' })
    expect(performance.now() - start).toBeLessThan(3000)
    await expect(client().auth.me({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' })
  })
})

describe('S7: retries', () => {
  test.each([408, 429, 500, 503])('a read is repeated after %i', async (status) => {
    failing(2, status)
    await client().auth.me()
    expect(server.seen).toHaveLength(3)
  })

  test.each([400, 401, 403, 404, 409, 422])('nothing is repeated after %i', async (status) => {
    failing(9, status)
    await expect(client().auth.me()).rejects.toMatchObject({ status, attempts: 1 })
    expect(server.seen).toHaveLength(1)
  })

  test('Retry-After is waited for, and one that is too long is left to the caller', async () => {
    failing(1, 429, { 'retry-after': '1' })
    const start = performance.now()
    await client().auth.me()
    expect(performance.now() - start).toBeGreaterThanOrEqual(990)
    failing(1, 429, { 'retry-after': '3600' })
    await expect(client().auth.me()).rejects.toMatchObject({ status: 429, retryAfter: 3600 })
  })

  test('a sign-in is never repeated; a creation is, under one key of its own', async () => {
    failing(9, 503)
    await expect(client().admins.login({ username: 'a', password: 'b' })).rejects.toMatchObject({
      attempts: 1,
    })
    server.seen.length = 0
    failing(2, 503)
    await client().admins.create({ name: 'x', number: 'y' })
    await client().admins.create({ name: 'x', number: 'y' })
    const keys = server.seen.map((request) => request.headers['idempotency-key'])
    expect(keys).toHaveLength(4)
    expect(new Set(keys.slice(0, 3)).size).toBe(1)
    expect(keys[3]).not.toBe(keys[0])
    await client().admins.create({ name: 'x', number: 'y' }, { idempotencyKey: 'mine' })
    expect(server.seen.at(-1)?.headers['idempotency-key']).toBe('mine')
  })

  test('Retry-After may be a date', async () => {
    const inAnHour = new Date(Date.now() + 3600_000).toUTCString()
    failing(1, 503, { 'retry-after': inAnHour })
    const error = await client()
      .auth.me()
      .catch((caught: unknown) => caught as ApiError)
    expect((error as ApiError).retryAfter).toBeGreaterThan(3590)
    failing(1, 503, { 'retry-after': 'soon' })
    await client().auth.me()
  })
})

describe('S13: who asks, and under which id', () => {
  const { version } = JSON.parse(readFileSync(`${ROOT}sdk/package.json`, 'utf8')) as { version: string }

  test('every attempt names the SDK, the runtime and one request id', async () => {
    failing(1, 503)
    const infos: ResponseInfo[] = []
    await client({ middleware: [hooks({ onResponse: (info) => infos.push(info) })] }).auth.me()
    const [first, second] = server.seen
    expect(first?.headers['user-agent']).toBe(`authctl-sdk/${version} (${navigator.userAgent})`)
    expect(first?.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
    expect(second?.headers['x-request-id']).toBe(first?.headers['x-request-id'])
    expect(infos).toMatchObject([
      { method: 'GET', url: `${server.url}/auth/me`, status: 503, attempt: 1, requestId: 'req-1' },
      { status: 200, attempt: 2 },
    ])
  })

  test('a call without an answer says the id that it was sent with', async () => {
    server.react = () => undefined
    const error = await client({ timeoutMs: 500, retries: 0 })
      .auth.me()
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'timeout', requestId: server.seen[0]?.headers['x-request-id'] })
  })

  test('the caller’s own headers win in any case, and none is sent twice', async () => {
    server.react = (_request, response) => sendJson(response, 200, {})
    await client({ headers: { 'USER-AGENT': 'shop/1' } }).auth.me({ headers: { 'X-Request-ID': 'mine' } })
    expect(server.seen[0]?.headers).toMatchObject({ 'user-agent': 'shop/1', 'x-request-id': 'mine' })
  })
})

test('a redirect is an error: the token goes nowhere else', async () => {
  const elsewhere = await startScriptedServer()
  server.react = (_request, response) => response.writeHead(307, { location: elsewhere.url }).end()
  await expect(client().auth.me()).rejects.toMatchObject({ status: 307, code: 'http_307' })
  expect(elsewhere.seen).toHaveLength(0)
  await elsewhere.stop()
})

test('a fetch of the caller is called as a plain function', async () => {
  const receivers: unknown[] = []
  const own: typeof fetch = function (this: unknown, input, init) {
    receivers.push(this)
    return fetch(input, init)
  }
  server.react = (_request, response) => sendJson(response, 200, {})
  await client({ fetch: own }).auth.me()
  expect(receivers).toEqual([undefined])
})

test('raw gives text and empty answers as they are, repeats what may be repeated, and stays on its host', async () => {
  server.react = ({ url }, response) =>
    response.writeHead(url === '/metrics' ? 200 : 204).end(url === '/metrics' ? 'up 1' : '')
  expect(await client().raw('GET', '/metrics')).toBe('up 1')
  expect(await client().raw('delete', '/x')).toBeUndefined()
  await expect(client().raw('GET', '@127.0.0.1:9/x')).rejects.toMatchObject({ code: 'invalid_argument' })
  for (const [method, options, count, sent = {}] of [
    ['DELETE', {}, 2],
    ['POST', {}, 1],
    ['POST', { idempotencyKey: '' }, 1],
    ['POST', { idempotencyKey: 'k' }, 2, { 'idempotency-key': 'k' }],
    ['PUT', { ifMatch: 7 }, 1, { 'if-match': '"7"' }],
    ['PUT', { headers: { 'If-Match': '*' } }, 1, { 'if-match': '*' }],
  ] as const) {
    server.seen.length = 0
    failing(1, 503)
    await client()
      .raw(method, '/x', { body: {} }, options)
      .catch(() => undefined)
    expect(server.seen).toHaveLength(count)
    expect(server.seen.at(-1)?.headers).toMatchObject(sent)
  }
})

test('S15: a page iterates over all pages, page by page or item by item, and reads no page in vain', async () => {
  server.react = ({ url }, response) => {
    const cursor = new URL(url, server.url).searchParams.get('cursor')
    const page = cursor === null ? 0 : Number(cursor)
    sendJson(response, 200, {
      items: [{ id: `${page}a` }, { id: `${page}b` }],
      next_cursor: page === 2 ? null : String(page + 1),
    })
  }
  const page = await client().accounts.list({ role: 'admin', limit: 2 })
  expect(page.items).toHaveLength(2)
  expect(await page.all({ max: 0 })).toEqual([])
  expect((await page.all({ max: 2 })).map(({ id }) => id)).toEqual(['0a', '0b'])
  expect(server.seen).toHaveLength(1)
  expect((await page.all({ max: 3 })).map(({ id }) => id)).toEqual(['0a', '0b', '1a'])
  expect(server.seen).toHaveLength(2)
  const sizes: number[] = []
  for await (const { items } of page.pages()) sizes.push(items.length)
  expect(sizes).toEqual([2, 2, 2])
  expect(await page.all()).toHaveLength(6)
  server.seen.splice(1)
  const ids: string[] = []
  for await (const account of page) ids.push(account.id)
  expect(ids).toEqual(['0a', '0b', '1a', '1b', '2a', '2b'])
  expect(server.seen.map((request) => request.url)[1]).toBe('/accounts?role=admin&limit=2&cursor=1')
})

test('path parameters are encoded, and raw reaches any path', async () => {
  server.react = (_request, response) => sendJson(response, 200, { id: 'x' })
  await client().accounts.get('../a b?c')
  expect(server.seen[0]?.url).toBe('/accounts/..%2Fa%20b%3Fc')
  await client().raw('GET', '/openapi.json', { query: { a: 1 } })
  expect(server.seen[1]).toMatchObject({ url: '/openapi.json?a=1', headers: { authorization: 'Bearer t' } })
})
