import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFamily, PASSWORD } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

let daemon: TestDaemon
let admin: { access: string }
beforeAll(async () => {
  daemon = await startTestDaemon()
  admin = (await createFamily(daemon)).admin
})
afterAll(() => daemon.stop())

const quotasOf = ({ headers }: { headers: Readonly<Record<string, unknown>> }) => ({
  policy: headers['ratelimit-policy'],
  left: headers['ratelimit'],
})

test('F9: a sign-in tells the quotas of its address and what is left, for absent names as well', async () => {
  const tryAt = (username: string) =>
    daemon.api.post('/auth/client/login', { username, password: 'wrong password!' })
  const first = quotasOf(await tryAt('chetan'))
  expect(first.policy).toBe('"sign-in-ip";q=300;w=600, "password";q=10;w=600')
  expect(first.left).toMatch(/^"sign-in-ip";r=\d+;t=600, "password";r=9;t=600$/)
  const absent = quotasOf(await tryAt('nobody'))
  expect(absent.policy).toBe(first.policy)
  expect(absent.left).toMatch(/"password";r=9;t=600$/)
  for (let n = 0; n < 9; n++) await tryAt('nobody')
  const refused = await tryAt('nobody')
  expect(refused.status).toBe(429)
  expect(quotasOf(refused).left).toMatch(/"password";r=0;t=600$/)
  expect(refused.headers['retry-after']).toBe('600')
})

test('F9: a request for a code tells when the next may be sent, and nothing of what others have asked', async () => {
  const send = () => daemon.api.post('/auth/otp/send', { number: '+919876500077' })
  const sent = await send()
  expect(sent.status).toBe(200)
  expect(quotasOf(sent)).toEqual({
    policy:
      '"otp-send-60s";q=1;w=60, "otp-send-3600s";q=5;w=3600, "otp-send-86400s";q=10;w=86400, "otp-numbers-ip";q=10;w=3600',
    left: '"otp-send-60s";r=0;t=60',
  })
  daemon.clock.advance(20_000)
  const refused = await send()
  expect(refused.status).toBe(429)
  expect(quotasOf(refused).left).toBe('"otp-send-60s";r=0;t=40')
  expect(refused.headers['retry-after']).toBe('40')
})

test('F9: a change of the password is limited for the account', async () => {
  const change = { current_password: 'wrong password!', new_password: `${PASSWORD} of another kind` }
  const answer = await daemon.api.post('/auth/password/change', change, admin.access)
  expect(quotasOf(answer)).toEqual({
    policy: '"password-change";q=10;w=600',
    left: '"password-change";r=9;t=600',
  })
})

test('F9: routes without a limit tell none', async () => {
  expect(quotasOf(await daemon.api.get('/healthz'))).toEqual({ policy: undefined, left: undefined })
})

test('B6: why a password is refused is told once, at its field', async () => {
  const body = { name: 'E', username: 'esha', password: 'short' }
  const { status, text } = await daemon.api.post('/auth/client/create', body, admin.access)
  expect(status).toBe(400)
  expect(text.match(/at least 15 characters/g)).toHaveLength(1)
  expect(JSON.parse(text)).toMatchObject({ errors: [{ pointer: '/password', code: 'password' }] })
})
