import { beforeAll, describe, expect, test } from 'vitest'
import { decodeJwt } from 'jose'
import { PASSWORD, signedIn, type Family } from '../support/accounts.ts'
import { oauthRefusal as refusal, postForm } from '../support/api.ts'
import { basic, createApplication } from '../support/applications.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'

const PUBLIC_URL = 'https://id.example.test/auth'
const METADATA = '/.well-known/oauth-authorization-server'

let daemon: TestDaemon
let family: Family
useFamily({ PUBLIC_URL, AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))

const form = (path: string, fields: Record<string, string> | string, headers: Record<string, string> = {}) =>
  postForm(daemon.api, path, fields, headers)

const signIn = async (clientId?: string) => {
  const body = { username: 'asha', password: PASSWORD, ...(clientId && { client_id: clientId }) }
  return signedIn(await daemon.api.post('/auth/admin/login', body))
}

describe('the token endpoint', () => {
  test('I6: a session goes on by its refresh token, in the words of RFC 6749', async () => {
    const { refresh, id } = await signIn('shop')
    const answer = await form('/oauth/token', {
      grant_type: 'refresh_token',
      client_id: 'shop',
      refresh_token: refresh,
      unknown: 'passed over',
    })
    expect(answer.status).toBe(200)
    expect(Object.keys(answer.body)).toEqual(['access_token', 'token_type', 'expires_in', 'refresh_token'])
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    const token = answer.body as unknown as { access_token: string; refresh_token: string }
    expect(decodeJwt(token.access_token)).toMatchObject({ sub: id, client_id: 'shop', iss: PUBLIC_URL })
    expect(token.refresh_token).not.toBe(refresh)
    // The route of before renews what this one has handed out.
    const headers = { authorization: `Bearer ${token.refresh_token}` }
    const next = await daemon.api.call('POST', '/auth/token/refresh', {
      headers,
      body: { client_id: 'shop' },
    })
    expect(next.status).toBe(200)
  })

  const WRONG: readonly (readonly [
    what: string,
    body: string,
    refused: string,
    headers?: Record<string, string>,
  ])[] = [
    ['nothing at all', '', '400 invalid_request'],
    ['no grant type', 'client_id=shop', '400 invalid_request'],
    ['a grant type without a value', 'grant_type=&client_id=shop', '400 invalid_request'],
    ['an unknown grant type', 'grant_type=password&client_id=shop', '400 unsupported_grant_type'],
    ['the name of a prototype', 'grant_type=constructor&client_id=shop', '400 unsupported_grant_type'],
    ['a repeated parameter', 'grant_type=a&client_id=shop&client_id=shop', '400 invalid_request'],
    ['a repeated unknown one', 'grant_type=a&client_id=shop&x=1&x=2', '400 invalid_request'],
    ['no UTF-8', 'grant_type=%ff&client_id=shop', '400 invalid_request'],
    ['half an escape', 'grant_type=%4&client_id=shop', '400 invalid_request'],
    ['a long grant type', `grant_type=${'a'.repeat(257)}&client_id=shop`, '400 invalid_request'],
    ['more than 16 KiB', `grant_type=a&x=${'a'.repeat(16_384)}`, '413 invalid_request'],
    ['JSON', '{}', '400 invalid_request', { 'content-type': 'application/json' }],
    ['a compressed body', 'grant_type=a', '400 invalid_request', { 'content-encoding': 'gzip' }],
    ['no client', 'grant_type=refresh_token&refresh_token=x', '401 invalid_client'],
    ['no token', 'grant_type=refresh_token&client_id=shop', '400 invalid_request'],
    ['garbage', 'grant_type=refresh_token&client_id=shop&refresh_token=x', '400 invalid_grant'],
    ['a scope', 'grant_type=refresh_token&client_id=shop&refresh_token=x&scope=a', '400 invalid_scope'],
    ['two ways', 'grant_type=a&client_id=shop', '401 invalid_client', { authorization: 'Basic c2hvcDp4' }],
    ['no scheme', 'grant_type=a&client_id=shop', '401 invalid_client', { authorization: 'Bearer x' }],
  ]

  for (const [what, body, refused, headers] of WRONG)
    test(`I6: ${what} is refused as RFC 6749 says`, async () => {
      const answer = await form('/oauth/token', body, headers)
      expect(refusal(answer)).toBe(refused)
      expect(Object.keys(answer.body)).toEqual(['error', 'error_description'])
      expect(answer.body['error_description']).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        pragma: 'no-cache',
      })
      expect(answer.headers['www-authenticate']).toBe(
        answer.status === 401 ? 'Basic realm="authctl", charset="UTF-8"' : undefined,
      )
    })

  test('I6: nothing is read from the URL, and no other method is answered', async () => {
    const { refresh } = await signIn()
    const asked = `grant_type=refresh_token&client_id=authctl&refresh_token=${refresh}`
    expect(refusal(await form(`/oauth/token?${asked}`, ''))).toBe('400 invalid_request')
    expect(refusal(await form(`/oauth/token?client_id=authctl`, asked))).toBe('400 invalid_request')
    const got = await daemon.api.get(`/oauth/token?${asked}`)
    expect([refusal(got), got.headers['allow']]).toEqual(['405 invalid_request', 'POST'])
    expect(JSON.stringify(daemon.log.lines)).not.toContain(refresh)
    expect((await form('/oauth/token', asked)).status).toBe(200)
  })

  test('a refresh token of another application, or one that was used, is no grant', async () => {
    const { refresh } = await signIn('shop')
    const ask = (client_id: string) =>
      form('/oauth/token', { grant_type: 'refresh_token', client_id, refresh_token: refresh })
    expect(refusal(await ask('other'))).toBe('400 invalid_grant')
    expect((await ask('shop')).status).toBe(200)
    daemon.clock.advance(61_000)
    expect(refusal(await ask('shop'))).toBe('400 invalid_grant')
  })

  test('I6: nobody signs in under the id of an application with service keys, which proves itself by them', async () => {
    const client_id = `app_${'0'.repeat(26)}`
    const byPassword = { username: 'asha', password: PASSWORD, client_id }
    const byCode = { number: '+919876500097', otp: '123456', client_id }
    const CALLS: readonly [path: string, body: object][] = [
      ...['superadmin', 'admin', 'client', 'subclient'].map((role): [string, object] => [
        `/auth/${role}/login`,
        byPassword,
      ]),
      ['/auth/client/login', byCode],
      ['/auth/user/login', byCode],
      ['/auth/otp/send', { number: byCode.number, client_id }],
    ]
    for (const [path, body] of CALLS)
      expect((await daemon.api.post(path, body)).body, path).toMatchObject({
        code: 'invalid_request',
        errors: [{ pointer: '/client_id' }],
      })
    expect(decodeJwt((await signIn('app_shop')).access)['client_id']).toBe('app_shop')
  })
})

