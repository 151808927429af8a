import { describe, expect, test } from 'vitest'
import { AUTHENTICATION } from '../../daemon/contract/authentication.ts'
import type { Route } from '../../daemon/contract/route.ts'
import { routes } from '../../daemon/contract/routes.ts'
import type { Family } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { BROKEN, NO_JSON } from './no-json.ts'

let daemon: TestDaemon
let family: Family
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))

const TAKING_BODIES = (Object.values(routes) as Route[]).filter(
  ({ auth, body, operationId }) =>
    body !== undefined && AUTHENTICATION[auth].bodyForm === 'json' && operationId !== 'passwords.change',
)

describe('H4: what is no JSON object', () => {
  test.each(NO_JSON)('%s is refused everywhere', async (_name, raw) => {
    for (const { method, path, operationId } of TAKING_BODIES) {
      const target = path.replaceAll(/\{\w+\}/g, family.client.id)
      const answer = await daemon.api.call(method, target, {
        raw,
        headers: { 'content-type': 'application/json' },
        token: operationId === 'tokens.refresh' ? family.root.refresh : family.root.access,
      })
      expect([400, 413], `${operationId}: ${answer.text}`).toContain(answer.status)
      expect(['invalid_json', 'body_too_large']).toContain(answer.body['code'])
    }
  })

  test('each of 318 broken texts is refused by every way in which bodies are read', async () => {
    expect(BROKEN.length).toBeGreaterThanOrEqual(318)
    const ways = new Map(
      TAKING_BODIES.map((route) => [`${route.auth} ${route.maxBodyBytes} ${route.maxBodyKeys}`, route]),
    )
    for (const raw of BROKEN) {
      for (const { method, path, operationId } of ways.values()) {
        const target = path.replaceAll(/\{\w+\}/g, family.client.id)
        const token = operationId === 'tokens.refresh' ? family.root.refresh : family.root.access
        const answer = await daemon.api.call(method, target, { raw, token })
        expect(answer, `${operationId}: ${raw}`).toMatchObject({
          status: 400,
          body: { code: 'invalid_json' },
        })
      }
    }
  })

  test.each([
    ['spaces around', ' \t\r\n{"username":"asha","password":"x"}\n '],
    ['escapes of letters', '{"\\u0075sername":"asha","password":"\\u0078"}'],
    ['a byte order mark before an object', '\uFEFF{"username":"asha","password":"x"}'],
    ['a key that is there twice', '{"username":"nobody","username":"asha","password":"x"}'],
    ['a character beyond the first plane', '{"username":"asha","password":"\u{1F600}"}'],
    ['a NUL as an escape', '{"username":"asha","password":"\\u0000"}'],
  ])('%s is JSON, and is read', async (_name, raw) => {
    const answer = await daemon.api.call('POST', '/auth/admin/login', { raw })
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
  })
})

/** The longest time that the daemon, which runs in this process, let nobody else in. */
const longestBlock = async (work: () => Promise<unknown>): Promise<number> => {
  let longest = 0
  let last = performance.now()
  const tick = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }, 1)
  await work()
  await new Promise((resolve) => setTimeout(resolve, 5))
  clearInterval(tick)
  return longest
}

/** What a pattern that backtracks would need far more than a second for. */
const MANY = 12_000
const EVIL = [
  'a'.repeat(MANY) + '!',
  '0'.repeat(MANY),
  '+'.repeat(MANY),
  '('.repeat(MANY),
  ' '.repeat(MANY) + 'x',
  '-1'.repeat(MANY / 2),
  'a.'.repeat(MANY / 2),
  '.'.repeat(MANY) + '@',
  'a@'.repeat(MANY / 2),
  'a/'.repeat(MANY / 2),
  ':'.repeat(MANY),
  '${'.repeat(MANY / 2),
  '*'.repeat(MANY),
  '\u0301'.repeat(MANY / 3),
  '1e'.repeat(MANY / 2),
  '_'.repeat(MANY),
]
/** What one request may keep others waiting. */
const BLOCKED_MS = 50
/** What takes long takes long each time; what the machine does meanwhile does not. */
const ROUNDS = 4

