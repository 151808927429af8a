import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootstrap, PASSWORD, type SignedIn } from '../support/accounts.ts'
import { type Answer, type Api, createApi } from '../support/api.ts'
import { insist } from '../support/races.ts'
import { startDaemon, type RunningDaemon } from '../support/running-daemon.ts'
import { numberOf, Outbox } from '../support/outbox.ts'
import { readStored } from '../support/test-store.ts'

const DAEMONS = 4
const PARALLEL = 1000

const directory = mkdtempSync(join(tmpdir(), 'authctl-duplicates-'))
const dataDir = join(directory, 'data')
const daemons: RunningDaemon[] = []
let apis: Api[]
let root: SignedIn

beforeAll(async () => {
  const settings = {
    AUTHCTL_DATA_DIR: dataDir,
    AUTHCTL_RATE_LIMITS: 'off',
    AUTHCTL_DRAIN_DELAY: '0',
    AUTHCTL_LOG_LEVEL: 'warn',
    PUBLIC_URL: 'http://auth.test',
  }
  for (let index = 0; index < DAEMONS; index++) daemons.push(await startDaemon(settings))
  apis = daemons.map(({ url }) => createApi(url))
  root = await bootstrap(apis[0] as Api, dataDir)
}, 60_000)
afterAll(async () => {
  await Promise.all(daemons.map((daemon) => daemon.stop()))
  rmSync(directory, { recursive: true, force: true })
})

const inParallel = (call: (api: Api) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: PARALLEL }, (_, index) => call(apis[index % DAEMONS] as Api)))

/** An answer without what is its own: the request id. */
const anonymous = ({ status, text }: Answer): string =>
  `${status} ${text.replace(/"instance":"[^"]*"/, '"instance":""')}`

const count = (answers: readonly Answer[], status: number): number =>
  answers.filter((answer) => answer.status === status).length

test('K9: 1000 parallel sign-ups with one phone and its code: one account, and one answer to every loser', async () => {
  const number = numberOf(1)
  await (apis[0] as Api).post('/auth/otp/send', { number })
  const otp = await new Outbox(dataDir).awaitCode(number)
  const answers = await inParallel((api) => api.post('/auth/user/login', { number, otp }))
  expect(count(answers, 201)).toBe(1)
  const losers = answers.filter(({ status }) => status !== 201)
  expect([...new Set(losers.map(anonymous))]).toHaveLength(1)
  expect(losers[0]?.body['code']).toBe('invalid_credentials')
  const accounts = await readStored(dataDir, 'accounts')
  expect(accounts.filter(({ phone }) => phone === number)).toHaveLength(1)
  const sessions = await readStored(dataDir, 'sessions')
  expect(sessions.filter(({ accountId }) => String(accountId).startsWith('usr_'))).toHaveLength(1)
})

test.each([
  { what: 'username', identity: { username: 'Asha' }, field: 'usernameKey' },
  { what: 'phone', identity: { number: numberOf(2) }, field: 'phone' },
])(
  'K9: 1000 parallel creations with one $what: one account, one winner, the same conflict to the others',
  { timeout: 180_000 },
  async ({ what, identity, field }) => {
    const password = what === 'username' ? { password: PASSWORD } : {}
    const body = { name: 'Asha', ...identity, ...password }
    const refusals = new Set<string>()
    const answers = await inParallel((api) =>
      insist(() => api.post('/auth/admin/create', body, root.access), refusals),
    )
    const winners = count(answers, 201)
    // Who was told 503 and has won all the same is told of a conflict with itself.
    if (!refusals.has('unavailable')) expect(winners).toBe(1)
    expect(winners).toBeLessThanOrEqual(1)
    expect(count(answers, 409)).toBe(PARALLEL - winners)
    expect(new Set(answers.filter(({ status }) => status === 409).map(anonymous)).size).toBe(1)
    const admins = (await readStored(dataDir, 'accounts')).filter(({ role }) => role === 'admin')
    expect(admins.filter((admin) => admin[field] !== null)).toHaveLength(1)
  },
)
