import { describe, expect, test } from 'vitest'
import { PASSWORD, signInUser, type Family } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { dumpStored } from '../support/test-store.ts'
import { testMongoUri } from '../support/mongo.ts'

let daemon: TestDaemon
let family: Family

useFamily({ AUTHCTL_METRICS: 'true' }, (home) => ({ daemon, family } = home))

test('J7: metrics are at one path, which a proxy can block by its letters', async () => {
  for (const path of ['/METRICS', '/Metrics', '/metrics.'])
    expect((await daemon.api.get(path)).status).toBe(404)
})

describe('health', () => {
  test('J7: alive and ready are told without a version, uncached', async () => {
    const health = await daemon.api.get('/healthz')
    expect(health).toMatchObject({
      status: 200,
      text: '{"status":"ok"}',
      headers: { 'cache-control': 'no-store' },
    })
    expect(await daemon.api.get('/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ready', checks: { store: 'ok', keys: 'ok', accepting: 'ok' } },
      headers: { 'cache-control': 'no-store' },
    })
  })

  test('while it drains it is alive but not ready, and closes its connections', async () => {
    const leaving = await startTestDaemon({ AUTHCTL_DRAIN_DELAY: '300' })
    const stopped = leaving.stop()
    const ready = await leaving.api.get('/readyz')
    expect(ready).toMatchObject({
      status: 503,
      body: { status: 'not-ready', checks: { store: 'ok', accepting: 'failed' } },
    })
    expect(ready.headers['connection']).toBe('close')
    expect((await leaving.api.get('/healthz')).status).toBe(200)
    await stopped
  })
})

describe('metrics', () => {
  test('J7: are off by default', async () => {
    const plain = await startTestDaemon()
    expect((await plain.api.get('/metrics')).status).toBe(404)
    await plain.stop()
  })

  test('J7: count requests by route template, and name no person and no token', async () => {
    const user = await signInUser(daemon, '+919876543210')
    await daemon.api.call('POST', '/auth/user/login/+919876543210/000000')
    await daemon.api.get('/nowhere/at/all')
    const { status, text } = await daemon.api.get('/metrics')
    expect(status).toBe(200)
    expect(text).toMatch(
      /authctl_http_request_duration_seconds_count\{method="POST",route="\/auth\/user\/login\/\{number\}\/\{otp\}",status="401"\} 1/,
    )
    expect(text).toMatch(/route="unmatched",status="404"/)
    expect(text).toMatch(/authctl_otp_deliveries\{outcome="sent"\} 1/)
    expect(text).toMatch(/# TYPE authctl_otp_deliveries counter/)
    expect(text).toMatch(/authctl_access_denied\{of="requests"\} 0/)
    expect(text).toMatch(/authctl_http_requests_waiting 0/)
    expect(text).toMatch(/authctl_http_requests_refused\{reason="full"\} 0/)
    if (testMongoUri() === undefined) expect(text).toMatch(/authctl_read_cache_lookups\{outcome="hit"\} \d+/)
    expect(text).not.toMatch(/9876543210|nowhere|asha/)
    expect(text).not.toContain(user.id)
  })
})

describe('logs', () => {
  test('hold route templates, never what stood in the path, and no secret at any level', async () => {
    const number = '+919876500042'
    await daemon.api.call('POST', `/auth/otp/sendotp/${number}`)
    const code = await daemon.sms.codeFor(number)
    const { access, refresh } = await daemon.api
      .call('POST', `/auth/user/login/${number}/${code}`)
      .then(({ body }) => {
        const { token } = body as unknown as { token: { access_token: string; refresh_token: string } }
        return { access: token.access_token, refresh: token.refresh_token }
      })
    await daemon.api.call('POST', '/user/access/setrefreshkey/path-secret-1', { token: access })
    await daemon.api.call('POST', '/user/access/regeneratetoken/path-secret-1', { token: access })
    await daemon.api.post('/auth/token/refresh', {}, refresh)
    await daemon.api.post('/auth/admin/login', { username: 'asha', password: `${PASSWORD} wrong` })
    const lines = JSON.stringify(daemon.log.lines)
    expect(lines).toContain('/auth/user/login/{number}/{otp}')
    expect(lines).toContain('/user/access/setrefreshkey/{new_key}')
    for (const secret of [
      '9876500042',
      `"${code}"`,
      `/${code}`,
      'path-secret-1',
      access,
      refresh,
      PASSWORD,
      'authctl_rt_',
    ]) {
      expect(lines.includes(secret), secret).toBe(false)
    }
  })

  test('a harmless request id is kept, any other is replaced', async () => {
    const idOf = async (given: string) =>
      (await daemon.api.call('GET', '/healthz', { headers: { 'x-request-id': given } })).headers[
        'x-request-id'
      ]
    expect(await idOf('trace-1.a_b')).toBe('trace-1.a_b')
    for (const given of ['a b', 'x'.repeat(65), '{"a":1}', 'a;b'])
      expect(await idOf(given)).toMatch(/^[0-9a-f-]{36}$/)
  })
})

describe('Idempotency-Key', () => {
  let next = 0
  const body = (name: string) => ({ name, username: `idem${next++}`, password: PASSWORD })
  const create = (sent: object, key: string, token = family.root.access) =>
    daemon.api.call('POST', '/auth/admin/create', { body: sent, token, headers: { 'idempotency-key': key } })

  test('a repeat gets the first answer again, word for word, and makes no second account', async () => {
    const sent = body('A')
    const first = await create(sent, 'key-1')
    expect(first.status).toBe(201)
    expect(await create(sent, 'key-1')).toMatchObject({ status: 201, text: first.text })
    expect(await create(body('B'), 'key-1')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_mismatch' },
    })
  })

  test('in parallel it is made once', async () => {
    const sent = body('C')
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(sent, 'key-2')))
    expect(
      answers.every(
        (answer) => answer.status === 201 || (answer.status === 409 && answer.headers['retry-after'] === '1'),
      ),
    ).toBe(true)
    expect(new Set(answers.filter((answer) => answer.status === 201).map((answer) => answer.text)).size).toBe(
      1,
    )
  })

  test('a failure is not kept, and keys of other callers are other keys', async () => {
    expect((await create({ ...body('D'), password: 'short' }, 'key-3')).status).toBe(400)
    const sent = body('D')
    expect((await create(sent, 'key-3')).status).toBe(201)
    const client = { name: 'E', username: 'idem-client', password: PASSWORD }
    const made = await daemon.api.call('POST', '/auth/client/create', {
      body: client,
      token: family.admin.access,
      headers: { 'idempotency-key': 'key-3' },
    })
    expect(made.status).toBe(201)
  })

  test('what is kept is sealed: no token of it is in the database', async () => {
    const sent = body('F')
    const answer = await create(sent, 'key-4')
    const { token } = answer.body as unknown as { token: { access_token: string; refresh_token: string } }
    const bytes = await dumpStored(daemon.dataDir)
    expect(bytes).toContain('username')
    expect(bytes.includes(token.access_token)).toBe(false)
    expect(bytes.includes(token.refresh_token)).toBe(false)
    expect(bytes.includes('authctl_rt_')).toBe(false)
  })

  test('a malformed key is refused', async () => {
    expect(await create(body('G'), 'a b')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/header/Idempotency-Key' }] },
    })
  })
})
