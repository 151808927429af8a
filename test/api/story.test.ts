import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { bootstrap, PASSWORD, signedIn, type SignedIn } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

const USER = '+919876543210'

describe('the documented surface, by its bold paths', () => {
  let daemon: TestDaemon
  let root: SignedIn
  let admin: SignedIn
  let client: SignedIn
  let subClient: SignedIn
  let user: SignedIn

  beforeAll(async () => {
    daemon = await startTestDaemon()
    root = await bootstrap(daemon.api, daemon.dataDir)
  })
  afterAll(() => daemon.stop())

  test('GET / says that it runs', async () => {
    const { status, body } = await daemon.api.get('/')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'running',
      name: 'authctl',
      links: { docs: expect.stringContaining('/docs') },
    })
  })

  test('a super-admin creates an admin, who gets a first token', async () => {
    const answer = await daemon.api.post(
      '/auth/admin/create',
      { name: 'Asha', username: 'asha', password: PASSWORD, number: '+919876500001' },
      root.access,
    )
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({
      detail: 'Admin created successfully',
      token: { token_type: 'Bearer', expires_in: 900, refresh_token: expect.stringMatching(/^authctl_rt_/) },
      account: {
        role: 'admin',
        username: 'asha',
        phone: '+919876500001',
        parent_id: null,
        status: 'active',
        version: 1,
      },
    })
    admin = signedIn(answer)
  })

  test('an admin creates a client, a client a sub-client; the sub-client token says sub-client', async () => {
    const created = await daemon.api.post(
      '/auth/client/create',
      { name: 'C', number: '+919876500002' },
      admin.access,
    )
    client = signedIn(created)
    const answer = await daemon.api.post(
      '/auth/subclient/create',
      { name: 'S', number: '+919876500003' },
      client.access,
    )
    subClient = signedIn(answer)
    expect(answer.body).toMatchObject({
      account: { parent_id: client.id, path: `${admin.id}/${client.id}/${subClient.id}` },
    })
    expect(decodeJwt(subClient.access)).toMatchObject({
      role: 'sub-client',
      sub: subClient.id,
      id: subClient.id,
    })
    expect(decodeProtectedHeader(subClient.access)).toMatchObject({
      alg: 'EdDSA',
      typ: 'at+jwt',
      kid: expect.any(String),
    })
  })

  test('an end user signs in by number and code in the path: 201 first, 200 later', async () => {
    const sent = await daemon.api.call('POST', `/auth/otp/sendotp/${USER}`)
    expect(sent).toMatchObject({
      status: 200,
      body: { detail: 'OTP sent successfully', expires_in: 300, resend_after: 60 },
    })
    expect(sent.text).not.toContain(await daemon.sms.codeFor(USER))
    const first = await daemon.api.call('POST', `/auth/user/login/${USER}/${await daemon.sms.codeFor(USER)}`)
    expect(first).toMatchObject({
      status: 201,
      body: { detail: 'Account created successfully', account: { role: 'user', phone: USER } },
    })
    user = signedIn(first)

    daemon.clock.advance(61_000)
    await daemon.api.call('POST', `/auth/otp/sendotp/${encodeURIComponent(USER)}`)
    await expect.poll(() => daemon.sms.messages.length).toBe(2)
    const again = await daemon.api.call('POST', `/auth/user/login/9876543210/${daemon.sms.messages[1]?.code}`)
    expect(again).toMatchObject({
      status: 200,
      body: { detail: 'Logged in successfully', account: { id: user.id } },
    })
  })

  test.each([
    ['admin', '+919876500001'],
    ['client', '+919876500002'],
    ['subclient', '+919876500003'],
  ])('number and code sign an %s in', async (role, number) => {
    await daemon.api.post('/auth/otp/send', { number })
    const otp = await daemon.sms.codeFor(number)
    const answer = await daemon.api.post(`/auth/${role}/login`, { number, otp })
    expect(answer).toMatchObject({
      status: 200,
      body: { detail: 'Logged in successfully', account: { phone: number } },
    })
  })

  test('username and password sign an admin in; a wrong password is 401, not 200', async () => {
    const right = await daemon.api.post('/auth/admin/login', { username: 'ASHA', password: PASSWORD })
    expect(right.status).toBe(200)
    const wrong = await daemon.api.post('/auth/admin/login', { username: 'asha', password: `${PASSWORD}!` })
    expect(wrong).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    expect(wrong.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
    })
  })

  test('renewal by refresh key works with the expired token, in the path and in the body; a key can be changed', async () => {
    const set = await daemon.api.call('POST', '/user/access/setrefreshkey/first-key', { token: user.access })
    expect(set).toMatchObject({ status: 200, body: { detail: 'Refresh key set successfully' } })
    const unchanged = await daemon.api.post(
      '/user/access/refresh-key',
      { new_key: 'second-key' },
      user.access,
    )
    expect(unchanged).toMatchObject({ status: 400, body: { code: 'old_key_required' } })
    const changed = await daemon.api.post(
      '/user/access/refresh-key',
      { new_key: 'second-key', old_key: 'first-key' },
      user.access,
    )
    expect(changed.status).toBe(200)

    daemon.clock.advance(3600_000)
    expect(await daemon.api.get('/auth/me', user.access)).toMatchObject({
      status: 401,
      body: { code: 'invalid_token' },
    })
    const renewed = await daemon.api.call('POST', '/user/access/regeneratetoken/second-key', {
      token: user.access,
    })
    expect(renewed).toMatchObject({ status: 200, body: { token: { token_type: 'Bearer' } } })
    const { token } = renewed.body as unknown as { token: { access_token: string } }
    expect((await daemon.api.get('/auth/me', token.access_token)).status).toBe(200)
    const body = await daemon.api.post(
      '/user/access/regenerate-token',
      { refresh_key: 'second-key' },
      user.access,
    )
    expect(body.status).toBe(200)
    const old = await daemon.api.post(
      '/user/access/regenerate-token',
      { refresh_key: 'first-key' },
      user.access,
    )
    expect(old).toMatchObject({ status: 401, body: { code: 'invalid_refresh_key' } })
  })

  test('places are imported by an admin and read by an end user', async () => {
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
    const fresh = signedIn(
      await daemon.api.post('/auth/admin/login', { username: 'asha', password: PASSWORD }),
    )
    const imported = await daemon.api.post('/mapdirectory/places/import', collection, fresh.access)
    expect(imported).toMatchObject({ status: 200, body: { created: 2, updated: 0, unchanged: 0 } })

    const renewed = await daemon.api.post(
      '/user/access/regenerate-token',
      { refresh_key: 'second-key' },
      user.access,
    )
    const { token } = renewed.body as unknown as { token: { access_token: string } }
    const all = await daemon.api.get('/mapdirectory/places/all', token.access_token)
    expect(all).toMatchObject({ status: 200, body: { detail: 'All data fetched' } })
    expect(all.body['places']).toHaveLength(2)
    const etag = String(all.headers['etag'])
    const unchanged = await daemon.api.call('GET', '/mapdirectory/places/all', {
      token: token.access_token,
      headers: { 'if-none-match': etag },
    })
    expect(unchanged).toMatchObject({ status: 304, text: '' })
    expect(
      await daemon.api.post('/mapdirectory/places/import', collection, token.access_token),
    ).toMatchObject({ status: 403 })
  })
})
