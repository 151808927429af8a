import { memoryStorage, type Session, type SessionStorage } from '@authctl/sdk'
import { cookieStorage, createSession, type AuthState, type SessionOptions } from '@authctl/sdk/session'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { sendJson, startScriptedServer, type ScriptedServer } from '../support/scripted-server.ts'

let server: ScriptedServer
let serial = 0
const made: { dispose: () => void }[] = []
beforeEach(async () => {
  server = await startScriptedServer()
  let issued = 0
  server.react = ({ url }, response) => {
    const name = `token-${++issued}`
    const token = { access_token: name, token_type: 'Bearer', expires_in: 900, refresh_token: `rt-${name}` }
    if (url === '/auth/me') sendJson(response, 200, { id: 'usr_1' })
    else sendJson(response, 200, { detail: 'ok', token, account: { id: 'usr_1', name: 'Asha' } })
  }
})
afterEach(async () => {
  for (const session of made.splice(0)) session.dispose()
  vi.useRealTimers()
  vi.unstubAllGlobals()
  await server.stop()
})

const held = (fields: Partial<Session> = {}): Session => ({
  accessToken: 'old',
  refreshToken: 'rt-old',
  expiresAt: Date.now() + 60_000,
  ...fields,
})
/** A store that several tabs share, slower than `localStorage`. */
const shared = (initial?: Session): SessionStorage => {
  const { get, set, remove } = memoryStorage(initial)
  const later = async <T>(work: () => T | Promise<T>): Promise<T> => {
    await sleep(1)
    return work()
  }
  return { get: () => later(get), set: (session) => later(() => set(session)), remove: () => later(remove) }
}
const open = (options: Partial<SessionOptions> & { key: string }) => {
  const session = createSession({ baseUrl: server.url, ...options })
  made.push(session)
  return session
}
/** How many hold the lock of a session. */
const holders = async (key: string): Promise<number> =>
  (await navigator.locks.query()).held?.filter(({ name }) => name === key).length ?? 0
const newKey = (): string => `test.${process.pid}.${serial++}`
const refreshes = () => server.seen.filter(({ url }) => url === '/auth/token/refresh').length
/** What a browser does whose person has blocked cookies. */
const blockedChannel = function (): never {
  throw new DOMException('The operation is insecure.', 'SecurityError')
}
const listenTo = (session: ReturnType<typeof open>) => {
  const heard: AuthState[] = []
  session.onAuthStateChange((state) => heard.push(state))
  return { heard, events: () => heard.map(({ event, isSignedIn }) => `${event} ${isSignedIn}`) }
}

