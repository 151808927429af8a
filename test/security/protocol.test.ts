import { describe, expect, test } from 'vitest'
import { ERRORS } from '../../daemon/contract/errors.ts'
import { JWKS_MAX_AGE_SECONDS } from '../../daemon/domain/signing-key.ts'
import { PASSWORD, type Family } from '../support/accounts.ts'
import type { Answer } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'

let daemon: TestDaemon
let family: Family
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))

const claimsOf = (token: string) => {
  const [head = '', payload = ''] = token.split('.')
  const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  return { header: read(head), claims: read(payload) } as {
    header: Record<string, unknown>
    claims: Record<string, unknown>
  }
}

test('I4: the key set is public, of its type, and may be kept no longer than half of an overlap', async () => {
  const { status, headers, body } = await daemon.api.get('/.well-known/jwks.json')
  expect(status).toBe(200)
  expect(headers['content-type']).toMatch(/^application\/jwk-set\+json/)
  const { keys } = body as unknown as { keys: Record<string, unknown>[] }
  expect(keys.length).toBeGreaterThan(0)
  for (const key of keys) {
    expect(key).toMatchObject({ kid: expect.any(String), use: 'sig', alg: expect.any(String) })
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) expect(key).not.toHaveProperty(secret)
  }
  const [, maxAge] = /max-age=(\d+)/.exec(String(headers['cache-control'])) ?? []
  expect(Number(maxAge)).toBe(JWKS_MAX_AGE_SECONDS)
  // A retired key stays published while tokens that it signed live.
  expect(Number(maxAge)).toBeLessThanOrEqual(daemon.settings.AUTHCTL_ACCESS_TOKEN_TTL / 2)
})

test('I5: an access token has the type and the claims of its profile', () => {
  const { header, claims } = claimsOf(family.admin.access)
  expect(header).toMatchObject({ typ: 'at+jwt', alg: 'EdDSA', kid: expect.any(String) })
  expect(claims).toMatchObject({
    iss: expect.any(String),
    sub: family.admin.id,
    aud: daemon.settings.AUTHCTL_AUDIENCE,
    client_id: 'authctl',
    jti: expect.any(String),
    iat: expect.any(Number),
    exp: expect.any(Number),
  })
  expect(Number(claims['exp']) - Number(claims['iat'])).toBe(daemon.settings.AUTHCTL_ACCESS_TOKEN_TTL)
})

test('I5: every error is a problem document that says the status of the answer', async () => {
  const token = family.admin.access
  const answers: Answer[] = await Promise.all([
    daemon.api.get('/nowhere'),
    daemon.api.get('/auth/me'),
    daemon.api.get('/auth/me', 'x'),
    daemon.api.get('/accounts?limit=0', token),
    daemon.api.get(`/accounts/${family.root.id}`, token),
    daemon.api.call('PUT', '/auth/me', { token }),
    daemon.api.post('/auth/admin/create', { name: 'x', number: '+919876500099' }, token),
    daemon.api.call('POST', '/auth/otp/send', { raw: '{' }),
    daemon.api.call('POST', '/auth/otp/send', { raw: 'x', headers: { 'content-type': 'text/plain' } }),
    daemon.api.post('/auth/admin/login', { username: 'asha', password: 'wrong' }),
  ])
  expect(new Set(answers.map(({ status }) => status)).size).toBeGreaterThan(5)
  for (const { status, headers, body } of answers) {
    expect(headers['content-type']).toMatch(/^application\/problem\+json/)
    const problem = body as unknown as Record<string, string> & { status: number }
    const code = problem['code'] as keyof typeof ERRORS
    expect(problem.status).toBe(status)
    expect(ERRORS[code].status).toBe(status)
    expect(problem).toMatchObject({
      type: `urn:authctl:problem:${code}`,
      title: ERRORS[code].title,
      detail: expect.stringMatching(/\S/),
      instance: headers['x-request-id'],
    })
  }
})

