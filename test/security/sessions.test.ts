import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { createFamily, PASSWORD, signedIn, signInUser, type SignedIn } from '../support/accounts.ts'
import type { Answer, Api } from '../support/api.ts'
import { startFleet, type Fleet } from '../support/fleet.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { insist, race, RACE_ROUNDS } from '../support/races.ts'

const USER = '+919876543210'
let daemon: TestDaemon
afterEach(() => daemon?.stop())

const refresh = (api: Api, token: string, body: object = {}) => api.post('/auth/token/refresh', body, token)
const successorOf = (answer: Answer): SignedIn => {
  const { token } = answer.body as unknown as { token: { access_token: string; refresh_token: string } }
  return { id: '', access: token.access_token, refresh: token.refresh_token }
}
const statuses = (answers: readonly Answer[]) => new Set(answers.map((answer) => answer.status))

test('D11: of 100 parallel sign-ins as many sessions live as the setting says', async () => {
  const capped = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off', AUTHCTL_MAX_SESSIONS: '5' })
  await createFamily(capped)
  let unheard = 0
  const login = () =>
    insist(async () => {
      const answer = await capped.api.post('/auth/admin/login', { username: 'asha', password: PASSWORD })
      // A busy MongoDB may have begun a session of which nobody hears.
      if (answer.status === 503) unheard += 1
      return answer
    })
  const answers = await Promise.all(Array.from({ length: 100 }, login))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(100)
  const tokens = answers.map((answer) => signedIn(answer).access)
  const answered = await Promise.all(
    tokens.map(async (token) => (await insist(() => capped.api.get('/auth/me', token))).status),
  )
  const live = answered.filter((status) => status === 200).length
  expect(live).toBeLessThanOrEqual(5)
  expect(live + unheard).toBeGreaterThanOrEqual(5)
  expect(answered.filter((status) => status === 401)).toHaveLength(100 - live)
  capped.clock.advance(1000)
  const { access } = signedIn(await login())
  const listed = (await capped.api.get('/auth/sessions', access)).body as unknown as { items: unknown[] }
  expect(listed.items).toHaveLength(5)
  await capped.stop()
})

describe('D1: refresh tokens at rest', () => {
  test('256 bits under a known prefix, in no file of the store and no log line; a truncated one is refused at each length', async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    const user = await signInUser(daemon, USER)
    const rotated = successorOf(await refresh(daemon.api, user.refresh))
    expect(user.refresh).toMatch(/^authctl_rt_[A-Za-z0-9_-]{83}$/)
    for (const token of [user.refresh, rotated.refresh]) {
      const secret = Buffer.from(token.slice('authctl_rt_'.length), 'base64url').subarray(30)
      expect(secret).toHaveLength(32)
      const files = readdirSync(daemon.dataDir).map((file) => readFileSync(join(daemon.dataDir, file)))
      for (const file of files) {
        expect(file.includes(token)).toBe(false)
        expect(file.includes(secret)).toBe(false)
        expect(file.includes(secret.toString('base64url'))).toBe(false)
      }
      expect(JSON.stringify(daemon.log.lines)).not.toContain(token)
    }
    for (let length = 0; length < rotated.refresh.length; length++) {
      const answer = await daemon.api.call('POST', '/auth/token/refresh', {
        headers: { authorization: `Bearer ${rotated.refresh.slice(0, length)}` },
      })
      expect(answer.status).toBe(401)
    }
    expect((await refresh(daemon.api, rotated.refresh)).status).toBe(200)
  })
})

