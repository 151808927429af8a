import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import { type Family, PASSWORD, type SignedIn, signedIn, signInUser } from '../support/accounts.ts'
import type { Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'

const USER = '+919876543210'

// The story itself is told in test/journeys/faces; this is what only somebody who speaks HTTP sees of it.
describe('the documented surface, by its bold paths', () => {
  let daemon: TestDaemon
  let api: Api
  let family: Family
  let user: SignedIn
  useFamily({}, (home) => ({ daemon, api, family } = home))

  test('GET / says that it runs', async () => {
    const { status, body } = await api.get('/')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'running',
      name: 'authctl',
      links: { docs: expect.stringContaining('/docs') },
    })
  })

  test('a created admin gets a first token', async () => {
    const person = { name: 'Two', username: 'two', password: PASSWORD, number: '+919876500004' }
    expect(await api.post('/auth/admin/create', person, family.root.access)).toMatchObject({
      status: 201,
      body: {
        detail: 'Admin created successfully',
        token: {
          token_type: 'Bearer',
          expires_in: 900,
          refresh_token: expect.stringMatching(/^authctl_rt_/),
        },
        account: { username: 'two', phone: '+919876500004', version: 1 },
      },
    })
  })

  test('the token of a sub-client says sub-client', () => {
    const { access, id } = family.subClient
    expect(decodeJwt(access)).toMatchObject({ role: 'sub-client', sub: id, id })
    expect(decodeProtectedHeader(access)).toMatchObject({
      alg: 'EdDSA',
      typ: 'at+jwt',
      kid: expect.any(String),
    })
  })

  test('an end user signs in by number and code in the path: 201 first, 200 later', async () => {
    const sent = await api.call('POST', `/auth/otp/sendotp/${USER}`)
    expect(sent).toMatchObject({
      status: 200,
      body: { detail: 'OTP sent successfully', expires_in: 300, resend_after: 60 },
    })
    expect(sent.text).not.toContain(await daemon.sms.codeFor(USER))
    const first = await api.call('POST', `/auth/user/login/${USER}/${await daemon.sms.codeFor(USER)}`)
    expect(first).toMatchObject({
      status: 201,
      body: { detail: 'Account created successfully', account: { role: 'user', phone: USER } },
    })
    user = signedIn(first)

    daemon.clock.advance(61_000)
    await api.call('POST', `/auth/otp/sendotp/${encodeURIComponent(USER)}`)
    await expect.poll(() => daemon.sms.messages.length).toBe(2)
    const again = await api.call('POST', `/auth/user/login/9876543210/${daemon.sms.messages[1]?.code}`)
    expect(again).toMatchObject({
      status: 200,
      body: { detail: 'Logged in successfully', account: { id: user.id } },
    })
  })

  test.each([
    ['admin', '+919876500001'],
    ['client', '+919876500002'],
    ['subclient', '+919876500003'],
  ])('number and code sign an %s in: 200, always', async (role, number) => {
    await api.post('/auth/otp/send', { number })
    const otp = await daemon.sms.codeFor(number)
    expect(await api.post(`/auth/${role}/login`, { number, otp })).toMatchObject({
      status: 200,
      body: { detail: 'Logged in successfully', account: { phone: number } },
    })
  })

  test('a password signs in with 200; a wrong one is 401, not 200, as problem details that nobody stores', async () => {
    const right = await api.post('/auth/admin/login', { username: 'ASHA', password: PASSWORD })
    expect(right.status).toBe(200)
    const wrong = await api.post('/auth/admin/login', { username: 'asha', password: `${PASSWORD}!` })
    expect(wrong).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    expect(wrong.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
    })
  })

  test('the refresh key is set and used in the path, and changed and used in the body', async () => {
    const set = await api.call('POST', '/user/access/setrefreshkey/first-key', { token: user.access })
    expect(set).toMatchObject({ status: 200, body: { detail: 'Refresh key set successfully' } })
    const change = (body: object) => api.post('/user/access/refresh-key', body, user.access)
    expect(await change({ new_key: 'second-key' })).toMatchObject({
      status: 400,
      body: { code: 'old_key_required' },
    })
    expect((await change({ new_key: 'second-key', old_key: 'first-key' })).status).toBe(200)

    daemon.clock.advance(3600_000)
    expect(await api.get('/auth/me', user.access)).toMatchObject({
      status: 401,
      body: { code: 'invalid_token' },
    })
    const renewed = await api.call('POST', '/user/access/regeneratetoken/second-key', { token: user.access })
    expect(renewed).toMatchObject({ status: 200, body: { token: { token_type: 'Bearer' } } })
    const { token } = renewed.body as unknown as { token: { access_token: string } }
    expect((await api.get('/auth/me', token.access_token)).status).toBe(200)
    const regenerate = (refresh_key: string) =>
      api.post('/user/access/regenerate-token', { refresh_key }, user.access)
    expect((await regenerate('second-key')).status).toBe(200)
    expect(await regenerate('first-key')).toMatchObject({
      status: 401,
      body: { code: 'invalid_refresh_key' },
    })
  })

  test('a refresh token is replaced at every use', async () => {
    const { refresh } = await signInUser(daemon, '+919876543211')
    const answer = await api.post('/auth/token/refresh', {}, refresh)
    expect(answer.status).toBe(200)
    const { token } = answer.body as unknown as { token: { refresh_token: string } }
    expect(token.refresh_token).not.toBe(refresh)
  })

  test('all places have an entity tag; an import by an end user is 403', async () => {
    const feature = (id: string, longitude: number, latitude: number) => ({
      type: 'Feature',
      id,
      geometry: { type: 'Point', coordinates: [longitude, latitude] },
      properties: { type: 'ev-charger', name: `Charger ${id}` },
    })
    const collection = {
      type: 'FeatureCollection',
      features: [feature('a', 77.59, 12.97), feature('b', 77.61, 12.93)],
    }
    const admin = signedIn(await api.post('/auth/admin/login', { username: 'asha', password: PASSWORD }))
    expect(await api.post('/mapdirectory/places/import', collection, admin.access)).toMatchObject({
      status: 200,
      body: { created: 2, updated: 0, unchanged: 0 },
    })
    const { access: token } = await signInUser(daemon, '+919876543212')
    const all = await api.get('/mapdirectory/places/all', token)
    expect(all).toMatchObject({ status: 200, body: { detail: 'All data fetched' } })
    expect(all.body['places']).toHaveLength(2)
    const headers = { 'if-none-match': String(all.headers['etag']) }
    expect(await api.call('GET', '/mapdirectory/places/all', { token, headers })).toMatchObject({
      status: 304,
      text: '',
    })
    expect(await api.post('/mapdirectory/places/import', collection, token)).toMatchObject({ status: 403 })
  })
})
