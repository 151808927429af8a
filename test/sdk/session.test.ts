import { type AuthctlClient, createClient, memoryStorage, webStorage, type Session } from '@authctl/sdk'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { sendJson, startScriptedServer, type ScriptedServer } from '../support/scripted-server.ts'

let server: ScriptedServer
beforeEach(async () => {
  server = await startScriptedServer()
})
afterEach(() => server.stop())

const problem = (status: number, code: string) => ({
  type: `urn:authctl:problem:${code}`,
  title: code,
  status,
  detail: code,
  instance: 'req-1',
  code,
})
const token = (access: string) => ({
  access_token: access,
  token_type: 'Bearer',
  expires_in: 900,
  refresh_token: `rt-of-${access}`,
})
const me = { id: 'usr_1', role: 'user' }
const refreshes = () => server.seen.filter((request) => request.url === '/auth/token/refresh')

/** A daemon that knows one live access token and refreshes to it. */
const refreshTo = (live: string, delayMs = 20) => {
  server.react = (request, response) => {
    if (request.url === '/auth/token/refresh') {
      setTimeout(() => sendJson(response, 200, { detail: 'ok', token: token(live) }), delayMs)
    } else if (request.headers.authorization === `Bearer ${live}`) sendJson(response, 200, me)
    else sendJson(response, 401, problem(401, 'invalid_token'))
  }
}
const held = (fields: Partial<Session> = {}): Session => ({
  accessToken: 'old',
  refreshToken: 'rt-old',
  expiresAt: Date.now() + 60_000,
  ...fields,
})
const clientWith = (session: Session) => {
  const storage = memoryStorage(session)
  return { client: createClient({ baseUrl: server.url, storage, retries: 0 }), storage }
}