describe('rotation', () => {
  test(`D2: 1000 parallel refreshes within grace give one successor and end nothing, ${RACE_ROUNDS} times`, async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    let { refresh: token } = await signInUser(daemon, USER)
    for (let round = 0; round < RACE_ROUNDS; round++) {
      const answers = await race(() => refresh(daemon.api, token))
      expect(statuses(answers)).toEqual(new Set([200]))
      const successors = new Set(answers.map((answer) => successorOf(answer).refresh))
      expect(successors.size).toBe(1)
      token = [...successors][0] ?? ''
    }
    expect(daemon.log.events('refresh-token-reused')).toEqual([])
  }, 120_000)

  test('D3: with grace 0 exactly one of 1000 gets a successor', async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off', AUTHCTL_REFRESH_GRACE: '0' })
    const { refresh: token } = await signInUser(daemon, USER)
    const answers = await race(() => refresh(daemon.api, token))
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(answers.length - 1)
  })

  test('D4: reuse after grace ends the family and its access tokens, once in the audit; other families live', async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    const sibling = await signInUser(daemon, USER)
    daemon.sms.messages.length = 0
    const user = await signInUser(daemon, USER)
    const next = successorOf(await refresh(daemon.api, user.refresh))
    daemon.clock.advance(11_000)
    const reused = await Promise.all(Array.from({ length: 20 }, () => refresh(daemon.api, user.refresh)))
    for (const answer of reused)
      expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_grant' } })
    expect(await refresh(daemon.api, next.refresh)).toMatchObject({
      status: 401,
      body: { code: 'invalid_grant' },
    })
    expect((await daemon.api.get('/auth/me', next.access)).status).toBe(401)
    expect(daemon.log.events('refresh-token-reused')).toHaveLength(1)
    expect((await refresh(daemon.api, sibling.refresh)).status).toBe(200)
    expect((await daemon.api.get('/auth/me', sibling.access)).status).toBe(200)
  })

  test('D6: a grandparent is reuse, even within grace', async () => {
    daemon = await startTestDaemon()
    const first = await signInUser(daemon, USER)
    const second = successorOf(await refresh(daemon.api, first.refresh))
    const third = successorOf(await refresh(daemon.api, second.refresh))
    expect((await refresh(daemon.api, first.refresh)).status).toBe(401)
    expect((await refresh(daemon.api, third.refresh)).status).toBe(401)
  })

  test('a made-up token of a known session, whatever its number, ends nothing', async () => {
    daemon = await startTestDaemon()
    const user = await signInUser(daemon, USER)
    let token = user.refresh
    for (let n = 0; n < 3; n++) token = successorOf(await refresh(daemon.api, token)).refresh
    const bytes = Buffer.from(token.slice('authctl_rt_'.length), 'base64url')
    for (const rotation of [0, 1, 2, 3, 4, 0xffffffff]) {
      const forged = Buffer.from(bytes)
      forged.writeUInt32BE(rotation, 26)
      forged.fill(7, 30)
      expect((await refresh(daemon.api, `authctl_rt_${forged.toString('base64url')}`)).status).toBe(401)
    }
    expect((await refresh(daemon.api, token)).status).toBe(200)
  })

  test.each([
    ['an hour on', 3_600_000],
    ['an hour back', -3_600_000],
  ])('D5: reuse is seen after a step of the clock by %s', async (_name, step) => {
    daemon = await startTestDaemon()
    const user = await signInUser(daemon, USER)
    const next = successorOf(await refresh(daemon.api, user.refresh))
    daemon.clock.advance(step)
    expect((await refresh(daemon.api, user.refresh)).status).toBe(401)
    expect((await refresh(daemon.api, next.refresh)).status).toBe(401)
  })

  test('D8: bound to its client and its session', async () => {
    daemon = await startTestDaemon()
    const user = await signInUser(daemon, USER)
    expect(await refresh(daemon.api, user.refresh, { client_id: 'other-app' })).toMatchObject({
      status: 401,
      body: { code: 'invalid_grant' },
    })
    expect((await refresh(daemon.api, user.refresh)).status).toBe(200)
  })

  test('D7: idle and absolute life end a session, and refreshing never moves the absolute end', async () => {
    const lives = (idle: number, absolute: number) => {
      const roles = ['super-admin', 'admin', 'client', 'sub-client', 'user']
      const all = (seconds: number) => roles.map((role) => `${role}=${seconds}`).join(',')
      return { AUTHCTL_SESSION_IDLE: all(idle), AUTHCTL_SESSION_ABSOLUTE: all(absolute) }
    }
    daemon = await startTestDaemon(lives(100, 250))
    let { refresh: token } = await signInUser(daemon, USER)
    for (let n = 0; n < 2; n++) {
      daemon.clock.advance(99_000)
      token = successorOf(await refresh(daemon.api, token)).refresh
    }
    daemon.clock.advance(50_000)
    const late = await refresh(daemon.api, token)
    expect(late.status).toBe(200)
    daemon.clock.advance(3000)
    expect((await refresh(daemon.api, successorOf(late).refresh)).status).toBe(401)
    expect((await daemon.api.get('/auth/me', successorOf(late).access)).status).toBe(401)

    const own = await startTestDaemon(lives(100, 1000))
    const idle = await signInUser(own, USER)
    own.clock.advance(101_000)
    expect((await refresh(own.api, idle.refresh)).status).toBe(401)
    await own.stop()
  })
})

