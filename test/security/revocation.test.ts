import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFamily, PASSWORD, signedIn, type Family, type SignedIn } from '../support/accounts.ts'
import { type Api, createApi } from '../support/api.ts'
import { endInRounds } from '../support/live-state.ts'
import { startDaemon, type RunningDaemon } from '../support/running-daemon.ts'

const DAEMONS = 4
const WITHIN_MS = 1000

const directory = mkdtempSync(join(tmpdir(), 'authctl-revocation-'))
const dataDir = join(directory, 'data')
const start = (): Promise<RunningDaemon> =>
  startDaemon({
    AUTHCTL_DATA_DIR: dataDir,
    AUTHCTL_RATE_LIMITS: 'off',
    AUTHCTL_DRAIN_DELAY: '0',
    PUBLIC_URL: 'http://auth.test',
  })
const daemons: RunningDaemon[] = []
let apis: Api[]
let family: Family
/** Tokens that were refused, and must stay so after a restart. */
const refused: { what: string; token: string }[] = []

beforeAll(async () => {
  for (let index = 0; index < DAEMONS; index++) daemons.push(await start())
  apis = daemons.map(({ url }) => createApi(url))
  family = await createFamily({ api: apis[0] as Api, dataDir })
}, 60_000)
afterAll(async () => {
  await Promise.all(daemons.map((daemon) => daemon.stop()))
  rmSync(directory, { recursive: true, force: true })
})

const statuses = (token: string): Promise<number[]> =>
  Promise.all(apis.map(async (api) => (await api.get('/auth/me', token)).status))
const everywhere = (status: number): number[] => apis.map(() => status)
const signIn = async (path: string, username: string, password = PASSWORD): Promise<SignedIn> =>
  signedIn(await (apis[0] as Api).post(path, { username, password }))

interface Row {
  readonly what: string
  /** Ends something through one daemon; answers the tokens that are dead by it, and those that live on. */
  readonly end: (api: Api) => Promise<{ dead: SignedIn[]; alive: SignedIn[] }>
}

/**
 * A fresh session of the client, seen as live by every daemon, so that none answers from what it never knew.
 */
const clientSession = async (password = PASSWORD): Promise<SignedIn> => {
  const session = await signIn('/auth/client/login', 'chetan', password)
  expect(await statuses(session.access)).toEqual(everywhere(200))
  return session
}

const must = async (call: ReturnType<Api['call']>): Promise<void> => {
  const answer = await call
  expect(answer.status, answer.text).toBe(200)
}

const ROWS: readonly Row[] = [
  {
    what: 'logout',
    end: async (api) => {
      const [session, other] = [await clientSession(), await clientSession()]
      await must(api.post('/auth/logout', {}, session.access))
      return { dead: [session], alive: [other] }
    },
  },
  {
    what: 'one session revoked from another',
    end: async (api) => {
      const [session, other] = [await clientSession(), await clientSession()]
      const list = (await api.get('/auth/sessions', session.access)).body as unknown as {
        items: { id: string; current: boolean }[]
      }
      const id = list.items.find(({ current }) => current)?.id ?? ''
      await must(api.del(`/auth/sessions/${id}`, other.access))
      return { dead: [session], alive: [other] }
    },
  },
  {
    what: 'every other session revoked',
    end: async (api) => {
      const [session, second, kept] = [await clientSession(), await clientSession(), await clientSession()]
      await must(api.del('/auth/sessions', kept.access))
      return { dead: [session, second], alive: [kept] }
    },
  },
  {
    what: 'password changed',
    end: async (api) => {
      const [session, kept] = [await clientSession(), await clientSession()]
      const change = { current_password: PASSWORD, new_password: `${PASSWORD} 2` }
      await must(api.post('/auth/password/change', change, kept.access))
      return { dead: [session], alive: [kept] }
    },
  },
  {
    what: 'account disabled',
    end: async (api) => {
      const session = await clientSession(`${PASSWORD} 2`)
      await must(api.post(`/accounts/${family.client.id}/disable`, {}, family.admin.access))
      // An account below a disabled one is stopped with it.
      return { dead: [session, family.subClient], alive: [family.admin] }
    },
  },
]

test.each(ROWS)(
  'C13: $what: refused by every daemon of the store within one second',
  async ({ what, end }) => {
    for (const [index, api] of apis.slice(0, what === 'logout' ? DAEMONS : 1).entries()) {
      const { dead, alive } = await end(api)
      const endedAt = performance.now()
      const seen = await Promise.all(dead.map(({ access }) => statuses(access)))
      expect(performance.now() - endedAt).toBeLessThanOrEqual(WITHIN_MS)
      expect(seen, `through daemon ${index}`).toEqual(dead.map(() => everywhere(401)))
      for (const { access } of alive) expect(await statuses(access)).toEqual(everywhere(200))
      for (const { refresh } of dead)
        expect((await api.call('POST', '/auth/token/refresh', { token: refresh, body: {} })).status).toBe(401)
      refused.push(...dead.map(({ access }) => ({ what, token: access })))
    }
  },
)

test(
  'C13: round after round, what is ended through one daemon is refused by the next at once, also by one that stood still',
  { timeout: 900_000 },
  async () => {
    const pair = { apis: apis.slice(0, 2), daemons: daemons.slice(0, 2) }
    expect(await endInRounds({ ...pair, root: family.root })).toEqual(new Set([200]))
  },
)

test('C13: what was ended stays ended after every daemon was killed and started again', async () => {
  expect(refused.length).toBeGreaterThan(ROWS.length)
  for (const daemon of daemons) daemon.kill('SIGKILL')
  await Promise.all(daemons.splice(0).map((daemon) => daemon.stop()))
  daemons.push(await start(), await start())
  apis = daemons.map(({ url }) => createApi(url))
  for (const { what, token } of refused) expect(await statuses(token), what).toEqual(everywhere(401))
  expect(await statuses(family.admin.access)).toEqual(everywhere(200))
})
