import { beforeAll, afterAll, expect, test } from 'vitest'
import { bootstrap, signInUser, type SignedIn } from '../support/accounts.ts'
import type { Answer, Api } from '../support/api.ts'
import { startTestDaemon, TestClock, type TestDaemon } from '../support/in-process.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const YEARS = 10 * 365 * 24 * HOUR
const TOKEN_SECONDS = 600
const LEEWAY_SECONDS = 30
const USERS = 3

let daemon: TestDaemon
beforeAll(async () => {
  daemon = await startTestDaemon({
    AUTHCTL_ACCESS_TOKEN_TTL: String(TOKEN_SECONDS),
    AUTHCTL_CLOCK_LEEWAY: String(LEEWAY_SECONDS),
  })
  await bootstrap(daemon.api, daemon.dataDir)
})
afterAll(() => daemon.stop())

let numbers = 0
const nextNumber = (): string => `+9198765${String(10_000 + numbers++)}`
const signInSome = async (): Promise<SignedIn[]> => {
  const users: SignedIn[] = []
  while (users.length < USERS) users.push(await signInUser(daemon, nextNumber()))
  return users
}

const statusOf = async (api: Api, { access }: SignedIn): Promise<number> =>
  (await api.get('/auth/me', access)).status

const refresh = (api: Api, { refresh: token }: SignedIn): Promise<Answer> =>
  api.call('POST', '/auth/token/refresh', { token, body: {} })

/** The next pair of tokens of a session that goes on. */
const goOn = async (api: Api, user: SignedIn): Promise<SignedIn> => {
  const answer = await refresh(api, user)
  expect(answer.status, answer.text).toBe(200)
  const { token } = answer.body as unknown as { token: { access_token: string; refresh_token: string } }
  return { id: user.id, access: token.access_token, refresh: token.refresh_token }
}

test('K11: a clock that jumps an hour ahead expires tokens and ends no session', async () => {
  const users = await signInSome()
  daemon.clock.advance(HOUR)
  for (const user of users) {
    expect(await statusOf(daemon.api, user)).toBe(401)
    expect(await statusOf(daemon.api, await goOn(daemon.api, user))).toBe(200)
  }
})

test('K11: a clock that jumps an hour back accepts no token from its future, and ends no session', async () => {
  const users = await signInSome()
  daemon.clock.advance(-HOUR)
  for (const user of users) {
    expect(await statusOf(daemon.api, user)).toBe(401)
    const present = await goOn(daemon.api, user)
    expect(await statusOf(daemon.api, present)).toBe(200)
    daemon.clock.advance((TOKEN_SECONDS + LEEWAY_SECONDS) * SECOND - 1000)
    expect(await statusOf(daemon.api, present)).toBe(200)
    daemon.clock.advance(1000)
    expect(await statusOf(daemon.api, present)).toBe(401)
    daemon.clock.advance(-(TOKEN_SECONDS + LEEWAY_SECONDS) * SECOND)
  }
  daemon.clock.advance(HOUR)
})

test('K11: a clock that jumps ten years ahead and is put right ends no session, and what it signed is refused', async () => {
  const users = await signInSome()
  daemon.clock.advance(YEARS)
  const ofTheFuture = await signInUser(daemon, nextNumber())
  for (const user of users) {
    expect(await statusOf(daemon.api, user)).toBe(401)
    expect((await refresh(daemon.api, user)).status).toBe(401)
  }
  daemon.clock.advance(-YEARS)
  expect(await statusOf(daemon.api, ofTheFuture)).toBe(401)
  for (const user of users) {
    expect(await statusOf(daemon.api, user)).toBe(200)
    expect(await statusOf(daemon.api, await goOn(daemon.api, user))).toBe(200)
  }
})

test('K11: two daemons that differ by five minutes serve one session, and accept no token beyond the leeway', async () => {
  const clock = new TestClock()
  clock.advance(daemon.clock.now() + 5 * MINUTE - clock.now())
  const { api: ahead } = await daemon.another(clock)
  for (let user of await signInSome()) {
    for (const [here, there] of [
      [ahead, daemon.api],
      [daemon.api, ahead],
    ] as const) {
      user = await goOn(here, user)
      expect(await statusOf(here, user)).toBe(200)
      // The one behind refuses what the other has signed until its own clock has come that far.
      expect(await statusOf(there, user)).toBe(here === ahead ? 401 : 200)
    }
    for (const { clock: each } of [daemon, { clock }]) each.advance((TOKEN_SECONDS - 299) * SECOND)
    expect(await statusOf(daemon.api, user)).toBe(200)
    expect(await statusOf(ahead, user), 'less than the leeway too late').toBe(200)
    for (const { clock: each } of [daemon, { clock }]) each.advance(LEEWAY_SECONDS * SECOND)
    expect(await statusOf(daemon.api, user)).toBe(200)
    expect(await statusOf(ahead, user), 'more than the leeway too late').toBe(401)
  }
})

test.each([HOUR, -HOUR, YEARS, -YEARS, 5 * MINUTE, -5 * MINUTE])(
  'K11: limits hold over a step of %d ms: the wait is never negative, never endless, and true',
  async (step) => {
    const number = nextNumber()
    const send = (): Promise<Answer> => daemon.api.post('/auth/otp/send', { number })
    expect((await send()).status).toBe(200)
    daemon.clock.advance(step)
    for (const answer of [await send(), await send()]) {
      if (answer.status !== 429) continue
      const seconds = Number(answer.headers['retry-after'])
      expect(seconds).toBeGreaterThanOrEqual(1)
      expect(seconds).toBeLessThanOrEqual(2 * 24 * 3600)
    }
    const refused = await send()
    expect(refused.status).toBe(429)
    daemon.clock.advance(Number(refused.headers['retry-after']) * SECOND)
    expect((await send()).status).toBe(200)
    daemon.clock.advance(-step)
  },
)