describe('D9: sessions are listed and ended', () => {
  test('one, or all others; only one’s own', async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    const { admin, client } = await createFamily(daemon)
    const login = async () =>
      signedIn(await daemon.api.post('/auth/admin/login', { username: 'asha', password: PASSWORD }))
    const [second, third] = [await login(), await login()]
    const listed = async (token: string) =>
      (
        (await daemon.api.get('/auth/sessions', token)).body as unknown as {
          items: { id: string; current: boolean; client_id: string }[]
        }
      ).items
    const sessions = await listed(second.access)
    expect(sessions).toHaveLength(3)
    expect(sessions.filter((session) => session.current)).toHaveLength(1)

    const [foreign] = await listed(client.access)
    expect((await daemon.api.del(`/auth/sessions/${foreign?.id}`, second.access)).status).toBe(404)
    const other = sessions.find((session) => !session.current)
    expect((await daemon.api.del(`/auth/sessions/${other?.id}`, second.access)).status).toBe(200)
    expect((await daemon.api.del(`/auth/sessions/${other?.id}`, second.access)).status).toBe(404)
    expect(await listed(second.access)).toHaveLength(2)

    expect((await daemon.api.del('/auth/sessions', second.access)).body).toMatchObject({ revoked: 1 })
    for (const ended of [admin, third]) {
      expect((await daemon.api.get('/auth/me', ended.access)).status).toBe(401)
      expect((await refresh(daemon.api, ended.refresh)).status).toBe(401)
    }
    expect((await daemon.api.get('/auth/me', second.access)).status).toBe(200)
    expect((await daemon.api.get('/auth/me', client.access)).status).toBe(200)
  })

  test('C13: logout ends access and refresh tokens at once', async () => {
    daemon = await startTestDaemon()
    const user = await signInUser(daemon, USER)
    expect((await daemon.api.post('/auth/logout', {}, user.access)).status).toBe(200)
    expect((await daemon.api.get('/auth/me', user.access)).status).toBe(401)
    expect((await refresh(daemon.api, user.refresh)).status).toBe(401)
    expect(
      (await daemon.api.post('/user/access/regenerate-token', { refresh_key: 'anything' }, user.access))
        .status,
    ).toBe(401)
  })
})

describe('D12: a disabled account passes nowhere', () => {
  /** Every way in for a signed-in account; true if any of them passes. */
  const passes = async (
    account: SignedIn,
    role: string,
    identity: { username: string; number: string },
  ): Promise<string[]> => {
    const open: string[] = []
    const ways: Record<string, () => Promise<Answer>> = {
      access: () => daemon.api.get('/auth/me', account.access),
      refresh: () => refresh(daemon.api, account.refresh),
      regenerate: () =>
        daemon.api.post('/user/access/regenerate-token', { refresh_key: 'a-refresh-key' }, account.access),
      password: () =>
        daemon.api.post(`/auth/${role}/login`, { username: identity.username, password: PASSWORD }),
      otp: async () => {
        daemon.sms.messages.length = 0
        await daemon.api.post('/auth/otp/send', { number: identity.number })
        return daemon.api.post(`/auth/${role}/login`, {
          number: identity.number,
          otp: await daemon.sms.codeFor(identity.number),
        })
      },
    }
    for (const [name, way] of Object.entries(ways)) {
      if ((await way()).status < 300) open.push(name)
    }
    return open
  }

  test('itself disabled, or under a disabled ancestor; enabled again, its old tokens stay dead while those below revive', async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    const { root, client, subClient } = await createFamily(daemon)
    const clientIdentity = { username: 'chetan', number: '+919876500002' }
    const subIdentity = { username: 'sita', number: '+919876500003' }
    for (const account of [client, subClient]) {
      expect(
        (await daemon.api.post('/user/access/refresh-key', { new_key: 'a-refresh-key' }, account.access))
          .status,
      ).toBe(200)
    }
    for (let round = 0; round < 5; round++) {
      expect((await daemon.api.post(`/accounts/${client.id}/disable`, {}, root.access)).status).toBe(200)
      expect(await passes(client, 'client', clientIdentity)).toEqual([])
      expect(await passes(subClient, 'subclient', subIdentity)).toEqual([])
      expect((await daemon.api.post(`/accounts/${client.id}/enable`, {}, root.access)).status).toBe(200)
      expect((await daemon.api.get('/auth/me', client.access)).status).toBe(401)
      expect((await daemon.api.get('/auth/me', subClient.access)).status).toBe(200)
      expect(
        (await daemon.api.post('/auth/client/login', { username: 'chetan', password: PASSWORD })).status,
      ).toBe(200)
    }
  })

  test('a sub-client disabled on its own stays so when its client is enabled again', async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    const { root, client, subClient } = await createFamily(daemon)
    await daemon.api.post(`/accounts/${subClient.id}/disable`, {}, root.access)
    await daemon.api.post(`/accounts/${client.id}/disable`, {}, root.access)
    await daemon.api.post(`/accounts/${client.id}/enable`, {}, root.access)
    expect(await passes(subClient, 'subclient', { username: 'sita', number: '+919876500003' })).toEqual([])
  })

  test('an end user', async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    const { admin } = await createFamily(daemon)
    const user = await signInUser(daemon, USER)
    expect((await daemon.api.post(`/accounts/${user.id}/disable`, {}, admin.access)).status).toBe(200)
    expect(await passes(user, 'user', { username: 'none', number: USER })).toEqual([])
  })
})

