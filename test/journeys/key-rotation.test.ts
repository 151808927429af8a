import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSandbox } from '../cli/run-cli.ts'
import { bootstrap, signedIn, type SignedIn } from '../support/accounts.ts'
import type { Api } from '../support/api.ts'
import { type Fleet, startFleet } from '../support/fleet.ts'
import { hostSettings, type RunningDaemon } from '../support/running-daemon.ts'

const WITHIN_MS = 5000

let fleet: Fleet
let root: SignedIn
const sandbox = createSandbox()
beforeAll(async () => {
  fleet = await startFleet(2, { AUTHCTL_RATE_LIMITS: 'off', AUTHCTL_MAX_SESSIONS: '1000' })
  root = await bootstrap(fleet.apis[0] as Api, fleet.dataDir)
}, 60_000)
afterAll(async () => {
  await fleet.stop()
  sandbox.remove()
})

interface Key {
  readonly kid: string
  readonly state: string
}

const keys = async <T>(...argv: string[]): Promise<T> => {
  const env = hostSettings(fleet.daemons[0] as RunningDaemon)
  const { code, stdout, stderr } = await sandbox.spawn({ argv: ['keys', ...argv, '--json'], env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'On this host, through the store.\n' })
  return JSON.parse(stdout) as T
}

const published = async (api: Api): Promise<string[]> => {
  const { body } = await api.get('/.well-known/jwks.json')
  return (body as unknown as { keys: Key[] }).keys.map(({ kid }) => kid)
}

const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as Key).kid

const refreshed = async (api: Api): Promise<SignedIn> => {
  const login = { username: 'root', password: 'correct horse battery staple' }
  return signedIn(await api.post('/auth/superadmin/login', login))
}

const eventually = async (holds: () => Promise<boolean>): Promise<number> => {
  const start = performance.now()
  while (!(await holds())) {
    if (performance.now() - start > 2 * WITHIN_MS) return Infinity
    await sleep(50)
  }
  return performance.now() - start
}

test(
  'C12: a rotation under load refuses nobody, on any daemon; a revoked key is refused by all within seconds',
  { timeout: 60_000 },
  async () => {
    const [first, second] = fleet.apis as [Api, Api]
    const old = root
    const [before] = await keys<Key[]>('list')
    expect(kidOf(old.access)).toBe(before?.kid)

    const waiting = await keys<Key>('rotate')
    expect(waiting.state).toBe('next')
    expect((await keys<Key>('rotate')).kid).toBe(waiting.kid)
    expect(await eventually(async () => (await published(second)).includes(waiting.kid))).toBeLessThan(
      WITHIN_MS,
    )
    expect(kidOf((await refreshed(second)).access)).toBe(before?.kid)

    const refused: string[] = []
    const load = { isRunning: true }
    let calls = 0
    const newest = { [first.url]: old.access, [second.url]: old.access }
    const caller = async (signsAt: Api, usesAt: Api): Promise<void> => {
      while (load.isRunning) {
        for (const token of [old.access, newest[signsAt.url] ?? '']) {
          const answer = await usesAt.get('/auth/me', token)
          calls += 1
          if (answer.status !== 200) refused.push(`${answer.status} ${kidOf(token)}`)
        }
      }
    }
    const signing = async (api: Api): Promise<void> => {
      while (load.isRunning) newest[api.url] = (await refreshed(api)).access
    }
    const work = [
      caller(first, second),
      caller(second, first),
      caller(first, first),
      signing(first),
      signing(second),
    ]
    await sleep(300)
    const rotated = await keys<Key>('rotate', '--now')
    await sleep(3000)
    load.isRunning = false
    await Promise.all(work)
    expect(refused).toEqual([])
    expect(calls).toBeGreaterThan(200)
    for (const api of [first, second]) {
      expect(kidOf(newest[api.url] ?? '')).toBe(rotated.kid)
      expect(new Set(await published(api))).toEqual(new Set([before?.kid, waiting.kid, rotated.kid]))
      expect((await api.get('/auth/me', old.access)).status).toBe(200)
    }

    await keys<Key>('revoke', before?.kid ?? '', '--yes')
    for (const api of [first, second]) {
      expect(
        await eventually(async () => (await api.get('/auth/me', old.access)).status === 401),
      ).toBeLessThan(WITHIN_MS)
      expect((await api.get('/auth/me', newest[first.url])).status).toBe(200)
      expect(await published(api)).not.toContain(before?.kid)
    }
    const states = (await keys<Key[]>('list')).map(({ state }) => state)
    expect(states).toEqual(['revoked', 'retiring', 'active'])
  },
)

test(
  'C12: a daemon rotates and revokes by HTTP too, for super-admins only: when it answers, all refuse the keys, and another signs',
  { timeout: 30_000 },
  async () => {
    const [first, second] = fleet.apis as [Api, Api]
    const present = await refreshed(first)
    const admin = signedIn(
      await first.post('/auth/admin/create', { name: 'A', number: '+919876500011' }, present.access),
    )
    // Whatever a policy gives it: who has the keys is everybody.
    await first.post(`/accounts/${admin.id}/policies/authctl:SuperAdmin`, {}, present.access)
    for (const [method, path] of [
      ['GET', '/keys'],
      ['POST', '/keys/rotate'],
      ['POST', `/keys/${kidOf(present.access)}/revoke`],
    ] as const) {
      const answer = await first.call(method, path, {
        token: admin.access,
        ...(method === 'POST' && { body: {} }),
      })
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
    const waiting = await first.post('/keys/rotate', {}, present.access)
    expect(waiting).toMatchObject({ status: 200, body: { state: 'next', revoked_at: null } })
    expect(await published(first)).toContain(waiting.body['kid'])

    // Every key there is, at both daemons at once; that which signs by both.
    const kid = kidOf(present.access)
    const { items: before } = (await first.get('/keys', present.access)).body as unknown as { items: Key[] }
    const live = before.filter(({ state }) => state !== 'revoked')
    const signing = live.filter(({ state }) => state === 'active')
    const answers = await Promise.all(
      [...live, ...signing, ...signing].map((key, n) =>
        (n % 2 === 0 ? first : second).post(`/keys/${key.kid}/revoke`, {}, present.access),
      ),
    )
    expect(answers.filter(({ status }) => status !== 200 && status !== 404)).toEqual([])
    const revoked = answers.filter(({ status }) => status === 200).map(({ body }) => body)
    expect(new Set(revoked.map((key) => key['kid']))).toEqual(new Set(live.map((key) => key.kid)))
    expect(new Set(revoked.map((key) => key['state']))).toEqual(new Set(['revoked']))
    for (const api of [first, second])
      expect((await api.get('/auth/me', present.access)).body).toMatchObject({ code: 'invalid_token' })
    const next = await refreshed(second)
    expect(live.map((key) => key.kid)).not.toContain(kidOf(next.access))
    expect((await first.post(`/keys/${kid}/revoke`, {}, next.access)).status).toBe(404)
    const { items } = (await first.get('/keys', next.access)).body as unknown as { items: Key[] }
    expect(items.find(({ state }) => state === 'active')?.kid).toBe(kidOf(next.access))
    expect(items, 'one successor').toHaveLength(before.length + 1)
    expect((await first.get('/auth/me', next.access)).status).toBe(200)
    const renewed = await first.call('POST', '/auth/token/refresh', { token: present.refresh, body: {} })
    expect(renewed.status).toBe(200)
  },
)