describe('the metadata', () => {
  let metadata: Record<string, unknown>
  beforeAll(async () => {
    metadata = (await daemon.api.get(METADATA)).body
  })

  test('I3: it stands where RFC 8414 says, with and without the path of the issuer', async () => {
    expect((await daemon.api.get(`${METADATA}/auth`)).body).toEqual(metadata)
    expect((await daemon.api.get(`${METADATA}/other`)).status).toBe(404)
    expect((await daemon.api.get('/.well-known/jwks.json/auth')).status).toBe(200)
  })

  test('I3: the issuer is the one of the tokens, byte for byte', () => {
    expect(metadata['issuer']).toBe(decodeJwt(family.root.access).iss)
    expect(metadata['issuer']).toBe(PUBLIC_URL)
  })

  test('I3: every URL that is listed answers, and every grant type is known', async () => {
    const urls = Object.entries(metadata).filter(([name]) => /_(?:endpoint|uri)$/.test(name))
    expect(urls.length).toBeGreaterThan(1)
    for (const [name, value] of urls) {
      const url = String(value)
      expect(url).toMatch(/^https:\/\/id\.example\.test\/auth\//)
      const path = url.slice(PUBLIC_URL.length)
      const answer = name.endsWith('_uri') ? await daemon.api.get(path) : await form(path, '')
      expect({ name, status: answer.status }).toEqual({
        name,
        status: expect.toBeOneOf(name.endsWith('_uri') ? [200] : [400, 401]),
      })
    }
    for (const grant_type of metadata['grant_types_supported'] as string[])
      expect(refusal(await form('/oauth/token', { grant_type, client_id: 'shop' }))).toBe(
        grant_type === 'client_credentials' ? '400 unauthorized_client' : '400 invalid_request',
      )
  })
})

describe('what a token is, and its end', () => {
  let id: string
  let secret: string
  beforeAll(async () => {
    const made = await createApplication(daemon.api, family.client.access)
    id = made.id
    secret = made.key
  })

  const credentials = () => ({ client_id: id, client_secret: secret })
  const introspect = (token: string) => form('/oauth/introspect', { token, ...credentials() })
  const ownToken = async () => {
    const answer = await form('/oauth/token', { grant_type: 'client_credentials', ...credentials() })
    return String(answer.body['access_token'])
  }

  test('I2: an application is told of tokens of its owner and of those below, and of no other', async () => {
    const token = await ownToken()
    const own = await introspect(token)
    expect(own.body).toEqual({
      active: true,
      iss: PUBLIC_URL,
      sub: id,
      client_id: id,
      aud: decodeJwt(token).aud,
      exp: decodeJwt(token).exp,
      iat: decodeJwt(token).iat,
      token_type: 'Bearer',
      role: 'application',
    })
    expect(own.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    const { subClient, client, admin, root } = family
    for (const { access, refresh, id: sub } of [client, subClient]) {
      const { sid } = decodeJwt(access)
      const known = { active: true, sub, sid, iss: PUBLIC_URL, client_id: 'authctl' }
      expect((await introspect(access)).body).toMatchObject({ ...known, token_type: 'Bearer' })
      expect((await introspect(refresh)).body).toMatchObject(known)
    }
    const ended = await signIn('shop')
    await daemon.api.post('/auth/logout', {}, ended.access)
    const hidden = [admin.access, admin.refresh, root.access, ended.access, ended.refresh]
    for (const each of [
      ...hidden,
      'garbage',
      `${token}x`,
      secret,
      client.refresh.replace(/.{9}$/, 'A'.repeat(9)),
    ])
      expect((await introspect(each)).text).toBe('{"active":false}')
    daemon.clock.advance(3_600_000)
    expect((await introspect(token)).text).toBe('{"active":false}')
    daemon.clock.advance(-3_600_000)
  })

  test('I2: nobody is told anything who does not say who asks; an account asks by its token', async () => {
    const { access, id: sub } = family.subClient
    expect(refusal(await form('/oauth/introspect', { token: access }))).toBe('401 invalid_client')
    expect(refusal(await form('/oauth/introspect', { token: access, client_id: 'authctl' }))).toBe(
      '401 invalid_client',
    )
    const wrong = { token: access, client_id: id, client_secret: `${secret.slice(0, -1)}A` }
    expect(refusal(await form('/oauth/introspect', wrong))).toBe('401 invalid_client')
    const by = (token: string) =>
      form('/oauth/introspect', { token: access }, { authorization: `Bearer ${token}` })
    expect((await by(family.client.access)).body).toMatchObject({ active: true, sub })
    expect((await by(family.root.access)).body).toMatchObject({ active: true, sub, username: 'sita' })
    const refused = await by('not.a.token')
    expect(refusal(refused)).toBe('401 invalid_token')
    expect(refused.headers['www-authenticate']).toBe('Bearer realm="authctl", error="invalid_token"')
    const byBasic = await form('/oauth/introspect', { token: access }, basic(id, secret))
    expect(byBasic.body).toMatchObject({ active: true, sub })
  })

  test('I1: a token ends for the application that it was issued to, on every daemon; any other goes on', async () => {
    const token = await ownToken()
    const session = await signIn('kiosk')
    const revoke = (each: string, fields: Record<string, string>) =>
      form('/oauth/revoke', { token: each, ...fields })
    for (const each of [token, 'garbage', session.refresh, `${token}x`])
      expect((await revoke(each, { client_id: 'shop' })).status).toBe(200)
    expect((await revoke(session.refresh, credentials())).status).toBe(200)
    expect(refusal(await revoke(token, {}))).toBe('401 invalid_client')
    expect(refusal(await revoke(token, { client_id: id }))).toBe('401 invalid_client')
    expect(refusal(await revoke(secret, { client_id: 'shop' }))).toBe('400 unsupported_token_type')
    expect((await introspect(token)).body['active']).toBe(true)
    expect((await daemon.api.get('/auth/me', session.access)).status).toBe(200)

    const other = await ownToken()
    expect((await revoke(token, { ...credentials(), token_type_hint: 'refresh_token' })).text).toBe('{}')
    expect((await introspect(token)).text).toBe('{"active":false}')
    const second = await daemon.another()
    expect((await second.api.get('/auth/me', token)).status).toBe(401)
    expect((await introspect(other)).body['active']).toBe(true)
    expect((await revoke(session.refresh, { client_id: 'kiosk', token_type_hint: 'x' })).status).toBe(200)
    expect((await second.api.get('/auth/me', session.access)).status).toBe(401)
    const again = await signIn('kiosk')
    expect((await revoke(again.access, { client_id: 'kiosk' })).status).toBe(200)
    const refresh = { grant_type: 'refresh_token', client_id: 'kiosk', refresh_token: again.refresh }
    expect(refusal(await form('/oauth/token', refresh))).toBe('400 invalid_grant')
  })
})