describe('S9: tabs', () => {
  test('twelve tabs with an expired token make one refresh, and all have its token', async () => {
    const [key, storage] = [newKey(), shared(held({ expiresAt: 0 }))]
    const tabs = Array.from({ length: 12 }, () => open({ key, storage }))
    const tokens = await Promise.all(tabs.map((tab) => tab.accessToken()))
    expect(refreshes()).toBe(1)
    expect(new Set(tokens)).toEqual(new Set(['token-1']))
  })

  test('what another tab has written is waited for, when it has refreshed a moment ago', async () => {
    const key = newKey()
    const stored = memoryStorage(held({ expiresAt: 0 }))
    const [one, late] = [open({ key, storage: stored }), { ...memoryStorage(), get: () => seen }]
    let seen: Session | undefined = held({ expiresAt: 0 })
    const other = open({ key, storage: late })
    expect(await one.accessToken()).toBe('token-1')
    const token = other.accessToken()
    await sleep(50)
    seen = await stored.get()
    expect([await token, refreshes()]).toEqual(['token-1', 1])
  })

  test('a lock that another holds for ever is waited for five seconds, and its holder is not harmed', async () => {
    const key = newKey()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let release = (): void => undefined
    const stuck = navigator.locks.request(key, () => new Promise<void>((resolve) => (release = resolve)))
    const tab = open({ key, storage: memoryStorage(held({ expiresAt: 0 })) })
    const token = tab.accessToken()
    await vi.waitFor(async () =>
      expect((await navigator.locks.query()).pending?.map(({ name }) => name)).toEqual([key]),
    )
    expect(refreshes()).toBe(0)
    await vi.advanceTimersByTimeAsync(5000)
    vi.useRealTimers()
    expect(await token).toBe('token-1')
    expect(await holders(key)).toBe(1)
    release()
    await stuck
  })

  test.each([
    ['a refresh that fails', undefined],
    ['a browser without locks', {}],
    ['a page that may not lock', { locks: { request: () => Promise.reject(new Error('SecurityError')) } }],
  ])('%s leaves no lock behind', async (_name, stub) => {
    if (stub !== undefined) vi.stubGlobal('navigator', stub)
    const key = newKey()
    const tab = open({ key, retries: 0, storage: memoryStorage(held({ expiresAt: 0 })) })
    const react = server.react
    server.react = (_request, response) => void response.destroy()
    await expect(tab.accessToken()).rejects.toMatchObject({ code: 'network' })
    server.react = react
    expect(await tab.accessToken()).toBe('token-1')
    vi.unstubAllGlobals()
    expect(await holders(key)).toBe(0)
  })

  test('listeners run when the lock is free, and may call at once', async () => {
    const key = newKey()
    const tab = open({ key, storage: memoryStorage(held()) })
    const answers: unknown[] = []
    tab.onAuthStateChange(({ event }) => {
      if (event !== 'token_refreshed' || answers.length > 0) return
      const count = holders(key)
      answers.push(tab.client.tokens.refresh().then(({ accessToken }) => accessToken))
      answers.push(count)
    })
    await tab.client.auth.me()
    await tab.client.tokens.refresh()
    await expect.poll(() => answers).toHaveLength(2)
    expect(await Promise.all(answers)).toEqual(['token-3', 0])
  })
})

describe('S17: who is signed in', () => {
  test('a page that may not reach other tabs has a session all the same', async () => {
    vi.stubGlobal('BroadcastChannel', blockedChannel)
    const tab = open({ key: newKey(), storage: memoryStorage(held()) })
    const { events } = listenTo(tab)
    await tab.client.tokens.refresh()
    await expect.poll(events).toEqual(['initial true', 'token_refreshed true'])
  })

  test('a function that listens twice hears twice until it stops once, and nothing when all has ended', async () => {
    const tab = open({ key: newKey(), storage: memoryStorage(held()) })
    const heard: string[] = []
    const listener = ({ event }: AuthState) => void heard.push(event)
    const stop = tab.onAuthStateChange(listener)
    tab.onAuthStateChange(listener)
    await expect.poll(() => heard).toEqual(['initial', 'initial'])
    stop()
    await tab.client.tokens.refresh()
    await expect.poll(() => heard.slice(2)).toEqual(['token_refreshed'])
    const late = open({ key: newKey(), storage: shared(held()) })
    const { events } = listenTo(late)
    late.dispose()
    await sleep(20)
    expect(events()).toEqual([])
  })

  test('every listener hears the initial state first, then sign-ins, refreshes and sign-outs of every tab, without a token', async () => {
    const [key, storage] = [newKey(), shared()]
    const [one, other] = [open({ key, storage }), open({ key, storage })]
    const [first, second] = [listenTo(one), listenTo(other)]
    await expect.poll(second.events).toEqual(['initial false'])
    await one.signIn({ number: '+919876543210', otp: '493027' })
    await expect.poll(second.events).toEqual(['initial false', 'signed_in true'])
    expect(second.heard[1]?.account).toMatchObject({ name: 'Asha' })
    await one.client.tokens.refresh()
    await expect.poll(second.events).toContain('token_refreshed true')
    const late = listenTo(other)
    await expect.poll(late.events).toEqual(['initial true'])
    await other.signOut()
    for (const { events, heard } of [first, second]) {
      await expect
        .poll(events)
        .toEqual(['initial false', 'signed_in true', 'token_refreshed true', 'signed_out false'])
      expect(JSON.stringify(heard)).not.toMatch(/token-\d|rt-/)
    }
    await expect.poll(late.events).toEqual(['initial true', 'signed_out false'])
    expect(await one.accessToken()).toBeUndefined()
  })

  test('a session that the daemon has ended is a sign-out; another account is a sign-in; a listener can stop', async () => {
    const [key, storage] = [newKey(), shared(held())]
    const tab = open({ key, storage })
    const { events } = listenTo(tab)
    const stopped: AuthState[] = []
    tab.onAuthStateChange((state) => stopped.push(state))()
    await expect.poll(events).toEqual(['initial true'])
    await tab.signIn({ number: '+919876543210', otp: '493027' })
    await expect.poll(events).toEqual(['initial true', 'signed_in true'])
    server.react = (_request, response) => sendJson(response, 401, { code: 'invalid_grant' })
    await expect(tab.client.tokens.refresh()).rejects.toMatchObject({ code: 'invalid_grant' })
    await expect.poll(events).toEqual(['initial true', 'signed_in true', 'signed_out false'])
    expect(stopped).toEqual([])
  })

  test('signing out without an answer of the daemon ends the session here, and says so; one that is over is no error', async () => {
    const tab = open({ key: newKey(), storage: memoryStorage(held()) })
    server.react = (_request, response) => void response.destroy()
    await expect(tab.signOut()).rejects.toMatchObject({ code: 'network' })
    expect(await tab.accessToken()).toBeUndefined()
    await tab.signOut()
  })
})

