import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { canonicalUserCode, shownUserCode, userCodeOf } from '../../daemon/domain/device.ts'
import { PASSWORD, signedIn, type Family } from '../support/accounts.ts'
import { postForm, type Answer } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const CLIENT = 'authctl-cli'
const SECOND = 1000

let daemon: TestDaemon
let family: Family
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))

const form = (path: string, fields: Record<string, string>) => postForm(daemon.api, path, fields)
const refusal = ({ status, body }: Answer): string => `${status} ${String(body['error'] ?? body['code'])}`

const startDevice = async () => {
  const answer = await form('/oauth/device_authorization', { client_id: CLIENT })
  const codes = answer.body as unknown as Record<'device_code' | 'user_code', string>
  const ask = (fields: Record<string, string> = {}, api = daemon.api) =>
    postForm(api, '/oauth/token', {
      grant_type: GRANT,
      client_id: CLIENT,
      device_code: codes.device_code,
      ...fields,
    })
  return { answer, userCode: codes.user_code, deviceCode: codes.device_code, ask }
}

const decide = (user_code: string, decision: 'approve' | 'deny', token = family.root.access) =>
  daemon.api.post('/auth/devices/decision', { user_code, decision }, token)

describe('RFC 8628', () => {
  test('a device is told where to go, waits, and is signed in as the one who lets it in, once', async () => {
    const { answer, userCode, deviceCode, ask } = await startDevice()
    expect(answer).toMatchObject({ status: 200, body: { expires_in: 600, interval: 5 } })
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    expect(userCode).toMatch(/^[B-Z]{4}-[B-Z]{4}$/)
    expect(answer.body['verification_uri']).toBe(`${daemon.url}/device`)
    expect(answer.body['verification_uri_complete']).toBe(`${daemon.url}/device?user_code=${userCode}`)
    expect(refusal(await ask())).toBe('400 authorization_pending')
    expect(refusal(await ask())).toBe('400 slow_down')
    const approved = await decide(userCode, 'approve', family.admin.access)
    expect(approved).toMatchObject({ status: 200, body: { client_id: CLIENT, ip: '127.0.0.1' } })
    expect(refusal(await decide(userCode, 'deny'))).toBe('404 not_found')
    const second = await daemon.another()
    const asked = await Promise.all([1, 2, 3, 4].map((n) => ask({}, n % 2 === 0 ? daemon.api : second.api)))
    const [token, ...others] = asked.sort((a, b) => a.status - b.status)
    expect(others.map(refusal)).toEqual(['400 invalid_grant', '400 invalid_grant', '400 invalid_grant'])
    if (token === undefined) throw new Error('one is answered')
    expect(decodeJwt(String(token.body['access_token']))).toMatchObject({
      sub: family.admin.id,
      role: 'admin',
      client_id: CLIENT,
    })
    const refresh = { grant_type: 'refresh_token', client_id: CLIENT }
    const next = await form('/oauth/token', {
      ...refresh,
      refresh_token: String(token.body['refresh_token']),
    })
    expect(next.status).toBe(200)
    const lines = JSON.stringify(daemon.log.lines)
    for (const secret of [userCode, userCode.replace('-', ''), deviceCode])
      expect(lines).not.toContain(secret)
  })

  test('what is denied, late, of another client or garbage is no grant', async () => {
    const denied = await startDevice()
    expect((await decide(denied.userCode.toLowerCase().replace('-', ' '), 'deny')).status).toBe(200)
    expect(refusal(await denied.ask())).toBe('400 access_denied')
    const late = await startDevice()
    expect(refusal(await late.ask({ client_id: 'shop' }))).toBe('400 invalid_grant')
    const garbage = await late.ask({ device_code: 'x' })
    expect(refusal(garbage)).toBe('400 invalid_grant')
    expect(garbage.body['error_description']).toMatch(/device code/)
    expect(garbage.text).not.toContain('refresh token')
    const other = late.deviceCode.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    expect(refusal(await late.ask({ device_code: other }))).toBe('400 invalid_grant')
    daemon.clock.advance(600 * SECOND)
    expect(refusal(await late.ask())).toBe('400 expired_token')
    expect(refusal(await decide(late.userCode, 'deny'))).toBe('404 not_found')
    daemon.clock.advance(-600 * SECOND)
    const begin = (fields: Record<string, string>) => form('/oauth/device_authorization', fields)
    expect(refusal(await begin({}))).toBe('401 invalid_client')
    expect(refusal(await begin({ client_id: 'shop' }))).toBe('400 unauthorized_client')
    expect(refusal(await begin({ client_id: CLIENT, scope: 'x' }))).toBe('400 invalid_scope')
  })

  test('clients and sub-clients let nobody in, nor does a sign-in of a while ago or an account that is gone', async () => {
    const { userCode, ask } = await startDevice()
    for (const { access } of [family.client, family.subClient])
      expect(refusal(await decide(userCode, 'approve', access))).toBe('403 forbidden')
    daemon.clock.advance(301 * SECOND)
    const old = await decide(userCode, 'approve')
    expect(old).toMatchObject({ status: 403, body: { detail: expect.stringContaining('last five minutes') } })
    const body = { name: 'x', username: 'leaver', password: PASSWORD }
    const root = signedIn(
      await daemon.api.post('/auth/superadmin/login', { username: 'root', password: PASSWORD }),
    )
    const leaver = signedIn(await daemon.api.post('/auth/admin/create', body, root.access))
    expect((await decide(userCode, 'approve', leaver.access)).status).toBe(200)
    await daemon.api.post(`/accounts/${leaver.id}/disable`, {}, root.access)
    expect(refusal(await ask())).toBe('400 invalid_grant')
  })

  test('a device that is let in stays out once all sessions of that account have been ended', async () => {
    const login = { username: 'everywhere', password: PASSWORD }
    const admin = signedIn(
      await daemon.api.post('/auth/admin/create', { name: 'x', ...login }, family.root.access),
    )
    const ENDINGS: readonly [path: string, token: string][] = [
      ['/auth/sessions', admin.access],
      [`/accounts/${admin.id}/sessions`, family.root.access],
    ]
    const fresh = async () => signedIn(await daemon.api.post('/auth/admin/login', login)).access
    for (const [path, token] of ENDINGS) {
      const [waiting, later] = [await startDevice(), await startDevice()]
      expect((await decide(waiting.userCode, 'approve', await fresh())).status).toBe(200)
      expect((await daemon.api.del(path, token)).status, path).toBe(200)
      expect(refusal(await waiting.ask())).toBe('400 access_denied')
      expect((await decide(later.userCode, 'approve', await fresh())).status).toBe(200)
      expect((await later.ask()).status).toBe(200)
    }
    const racing = await startDevice()
    await decide(racing.userCode, 'approve', await fresh())
    const [asked] = await Promise.all([
      racing.ask(),
      daemon.api.del(`/accounts/${admin.id}/sessions`, family.root.access),
    ])
    const { access_token: token = '' } = asked.body as Record<string, string>
    expect((await daemon.api.get('/auth/me', token)).status).toBe(401)
  })

  test('user codes are easy to type, all alike likely, and read however they are typed', () => {
    expect(userCodeOf(Buffer.alloc(32))).toBe('BBBBBBBB')
    expect(userCodeOf(Buffer.from(`${'00'.repeat(31)}13`, 'hex'))).toBe('ZBBBBBBB')
    expect(userCodeOf(Buffer.from(`${'00'.repeat(30)}0190`, 'hex'))).toBe('BBCBBBBB')
    expect(shownUserCode('WDJBMJHT')).toBe('WDJB-MJHT')
    for (const typed of ['WDJB-MJHT', 'wdjbmjht', ' WDJB MJHT ', 'wdjb\u2013mjht'])
      expect(canonicalUserCode(typed)).toBe('WDJBMJHT')
    for (const typed of ['', 'WDJB-MJH', 'WDJB-MJHTT', 'WDJB-MJHA', 'constructor', '1'.repeat(8)])
      expect(canonicalUserCode(typed)).toBeUndefined()
  })
})

test('guesses at user codes are limited for each address, on the page and by the API together', async () => {
  const limited = await startTestDaemon()
  try {
    const page = () => limited.api.get('/device?user_code=BBBB-BBBB')
    expect((await page()).text).toContain('No device waits under this code')
    const tried = await Promise.all(Array.from({ length: 70 }, page))
    const refused = tried.filter(({ text }) => text.includes('Too many attempts'))
    expect(refused).toHaveLength(11)
    const begun = await Promise.all(
      Array.from({ length: 62 }, () =>
        postForm(limited.api, '/oauth/device_authorization', { client_id: CLIENT }),
      ),
    )
    const late = begun.filter(({ status }) => status === 429)
    expect(late).toHaveLength(2)
    expect(late[0]?.body['error']).toBe('temporarily_unavailable')
    expect(Number(late[0]?.headers['retry-after'])).toBeGreaterThan(0)
  } finally {
    await limited.stop()
  }
})