describe('H10: texts that make patterns slow', () => {
  const FIELDS: readonly [path: string, body: (text: string) => Record<string, unknown>][] = [
    ['/auth/admin/login', (text) => ({ username: text, password: text })],
    ['/auth/user/login', (text) => ({ number: text, otp: text, client_id: text })],
    ['/auth/otp/send', (text) => ({ number: text })],
    [
      '/auth/admin/create',
      (text) => ({
        name: 'x',
        username: text,
        password: text,
        email: text,
        policies: [text],
        boundary: text,
      }),
    ],
    [
      '/access/check',
      (text) => ({ action: text, resource: text, principal: text, context: { [text]: text } }),
    ],
    ['/access/explain', (text) => ({ decision_id: text })],
  ]

  test.each(EVIL.map((text) => [`${text.slice(0, 4)}… (${text.length})`, text]))(
    '%s',
    async (_name, text) => {
      const token = family.root.access
      const part = text.slice(0, 3000)
      const ask = async (): Promise<void> => {
        for (const [path, body] of FIELDS) {
          const answer = await daemon.api.post(path, body(part), token)
          expect(answer.status, path).toBeLessThan(500)
        }
        const encoded = encodeURIComponent(part.slice(0, 4000))
        for (const path of [
          'accounts?attribute=',
          'accounts?text=',
          'policies/',
          'accounts/',
          'nowhere/',
          '?cursor=',
        ])
          expect((await daemon.api.get(`/${path}${encoded}`, token)).status).toBeLessThan(500)
        const headers = {
          authorization: `Bearer ${text}`,
          'if-match': text.slice(0, 1000),
          'content-type': 'application/json',
          traceparent: text.slice(0, 1000),
        }
        for (const [name, value] of Object.entries(headers)) {
          const ascii = value.replaceAll(/[^\x20-\x7e]/g, 'x')
          const answer = await daemon.api.call('GET', '/auth/me', { headers: { [name]: ascii } })
          expect(answer.status).toBeLessThan(500)
        }
      }
      let longest = Infinity
      for (let round = 0; round < ROUNDS && longest >= BLOCKED_MS; round++)
        longest = Math.min(longest, await longestBlock(ask))
      expect(longest).toBeLessThan(BLOCKED_MS)
    },
  )
})

describe('H15: what strangers can make the daemon do', () => {
  const kid = 'k'.repeat(6000)
  const token = (head: object) =>
    `${Buffer.from(JSON.stringify(head)).toString('base64url')}.${Buffer.from('{}').toString('base64url')}.AAAA`

  /** CPU of this process for each request, in ms: the daemon's and the test's own. */
  const cpuOf = async (request: () => Promise<{ status: number }>): Promise<number> => {
    const rounds = 30
    await request()
    const before = process.cpuUsage()
    for (let round = 0; round < rounds; round++) expect((await request()).status).toBeLessThan(500)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000 / rounds
  }

  test.each([
    ['a key id of 6 KB', () => daemon.api.get('/auth/me', token({ alg: 'EdDSA', typ: 'at+jwt', kid }))],
    ['a token of 12 KB', () => daemon.api.get('/auth/me', 'a'.repeat(12_000))],
    ['16 KB of a text', () => daemon.api.post('/auth/otp/send', { number: '9'.repeat(16_000) })],
    [
      'ten thousand spaces in a scope',
      () => daemon.api.post('/auth/otp/send', { number: '1', scope: 'a '.repeat(8000) }),
    ],
    ['a name of 16 KB', () => daemon.api.post('/auth/admin/login', { username: 'a'.repeat(15_000) })],
    [
      'a large import',
      () => daemon.api.post('/mapdirectory/places/import', { features: 'x'.repeat(500_000) }),
    ],
    [
      'a large batch of questions',
      () => daemon.api.post('/access/check/batch', { checks: Array.from({ length: 1000 }, () => ({})) }),
    ],
    [
      'a large policy',
      () => daemon.api.call('PUT', '/policies/x', { body: { Statement: 'x'.repeat(70_000) } }),
    ],
  ])('%s costs less than 10 ms', async (_name, request) => {
    const health = await cpuOf(() => daemon.api.get('/healthz'))
    const cost = await cpuOf(request)
    // What a request costs at all, on this machine, is not counted.
    expect(cost - health).toBeLessThan(10)
  })
})