describe('S10: storage that is blocked, full or hangs costs persistence only', () => {
  const never = () => new Promise<never>(() => undefined)
  const thrown = () => {
    throw new Error('blocked')
  }
  test.each([
    ['hangs', { get: never, set: never, remove: never }],
    ['throws', { get: thrown, set: thrown, remove: thrown }],
    ['is full', { ...memoryStorage(held({ accessToken: 'older' })), set: thrown }],
  ])('one that %s', async (_name, storage) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const hurry = setInterval(() => vi.advanceTimersByTime(2000), 10)
    onTestFinished(() => clearInterval(hurry))
    const tab = open({ key: newKey(), storage })
    await tab.signIn({ number: '+919876543210', otp: '493027' })
    expect(await tab.accessToken()).toBe('token-1')
    await tab.client.tokens.refresh()
    expect(await tab.accessToken()).toBe('token-2')
    await tab.signOut()
    expect(await tab.accessToken()).toBeUndefined()
  })

  test('one that fails once is asked again', async () => {
    let failures = 1
    const stored = memoryStorage(held())
    const get = () => (failures-- > 0 ? thrown() : stored.get())
    const tab = open({ key: newKey(), storage: { ...stored, get } })
    expect([await tab.client.session.get(), await tab.accessToken()]).toEqual([undefined, 'old'])
  })

  test('a cookie keeps a session over pages, with what its account leaves room for; one that is refused is an error', async () => {
    const cookies = new Map<string, string>()
    const written: string[] = []
    const jar = {
      read: () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      write: (cookie: string) => {
        written.push(cookie)
        const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(cookie) ?? []
        if (cookie.includes('Max-Age=0')) cookies.delete(name)
        else if (name.length + 1 + value.length <= 4096) cookies.set(name, value)
      },
    }
    cookies.set('other', 'x')
    const key = newKey()
    const tab = open({ key, storage: cookieStorage({ jar, secure: true, domain: 'example.com' }) })
    await tab.signIn({ number: '+919876543210', otp: '493027' })
    expect(written[0]).toMatch(
      /^authctl\.session=%7B[^;]+; Path=\/; Max-Age=2592000; SameSite=Lax; Domain=example\.com; Secure$/,
    )
    const storage = cookieStorage({ jar })
    expect(await storage.get()).toMatchObject({ accessToken: 'token-1', account: { name: 'Asha' } })
    const account = { ...(await storage.get())?.account, name: 'x'.repeat(5000) } as NonNullable<
      Session['account']
    >
    await storage.set(held({ account }))
    expect(await storage.get()).toEqual({ ...held(), expiresAt: expect.any(Number) })
    expect(() => storage.set(held({ accessToken: 'x'.repeat(5000) }))).toThrow(/does not take the cookie/)
    cookies.set('authctl.session', '%7B%')
    expect(await storage.get()).toBeUndefined()
    await storage.remove()
    expect([...cookies.keys()]).toEqual(['other'])
  })
})