describe('S8: refresh', () => {
  test('20 parallel calls with an expired token make one refresh, and all succeed', async () => {
    refreshTo('new')
    const { client, storage } = clientWith(held({ expiresAt: Date.now() - 1 }))
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.auth.me()))
    expect(answers).toHaveLength(20)
    expect(refreshes()).toHaveLength(1)
    expect(refreshes()[0]?.headers.authorization).toBe('Bearer rt-old')
    expect(await storage.get()).toMatchObject({ accessToken: 'new', refreshToken: 'rt-of-new' })
  })

  test('20 parallel calls that the server refuses make one refresh and are repeated once each', async () => {
    refreshTo('new')
    const { client } = clientWith(held())
    await Promise.all(Array.from({ length: 20 }, () => client.auth.me()))
    expect(refreshes()).toHaveLength(1)
    expect(server.seen.filter((request) => request.url === '/auth/me')).toHaveLength(40)
  })

  test.each(['GET', 'HEAD'])('%s: that a token has ended is known by a header alone', async (method) => {
    refreshTo('new')
    const { react } = server
    server.react = (request, response) => {
      if (request.headers.authorization !== 'Bearer old') return react(request, response)
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end()
    }
    await clientWith(held()).client.raw(method, '/auth/me')
    expect(refreshes()).toHaveLength(1)
  })

  test('a token that is refused again after a refresh is an error, not a loop', async () => {
    server.react = (request, response) =>
      request.url === '/auth/token/refresh'
        ? sendJson(response, 200, { detail: 'ok', token: token('new') })
        : sendJson(response, 401, problem(401, 'invalid_token'))
    await expect(clientWith(held()).client.auth.me()).rejects.toMatchObject({ code: 'invalid_token' })
    expect(server.seen).toHaveLength(3)
  })

  test('a definitive refusal signs out', async () => {
    server.react = (request, response) =>
      sendJson(
        response,
        401,
        problem(401, request.url === '/auth/token/refresh' ? 'invalid_grant' : 'invalid_token'),
      )
    const { client, storage } = clientWith(held())
    await expect(client.auth.me()).rejects.toMatchObject({ code: 'invalid_grant', status: 401 })
    expect(await storage.get()).toBeUndefined()
    await expect(client.auth.me()).rejects.toMatchObject({ code: 'not_signed_in' })
  })

  test.each([
    [
      '503',
      (response: Parameters<ScriptedServer['react']>[1]) =>
        sendJson(response, 503, problem(503, 'unavailable'), { 'retry-after': '60' }),
    ],
    [
      'a page of a proxy',
      (response: Parameters<ScriptedServer['react']>[1]) => response.writeHead(502).end('<html>'),
    ],
    [
      'a refusal that is not the daemon’s',
      (response: Parameters<ScriptedServer['react']>[1]) =>
        response.writeHead(403).end('<html>blocked</html>'),
    ],
    [
      'JSON that is not the daemon’s',
      (response: Parameters<ScriptedServer['react']>[1]) => sendJson(response, 200, { portal: true }),
    ],
    [
      'a token without its time',
      (response: Parameters<ScriptedServer['react']>[1]) =>
        sendJson(response, 200, { token: { access_token: 'x' } }),
    ],
    ['a cut connection', (response: Parameters<ScriptedServer['react']>[1]) => response.destroy()],
  ])('%s during the refresh keeps the session', async (_name, fail) => {
    server.react = (request, response) =>
      request.url === '/auth/token/refresh'
        ? fail(response)
        : sendJson(response, 401, problem(401, 'invalid_token'))
    const { client, storage } = clientWith(held())
    await expect(client.auth.me()).rejects.toThrow(/unavailable|answered (502|403|200)|cannot be reached/)
    expect(await storage.get()).toMatchObject({ refreshToken: 'rt-old' })
  })

  test('a token that another tab has refreshed meanwhile is taken over without a refresh', async () => {
    refreshTo('new')
    const storage = memoryStorage(held())
    let reads = 0
    const client = createClient({
      baseUrl: server.url,
      storage: { ...storage, get: () => (++reads > 1 ? held({ accessToken: 'new' }) : held()) },
    })
    await client.auth.me()
    expect(refreshes()).toHaveLength(0)
  })

  test('a session without a refresh token that took the place of an expired one is used as it is', async () => {
    refreshTo('given')
    let reads = 0
    const expired = held({ expiresAt: Date.now() - 1 })
    const storage = { ...memoryStorage(), get: () => (++reads > 1 ? { accessToken: 'given' } : expired) }
    const client = createClient({ baseUrl: server.url, storage })
    expect(await client.auth.me()).toMatchObject({ id: 'usr_1' })
    expect(refreshes()).toHaveLength(0)
  })

  test.each([
    ['signing out', (client: AuthctlClient) => client.session.clear(), undefined],
    [
      'another sign-in',
      (client: AuthctlClient) => client.session.set(held({ accessToken: 'other', refreshToken: 'rt-other' })),
      'other',
    ],
  ])('%s while a refresh runs is not undone by it', async (_name, act, expected) => {
    refreshTo('new', 80)
    const { client } = clientWith(held())
    const refresh = client.tokens.refresh().catch((error: unknown) => error)
    await vi.waitFor(() => expect(refreshes()).toHaveLength(1))
    await act(client)
    const outcome = await refresh
    expect((await client.session.get())?.accessToken).toBe(expected)
    expect(outcome).toMatchObject(
      expected === undefined ? { code: 'not_signed_in' } : { accessToken: expected },
    )
  })

  test('a definitive refusal spares a session that has taken the place of the refused one', async () => {
    const { client, storage } = clientWith(held())
    server.react = (_request, response) => {
      void storage.set(held({ accessToken: 'newer', refreshToken: 'rt-newer' }))
      sendJson(response, 401, problem(401, 'invalid_grant'))
    }
    expect(await client.tokens.refresh()).toMatchObject({ accessToken: 'newer' })
    expect(await storage.get()).toMatchObject({ refreshToken: 'rt-newer' })
  })

  test('a caller that gives up does not end the refresh that others wait for', async () => {
    refreshTo('new', 150)
    const { client } = clientWith(held({ expiresAt: Date.now() - 1 }))
    const impatient = client.auth.me({ deadlineMs: 40 }).catch((error: unknown) => error)
    const aborted = client.auth.me({ signal: AbortSignal.timeout(40) }).catch((error: unknown) => error)
    const patient = client.auth.me()
    expect(await impatient).toMatchObject({ code: 'timeout' })
    expect(await aborted).toMatchObject({ code: 'aborted' })
    expect(await patient).toMatchObject({ id: 'usr_1' })
    expect(refreshes()).toHaveLength(1)
  })

  test('a refresh names the client that the sign-in named', async () => {
    server.react = (_request, response) =>
      sendJson(response, 200, { detail: 'ok', token: token('a'), account: me })
    const client = createClient({ baseUrl: server.url, clientId: 'shop' })
    const named = () => (JSON.parse(refreshes().at(-1)?.body ?? '') as { client_id?: string }).client_id
    await client.admins.login({ username: 'asha', password: 'x', client_id: 'kiosk' })
    await client.tokens.refresh()
    expect(named()).toBe('kiosk')
    await client.tokens.refresh()
    expect(named()).toBe('kiosk')
    await client.admins.login({ username: 'asha', password: 'x' })
    await client.tokens.refresh()
    expect(named()).toBe('shop')
    // The daemon binds this session to its default client: the body has no field for another.
    await client.superadmins.bootstrap({ setup_token: 's', name: 'R', username: 'root', password: 'x' })
    await client.tokens.refresh()
    expect(named()).toBeUndefined()
  })

  test('listeners hear of refreshes and sign-outs until they stop', async () => {
    refreshTo('new')
    const { client } = clientWith(held({ expiresAt: Date.now() - 1 }))
    const heard: (string | undefined)[] = []
    const listener = (session: Session | undefined) => void heard.push(session?.accessToken)
    const stop = client.session.onChange(listener)
    client.session.onChange(listener)()
    await client.auth.me()
    await client.session.clear()
    stop()
    await client.session.set(held())
    expect(heard).toEqual(['new', undefined])
  })

  test('with an access token alone nothing is refreshed', async () => {
    server.react = (_request, response) => sendJson(response, 401, problem(401, 'invalid_token'))
    const client = createClient({ baseUrl: server.url, accessToken: 'given' })
    await expect(client.auth.me()).rejects.toMatchObject({ code: 'invalid_token' })
    expect(server.seen.map((request) => request.headers.authorization)).toEqual(['Bearer given'])
  })
})