test('C6: the two authorization headers of one request are refused, whatever the second says', async () => {
  const { request } = await import('node:http')
  const statusOf = (values: string[]) =>
    new Promise<number>((resolve, reject) => {
      const outgoing = request(`${daemon.url}/auth/me`, { headers: { authorization: values } as never })
      outgoing.on('response', (incoming) => {
        incoming.resume()
        resolve(incoming.statusCode ?? 0)
      })
      outgoing.on('error', reject)
      outgoing.end()
    })
  const own = `Bearer ${family.admin.access}`
  expect(await statusOf([own])).toBe(200)
  for (const pair of [
    [own, own],
    [own, `Bearer ${family.root.access}`],
    [own, 'Basic eA=='],
    ['', own],
  ])
    expect(await statusOf(pair)).toBe(400)
})

test('a request without a token is told that it needs one, and one with a bad token that it is bad', async () => {
  const without = await daemon.api.get('/auth/me')
  expect(without.body).toMatchObject({ code: 'authentication_required' })
  expect(without.text).not.toContain('malformed')
  expect(without.text.toLowerCase()).toContain('authentication required')
  expect(without.headers['www-authenticate']).toBe('Bearer')
  expect((await daemon.api.get('/auth/me', 'x')).body).toMatchObject({ code: 'invalid_token' })
})

describe('H7: injections of SQL', () => {
  const INJECTIONS = [
    "' OR '1'='1",
    "' OR 1=1--",
    "asha'--",
    "asha' /*",
    '" OR ""="',
    "'; DROP TABLE accounts; --",
    "'; UPDATE accounts SET role = 'super-admin'; --",
    "' UNION SELECT * FROM accounts --",
    "' UNION ALL SELECT NULL, NULL, NULL --",
    "asha' AND SLEEP(5) --",
    "asha' AND randomblob(100000000) --",
    "1; ATTACH DATABASE '/tmp/x' AS x; --",
    "') OR ('1'='1",
    '%27%20OR%201=1',
    "\\' OR 1=1 --",
    "asha' || '",
    "x' AND 1=(SELECT COUNT(*) FROM sqlite_master); --",
    '`; SELECT 1; --',
    "$(sleep 5)' OR 'x",
    "asha\u0000' OR '1'='1",
    '%',
    '_sha',
    'a*',
    'as%',
  ]

  test('sign nobody in, find nothing and change nothing', async () => {
    const token = family.root.access
    const before = (await daemon.api.get('/accounts?limit=200', token)).text
    for (const text of INJECTIONS) {
      const encoded = encodeURIComponent(text)
      const signIns = await Promise.all([
        daemon.api.post('/auth/admin/login', { username: text, password: PASSWORD }),
        daemon.api.post('/auth/admin/login', { username: 'asha', password: text }),
        daemon.api.post('/auth/user/login', { number: text, otp: '123456' }),
        daemon.api.call('POST', '/auth/token/refresh', { token: encoded }),
        daemon.api.call('POST', '/auth/admin/login', {
          body: { username: text, password: PASSWORD },
          headers: { 'idempotency-key': 'x' },
        }),
      ])
      for (const { status } of signIns) expect([400, 401], text).toContain(status)
      const reads = await Promise.all([
        daemon.api.get(`/accounts?text=${encoded}`, token),
        daemon.api.get(`/accounts?attribute=tier:${encoded}`, token),
        daemon.api.get(`/accounts?cursor=${encoded}`, token),
        daemon.api.get(`/accounts/${encoded}`, token),
        daemon.api.get(`/policies/${encoded}`, token),
        daemon.api.get(`/mapdirectory/places/${encoded}`, token),
      ])
      for (const { status, body } of reads) {
        expect([200, 400, 404], text).toContain(status)
        if (status === 200) expect((body as unknown as { items: [] }).items, text).toEqual([])
      }
    }
    expect((await daemon.api.get('/accounts?limit=200', token)).text).toBe(before)
  })
})