describe('S18: a clock that is wrong, or is put right, makes no loop of refreshes', () => {
  const DAY = 86_400_000
  test.each([
    ['is a day ahead', DAY, 0, 900, 1],
    ['is a day behind', -DAY, 0, 900, 1],
    ['jumps a day ahead', 0, DAY, 900, 2],
    ['jumps a day back', 0, -DAY, 900, 1],
    ['is right, with tokens of five seconds', 0, 0, 5, 1],
  ])('one that %s', async (_name, offset, jump, life, expected) => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const start = Date.now()
    vi.setSystemTime(start + offset)
    const react = server.react
    server.react = ({ url }, response) =>
      url === '/auth/token/refresh'
        ? sendJson(response, 200, {
            token: { access_token: `t${refreshes()}`, expires_in: life, refresh_token: 'r' },
          })
        : react({ url } as never, response)
    // As a server of the right time would have handed it over: ended or not, by the wrong clock.
    const tab = open({ key: newKey(), storage: memoryStorage(held({ expiresAt: start - 1 })) })
    await tab.client.tokens.refresh()
    for (let call = 0; call < 5; call++) await tab.client.auth.me()
    vi.setSystemTime(start + offset + jump)
    for (let call = 0; call < 5; call++) await tab.client.auth.me()
    expect(refreshes()).toBe(expected)
  })
})

describe('S17: the code of an SMS', () => {
  const stubOtp = (get: (options: { signal: AbortSignal }) => Promise<unknown>) => {
    vi.stubGlobal('OTPCredential', Object)
    vi.stubGlobal('navigator', { credentials: { get } })
  }

  test('is received where the browser hands it over, and not where it cannot or the person declines', async () => {
    const tab = open({ key: newKey() })
    expect(await tab.receiveCode()).toBeUndefined()
    const asked: unknown[] = []
    stubOtp((options) => (asked.push({ ...options, signal: undefined }), Promise.resolve({ code: '493027' })))
    expect(await tab.receiveCode()).toBe('493027')
    expect(asked).toEqual([{ otp: { transport: ['sms'] } }])
    stubOtp(() => Promise.reject(new DOMException('declined', 'NotAllowedError')))
    expect(await tab.receiveCode()).toBeUndefined()
  })

  test.each([
    ['its signal', (_tab: unknown, controller: AbortController) => controller.abort()],
    ['the next wait', (tab: ReturnType<typeof open>) => void tab.receiveCode()],
    ['the end of the session', (tab: ReturnType<typeof open>) => tab.dispose()],
  ])('is no longer waited for after %s', async (_name, end) => {
    const signals: AbortSignal[] = []
    stubOtp(({ signal }) => {
      signals.push(signal)
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('aborted'))),
      )
    })
    const [tab, controller] = [open({ key: newKey() }), new AbortController()]
    const code = tab.receiveCode({ signal: controller.signal })
    end(tab, controller)
    expect(await code).toBeUndefined()
    expect(signals[0]?.aborted).toBe(true)
    tab.dispose()
  })
})