describe('the refresh key', () => {
  test('five wrong keys lock it, for changing it as well, until the next full sign-in', async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    const user = await signInUser(daemon, USER)
    const regenerate = (key: string) =>
      daemon.api.post('/user/access/regenerate-token', { refresh_key: key }, user.access)
    expect(await regenerate('secret-key')).toMatchObject({
      status: 401,
      body: { code: 'invalid_refresh_key' },
    })
    await daemon.api.post('/user/access/refresh-key', { new_key: 'secret-key' }, user.access)
    const wrong = await Promise.all(Array.from({ length: 50 }, () => regenerate('wrong-key')))
    expect(wrong.filter((answer) => answer.status === 401)).toHaveLength(5)
    expect(wrong.filter((answer) => answer.status === 403)).toHaveLength(45)
    expect(await regenerate('secret-key')).toMatchObject({
      status: 403,
      body: { code: 'refresh_key_locked' },
    })
    const change = await daemon.api.post(
      '/user/access/refresh-key',
      { new_key: 'other-key', old_key: 'secret-key' },
      user.access,
    )
    expect(change).toMatchObject({ status: 403, body: { code: 'refresh_key_locked' } })
    daemon.sms.messages.length = 0
    await signInUser(daemon, USER)
    expect((await regenerate('secret-key')).status).toBe(200)
  })

  test('it has at least six characters, is bound to its account, and is stored as a MAC', async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    const [one, two] = [await signInUser(daemon, USER), await signInUser(daemon, '+919876543211')]
    expect((await daemon.api.post('/user/access/refresh-key', { new_key: '12345' }, one.access)).status).toBe(
      400,
    )
    await daemon.api.post('/user/access/refresh-key', { new_key: 'a-key-of-one' }, one.access)
    expect(
      (await daemon.api.post('/user/access/regenerate-token', { refresh_key: 'a-key-of-one' }, two.access))
        .status,
    ).toBe(401)
    for (const file of readdirSync(daemon.dataDir)) {
      expect(readFileSync(join(daemon.dataDir, file), 'latin1')).not.toContain('a-key-of-one')
    }
  })
})

describe('four daemons on one store', () => {
  /** Long enough for a round of 1000 on a busy machine. */
  const GRACE_SECONDS = 20

  test('D2, D5: one successor over all of them; a token rotated before kill -9 is harmless within grace and reuse after it', async () => {
    const fleet: Fleet = await startFleet(4, {
      AUTHCTL_RATE_LIMITS: 'off',
      AUTHCTL_REFRESH_GRACE: String(GRACE_SECONDS),
    })
    onTestFinished(async () => fleet.stop())
    const api = (index: number) => fleet.apis[index % 4] as Api
    await api(0).post('/auth/otp/send', { number: USER })
    let token = signedIn(
      await api(1).post('/auth/user/login', { number: USER, otp: await fleet.codeFor(USER) }),
    ).refresh
    for (let round = 0; round < RACE_ROUNDS; round++) {
      const answers = await race((index) => refresh(api(index), token))
      expect(statuses(answers)).toEqual(new Set([200]))
      const successors = new Set(answers.map((answer) => successorOf(answer).refresh))
      expect(successors.size).toBe(1)
      token = [...successors][0] ?? ''
    }
    for (let round = 0; round < 5; round++) {
      const burst = Array.from({ length: 50 }, () => refresh(api(0), token).catch(() => undefined))
      await Promise.race(burst)
      await Promise.all([fleet.restart(0), ...burst])
      const again = await refresh(api(1), token)
      expect(again.status).toBe(200)
      token = successorOf(again).refresh
    }
    // The rest waits for the end of a grace, so its daemon has a short one.
    const short = { AUTHCTL_REFRESH_GRACE: '1' }
    await fleet.restart(2, short)
    const parent = token
    token = successorOf(await refresh(api(2), token)).refresh
    await fleet.restart(2, short)
    await sleep(1500)
    expect((await refresh(api(2), parent)).status).toBe(401)
    expect((await refresh(api(3), token)).status).toBe(401)
  }, 180_000)
})
