import { ApiError, createClient, isAuthctlError } from '@authctl/sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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

  test.each([
    ['a page', 502, '<html>bad gateway</html>', 'text/html'],
    ['nothing', 500, '', 'text/plain'],
    ['half a body', 400, '{"code":', 'application/problem+json'],
    ['a page under 200', 200, '<html>', 'text/html'],
    ['nothing under 200', 200, '', 'application/json'],
  ])('%s is an ApiError, never a SyntaxError', async (_name, status, body, type) => {
    server.react = (_request, response) => response.writeHead(status, { 'content-type': type }).end(body)
    await expect(client({ retries: 0 }).auth.me()).rejects.toMatchObject({
      name: 'ApiError',
      status,
      code: `http_${status}`,
    })
  })

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
})

test('S15: a page iterates over all pages', async () => {
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
