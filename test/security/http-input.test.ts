import { connect } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { routes } from '../../daemon/contract/routes.ts'
import type { Route } from '../../daemon/contract/route.ts'
import { PASSWORD, type Family } from '../support/accounts.ts'
import type { Answer } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

let daemon: TestDaemon
let family: Family

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))

const LOGIN = '/auth/admin/login'
const post = (raw: string | Buffer, headers: Record<string, string> = {}, path = LOGIN) =>
  daemon.api.call('POST', path, { raw, headers })

/** Sends bytes as they are, piece by piece, and returns the status of each answer. */
const rawRequest = async (...pieces: readonly string[]): Promise<number[]> => {
  const { hostname, port } = new URL(daemon.url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  for (const piece of pieces) {
    socket.write(piece)
    if (pieces.length > 1) await sleep(20)
  }
  const timer = setTimeout(() => socket.destroy(), 1500)
  await closed
  clearTimeout(timer)
  return [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status))
}

describe('H2: bodies', () => {
  const sized = (bytes: number) => {
    const frame = JSON.stringify({ username: 'asha', password: '' }).length
    return JSON.stringify({ username: 'asha', password: 'x'.repeat(bytes - frame) })
  }
  const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  const keys = (n: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, 1])))
  const json = JSON.stringify({ username: 'asha', password: PASSWORD })

  test.each([
    ['16 KiB and one byte', sized(16_385), {}, 413, 'body_too_large'],
    ['16 KiB', sized(16_384), {}, 400, 'invalid_request'],
    ['21 levels', nested(21), {}, 400, 'invalid_json'],
    ['10,000 levels', nested(2000), {}, 400, 'invalid_json'],
    ['201 keys', keys(201), {}, 400, 'invalid_json'],
    [
      'a form',
      'username=asha',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    ['text', json, { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['no type', json, { 'content-type': '' }, 415, 'unsupported_media_type'],
    [
      'another charset',
      json,
      { 'content-type': 'application/json; charset=utf-16' },
      415,
      'unsupported_media_type',
    ],
    ['an array', '[]', {}, 400, 'invalid_json'],
    ['a scalar', '1', {}, 400, 'invalid_json'],
    ['null', 'null', {}, 400, 'invalid_json'],
    ['cut off', '{"username":', {}, 400, 'invalid_json'],
    ['two values', '{}{}', {}, 400, 'invalid_json'],
    ['a trailing comma', '{"username":"asha",}', {}, 400, 'invalid_json'],
    ['NaN', '{"username":NaN}', {}, 400, 'invalid_json'],
    ['a byte order mark alone', '\uFEFF', {}, 400, 'invalid_json'],
    ['spaces alone', '  \n', {}, 400, 'invalid_json'],
  ])('%s', async (_name, raw, headers, status, code) => {
    expect(await post(raw, headers)).toMatchObject({ status, body: { code } })
  })

  test('a compressed bomb is refused unread', async () => {
    const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024, 0x20))
    const answer = await post(bomb, { 'content-encoding': 'gzip' })
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
  })

  test.each([
    'application/json; charset=UTF-8',
    'application/json; charset=utf8',
    'application/json;charset="utf-8"',
    'application/json;',
    'application/json ; ',
    'APPLICATION/JSON',
  ])('%s is read', async (type) => {
    expect((await post(json, { 'content-type': type })).status).toBe(200)
  })

  test('a body in chunks is read, and what a proxy makes of none is none', async () => {
    const inChunks = await fetch(daemon.url + LOGIN, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([json]).stream(),
      duplex: 'half',
    })
    expect(inChunks.status).toBe(200)
    const announced: Record<string, string>[] = [
      {},
      { 'content-length': '0' },
      { 'transfer-encoding': 'chunked' },
      { 'content-type': 'application/json' },
      { 'content-type': 'text/plain', 'content-length': '0' },
      { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    ]
    for (const headers of announced) {
      const read = await daemon.api.call('GET', '/healthz', { headers })
      expect({ headers, status: read.status }).toEqual({ headers, status: 200 })
      const answer = await daemon.api.call('POST', LOGIN, { headers })
      expect({ headers, code: answer.body['code'] }).toEqual({ headers, code: 'invalid_request' })
    }
  })

  test('a body counts the same whether it comes with its head, after it, or piece by piece', async () => {
    const head = `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n`
    const whole = (body: string): string => `Content-Length: ${body.length}\r\n\r\n${body}`
    const chunked = (body: string): string =>
      `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    const cases: readonly (readonly [body: string, status: number])[] = [
      [json, 200],
      [sized(16_384), 400],
      [sized(16_385), 413],
    ]
    for (const [body, status] of cases)
      for (const sent of [whole(body), chunked(body)]) {
        const middle = sent.length - Math.ceil(body.length / 2)
        const ways = [[head + sent], [head, sent], [head + sent.slice(0, middle), sent.slice(middle)]]
        expect(await Promise.all(ways.map((pieces) => rawRequest(...pieces)))).toEqual([
          [status],
          [status],
          [status],
        ])
      }
  })

  test('a probe with a query is answered', async () => {
    for (const path of ['/healthz?x=1', '/readyz?x=1&x=2&=', '/healthz?'])
      expect((await daemon.api.get(path)).status).toBe(200)
  })

  test('a large import is not even read before the caller is known', async () => {
    const raw = `{"type":"FeatureCollection","features":[${'1,'.repeat(500_000)}1]}`
    expect(await post(raw, {}, '/mapdirectory/places/import')).toMatchObject({
      status: 401,
      body: { code: 'authentication_required' },
    })
  })
})

describe('H3: requests that could be read in two ways, and methods that are not there', () => {
  const host = 'Host: x\r\n'
  test.each([
    [
      'length and chunks',
      `POST ${LOGIN} HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['two lengths', `POST ${LOGIN} HTTP/1.1\r\n${host}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`],
    ['a bare line feed', `GET / HTTP/1.1\n${host.replace('\r', '')}\n`],
    ['a space before the colon', `GET / HTTP/1.1\r\nHost : x\r\n\r\n`],
    ['no host', `GET / HTTP/1.1\r\n\r\n`],
    ['a folded header', `GET / HTTP/1.1\r\n${host}X-A: a\r\n b\r\n\r\n`],
  ])('%s is 400', async (_name, bytes) => {
    expect(await rawRequest(bytes)).toEqual([400])
  })

  test('a 17 KB header is 431', async () => {
    expect(await rawRequest(`GET / HTTP/1.1\r\n${host}X-Long: ${'a'.repeat(17 * 1024)}\r\n\r\n`)).toEqual([
      431,
    ])
  })

  test.each(['OPTIONS', 'TRACE', 'PUT', 'PATCH', 'PROPFIND'])(
    '%s is 405 with Allow, or 404',
    async (method) => {
      const all = Object.values(routes) as Route[]
      // `/policies/plan` is a name under `/policies/{name}` too.
      const served = all
        .filter((route) => route.method === method)
        .map(({ path }) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`))
      for (const route of all.filter(({ path }) => !served.some((pattern) => pattern.test(path)))) {
        const answer = await daemon.api.call(method, route.path.replaceAll(/\{\w+\}/g, 'x'))
        expect(answer.status, `${method} ${route.path}`).toBe(405)
        expect(answer.headers['allow']).toContain(route.method)
      }
      expect((await daemon.api.call(method, '/nowhere')).status).toBe(404)
    },
  )
})

describe('H3: what has one value is sent once', () => {
  test.each([
    ['two hosts', 'Host: x\r\nHost: y\r\n'],
    ['two hosts of one value', 'Host: x\r\nHOST: x\r\n'],
    ['two tokens', 'Host: x\r\nAuthorization: Bearer a.b.c\r\nauthorization: Bearer d.e.f\r\n'],
    ['two idempotency keys', 'Host: x\r\nIdempotency-Key: a\r\nIdempotency-Key: a\r\n'],
    ['two types', 'Host: x\r\nContent-Type: application/json\r\nContent-Type: text/plain\r\n'],
  ])('%s are 400, on every path', async (_name, headers) => {
    for (const path of ['/', '/auth/me', '/openapi.json', '/nowhere'])
      expect(await rawRequest(`GET ${path} HTTP/1.1\r\nConnection: close\r\n${headers}\r\n`), path).toEqual([
        400,
      ])
  })
})

/** An answer that does not end has no length to compare. */
const isStream = ({ responses }: Route): boolean =>
  Object.values(responses).some(({ contentType }) => contentType === 'text/event-stream')

describe('H3: HEAD', () => {
  const paths = Object.values(routes as Record<string, Route>)
    .filter((route) => route.method === 'GET' && !isStream(route))
    .map(({ path }) => path)

  test.each([...paths, '/openapi.json', '/docs', '/redoc'])(
    'of %s has the status and the headers of GET, and no body',
    async (template) => {
      const path = template
        .replace('{id}', family.admin.id)
        .replace('/schemas/{name}', '/schemas/policy')
        .replace('{name}', 'authctl:User')
      const headers = { 'x-request-id': 'same', 'cache-control': 'no-cache' }
      const { token } = { token: family.root.access }
      const get = await daemon.api.call('GET', path, { token, headers })
      const head = await daemon.api.call('HEAD', path, { token, headers })
      expect(head.text).toBe('')
      expect(get.text).not.toBe('')
      const { date: _date, ...own } = head.headers
      const { date: _same, 'transfer-encoding': _chunks, ...told } = get.headers
      expect({ status: head.status, ...own }).toEqual({ status: get.status, ...told })
    },
  )

  test('of a path without GET is 405', async () => {
    const answer = await daemon.api.call('HEAD', LOGIN)
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } })
    expect((await daemon.api.call('PUT', '/auth/me')).headers['allow']).toBe('GET, HEAD')
  })

  test('of a path that is not there is 404', async () => {
    expect((await daemon.api.call('HEAD', '/nowhere')).status).toBe(404)
  })
})

describe('B4, H2: what is not Unicode', () => {
  const body = (name: string) => Buffer.from(`{"name":"${name}","username":"x"}`, 'latin1')

  test.each([
    ['a lone byte', Buffer.from('{"username":"asha","password":"\xff"}', 'latin1')],
    ['an overlong slash', body('\xc0\xaf')],
    ['a surrogate as bytes', body('\xed\xa0\x80')],
    ['half a character', body('\xe2\x82')],
    ['a lone high surrogate', '{"username":"asha","password":"\\ud800"}'],
    ['a lone low surrogate', '{"username":"asha","password":"a\\udc00b"}'],
    ['a pair the wrong way round', '{"username":"asha","password":"\\udc00\\ud800"}'],
    ['a surrogate in a name', '{"username":"asha","pass\\ud800word":"x"}'],
    ['a surrogate in a list of a list', '{"username":["a",["\\udfff"]]}'],
  ])('%s is refused in a body', async (_name, raw) => {
    expect(await post(raw)).toMatchObject({ status: 400, body: { code: 'invalid_json' } })
  })

  test('a pair of surrogates is one character', async () => {
    const raw = '{"username":"asha","password":"\\ud83d\\ude00"}'
    expect(await post(raw)).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
  })

  test.each(['%FF', '%C0%AF', '%ED%A0%80', '%E2%82', '%', '%zz'])(
    '%s is refused in a path and in a query',
    async (text) => {
      const token = family.root.access
      for (const path of [`/accounts?text=${text}`, `/accounts/${text}`, `/accounts?${text}=1`])
        expect((await daemon.api.get(path, token)).status, path).toBe(400)
    },
  )

  test('bytes beyond ASCII are refused in a request line', async () => {
    for (const byte of ['\u00e9', '\u00ff'])
      expect(await rawRequest(`GET /accounts?text=${byte} HTTP/1.1\r\nHost: x\r\n\r\n`)).toEqual([400])
  })

  test('passwords that differ in what is no character do not fold into one', async () => {
    const create = (password: string, username: string) =>
      post(
        Buffer.from(`{"name":"x","username":"${username}","password":"a-long-enough-${password}"}`, 'latin1'),
        { authorization: `Bearer ${family.root.access}` },
        '/auth/admin/create',
      )
    expect((await create('\xfe', 'folded')).status).toBe(400)
    expect((await create('\\ud801', 'folded')).status).toBe(400)
  })
})

describe('H11: headers', () => {
  test('every answer is closed: no powered-by, nosniff, nothing may load, no CORS', async () => {
    for (const path of ['/', '/healthz', '/nowhere', '/auth/me', '/.well-known/jwks.json']) {
      const { headers } = await daemon.api.call('GET', path, { headers: { origin: 'https://evil.example' } })
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'x-request-id': expect.any(String),
      })
      expect(headers['x-powered-by']).toBeUndefined()
      expect(headers['access-control-allow-origin']).toBeUndefined()
      expect(headers['strict-transport-security']).toBeUndefined()
    }
  })

  test('tokens and errors are not stored by caches', async () => {
    const signedIn = await daemon.api.post(LOGIN, { username: 'asha', password: PASSWORD })
    const refused = await daemon.api.post(LOGIN, { username: 'asha', password: 'wrong' })
    expect([signedIn.status, refused.status]).toEqual([200, 401])
    for (const { headers } of [signedIn, refused]) expect(headers['cache-control']).toBe('no-store')
  })

  test('CORS allows every header that an operation reads, and shows every one that tells something', async () => {
    const origin = 'https://app.example.com'
    const open = await startTestDaemon({ AUTHCTL_CORS_ORIGINS: origin })
    const preflight = await open.api.call('OPTIONS', '/accounts/x', {
      headers: { origin, 'access-control-request-method': 'PATCH' },
    })
    const listOf = (name: string) => String(preflight.headers[name]).split(', ')
    expect(preflight.status).toBe(204)
    const { paths } = (await open.api.get('/openapi.json')).body as unknown as {
      paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>
    }
    const read = Object.values(paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap(({ parameters = [] }) => parameters)
      .filter((parameter) => parameter.in === 'header')
    expect(listOf('access-control-allow-headers')).toEqual(
      expect.arrayContaining([
        ...new Set(read.map(({ name }) => name)),
        'Authorization',
        'Content-Type',
        'If-Match',
        'If-None-Match',
        'Idempotency-Key',
        'X-Request-Id',
        'traceparent',
      ]),
    )
    expect(listOf('access-control-allow-methods').sort()).toEqual(['DELETE', 'GET', 'PATCH', 'POST', 'PUT'])
    expect(listOf('access-control-expose-headers')).toEqual(
      expect.arrayContaining(['ETag', 'Retry-After', 'X-Request-Id']),
    )
    await open.stop()
  })

  test('CORS lets a page read also that too much is asked', async () => {
    const origin = 'https://app.example.com'
    const full = await startTestDaemon({ AUTHCTL_CORS_ORIGINS: origin, AUTHCTL_MAX_WAITING_REQUESTS: '1' })
    const { hostname, port } = new URL(full.url)
    const socket = connect(Number(port), hostname)
    let answers = ''
    socket.on('data', (chunk) => (answers += chunk.toString('latin1')))
    // All at once, so that they come in one turn of the event loop.
    const asked = Array.from({ length: 80 }, (_, n) => (n === 79 ? 'close' : 'keep-alive')).map(
      (connection) => `GET / HTTP/1.1\r\nHost: x\r\nOrigin: ${origin}\r\nConnection: ${connection}\r\n\r\n`,
    )
    socket.write(asked.join(''))
    await once(socket, 'close')
    expect(answers).toContain('HTTP/1.1 503')
    expect(answers.match(/^Access-Control-Allow-Origin: https:\/\/app\.example\.com\r$/gm)).toHaveLength(80)
    await full.stop()
  })

  test('CORS is for the named origins, exactly, and HSTS for https', async () => {
    const open = await startTestDaemon({
      AUTHCTL_CORS_ORIGINS: 'https://app.example.com',
      PUBLIC_URL: 'https://auth.example.com',
    })
    const from = (origin: string) => open.api.call('GET', '/', { headers: { origin } })
    const allowed = await from('https://app.example.com')
    expect(allowed.headers['access-control-allow-origin']).toBe('https://app.example.com')
    expect(allowed.headers['access-control-allow-credentials']).toBeUndefined()
    expect(allowed.headers['strict-transport-security']).toContain('max-age=')
    for (const origin of [
      'https://app.example.com.evil.example',
      'http://app.example.com',
      'null',
      'https://xapp.example.com',
    ]) {
      expect((await from(origin)).headers['access-control-allow-origin']).toBeUndefined()
    }
    await open.stop()
  })
})

test('H12: Host and X-Forwarded-Host are used in no link and in no issuer', async () => {
  const headers = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example',
  }
  const texts = await Promise.all([
    daemon.api.call('GET', '/', { headers }),
    daemon.api.call('POST', LOGIN, { body: { username: 'asha', password: PASSWORD }, headers }),
  ])
  for (const { status, text } of texts) {
    expect(status).toBe(200)
    expect(text).not.toContain('evil')
  }
  const { token } = texts[1].body as unknown as { token: { access_token: string } }
  expect(Buffer.from(token.access_token.split('.')[1] ?? '', 'base64url').toString()).not.toContain('evil')
})

describe('H13: errors', () => {
  test('distinct errors at the same time never mix their fields', async () => {
    const kinds = [
      () => daemon.api.call('GET', '/nowhere', { headers: { 'x-request-id': '' } }),
      () => daemon.api.post(LOGIN, { username: 'asha', extra: 1 }),
      () => daemon.api.get('/auth/me', 'x'),
      () => daemon.api.post('/auth/otp/send', { number: '1,2' }),
    ]
    const alone = await Promise.all(kinds.map((kind) => kind()))
    const many = await Promise.all(
      Array.from({ length: 10_000 / kinds.length }, () => Promise.all(kinds.map((kind) => kind()))),
    )
    const bodyOf = (answer: Answer) => answer.body as unknown as { instance: string }
    const ids = new Set<string>()
    const expected = alone.map((answer) => JSON.stringify({ ...bodyOf(answer), instance: '' }))
    const mixed = many.flatMap((round) =>
      round.filter((answer, index) => {
        const { instance } = bodyOf(answer)
        ids.add(instance)
        const own = JSON.stringify({ ...bodyOf(answer), instance: '' })
        return own !== expected[index] || instance !== answer.headers['x-request-id']
      }),
    )
    expect(mixed.map(({ text }) => text)).toEqual([])
    expect(ids.size).toBe(10_000)
  })

  test('a problem has all its members and nothing of the inside', async () => {
    const answer = await daemon.api.call('GET', '/accounts/%E0%A4%A', { token: family.root.access })
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(Object.keys(answer.body).sort()).toEqual(['code', 'detail', 'instance', 'status', 'title', 'type'])
    expect(answer.text).not.toMatch(/node_modules|\.ts|\.js|SQLITE|SELECT|Error:/)
  })

  test('a value sent is never echoed', async () => {
    const secret = 'hunter2-hunter2'
    const answer = await daemon.api.post(LOGIN, {
      username: secret.repeat(9),
      password: [secret],
      number: secret,
      otp: secret,
    })
    expect(answer.status).toBe(400)
    expect(answer.text).not.toContain('hunter2')
  })
})