describe('S10: storage', () => {
  test('a web storage that throws loses nothing but persistence', async () => {
    const broken = {
      getItem: () => {
        throw new Error('blocked')
      },
      setItem: () => {
        throw new Error('quota')
      },
      removeItem: () => {
        throw new Error('blocked')
      },
    }
    for (const storage of [
      webStorage(broken),
      webStorage(() => {
        throw new Error('SecurityError: access is denied for this document')
      }),
    ]) {
      await storage.set(held())
      expect(await storage.get()).toMatchObject({ accessToken: 'old' })
      await storage.remove()
      expect(await storage.get()).toBeUndefined()
    }
  })

  test('a full web storage does not bring the session before back', async () => {
    const items = new Map([['authctl.session', JSON.stringify(held({ refreshToken: 'used' }))]])
    const full = {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: () => {
        throw new Error('quota')
      },
      removeItem: (key: string) => void items.delete(key),
    }
    await webStorage(full).set(held({ refreshToken: 'next' }))
    expect(await webStorage(full).get()).toBeUndefined()
  })

  test.each(['{', '5', '[]', '{"accessToken":7}', 'null'])(
    'a web storage that holds %s holds no session',
    async (text) => {
      const storage = webStorage({
        getItem: () => text,
        setItem: () => undefined,
        removeItem: () => undefined,
      })
      expect(await storage.get()).toBeUndefined()
    },
  )

  test('a web storage keeps the session over clients, and a sign-in fills it', async () => {
    const items = new Map<string, string>()
    const local = {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    }
    server.react = (_request, response) =>
      sendJson(response, 200, { detail: 'ok', token: token('a'), account: me })
    await createClient({ baseUrl: server.url, storage: webStorage(local), clientId: 'shop' }).users.login({
      number: '+919876543210',
      otp: '123456',
    })
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      client_id: 'shop',
      number: '+919876543210',
      otp: '123456',
    })
    const other = createClient({ baseUrl: server.url, storage: webStorage(local) })
    expect(await other.session.get()).toMatchObject({
      accessToken: 'a',
      refreshToken: 'rt-of-a',
      account: me,
    })
    await other.session.clear()
    expect(items.size).toBe(0)
  })

  test('creating an account does not change who is signed in; signing out forgets even when the server fails', async () => {
    const { client, storage } = clientWith(held())
    server.react = (_request, response) =>
      sendJson(response, 201, { detail: 'ok', token: token('theirs'), account: me })
    await client.clients.create({ name: 'x', number: '+919876543210' })
    expect(await storage.get()).toMatchObject({ accessToken: 'old' })
    server.react = (_request, response) => void response.destroy()
    await expect(client.auth.logout()).rejects.toMatchObject({ code: 'network' })
    expect(await storage.get()).toBeUndefined()
  })
})

describe('S14: no token shows in the printed or serialised form', () => {
  const formsOf = (value: unknown) => [
    inspect(value, { depth: 9, showHidden: true }),
    JSON.stringify(value) ?? '',
    String(value),
  ]

  test('of a client that has signed in and refreshed, or of its errors', async () => {
    server.react = (request, response) =>
      request.url === '/auth/user/login'
        ? sendJson(response, 200, { detail: 'ok', token: token('very-secret'), account: me })
        : sendJson(response, 401, problem(401, 'invalid_token'))
    const client = createClient({ baseUrl: server.url, headers: { 'x-key': 'very-secret' } })
    await client.users.login({ number: '+919876543210', otp: '123456' })
    const refused = await client.auth.me().catch((caught: unknown) => caught)
    await client.users.login({ number: '+919876543210', otp: '123456' })
    server.react = (_request, response) => void response.destroy()
    const cut = await client.auth.me({ retries: 0 }).catch((caught: unknown) => caught)
    expect(cut).toMatchObject({ code: 'network' })
    for (const value of [client, refused, cut])
      for (const text of formsOf(value)) expect(text).not.toContain('very-secret')
  })

  test('of the error for a token that no header can hold', async () => {
    const client = createClient({ baseUrl: server.url, accessToken: 'very-secret\ntoken' })
    const error = await client.auth.me().catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'invalid_argument' })
    for (const text of formsOf(error)) expect(text).not.toContain('very-secret')
    expect(server.seen).toHaveLength(0)
  })
})
