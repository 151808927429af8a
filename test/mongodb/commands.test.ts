import type { Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { PasswordHasher } from '../../daemon/ports/crypto.ts'
import { createFamily, PASSWORD, type Family } from '../support/accounts.ts'
import type { Answer } from '../support/api.ts'
import { askToken, createApplication } from '../support/applications.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { dropDatabase, freshDatabase, testMongoUri } from '../support/mongo.ts'
import { numberOf } from '../support/outbox.ts'
import { startWireTap, type WireTap } from '../support/wire-tap.ts'

/**
 * The first runs open connections and find out where accounts stand; the last ones are as all that follow.
 */
const RUNS = 4
/**
 * What a daemon does by the clock, beside requests: it looks for changes, for work and for codes to send
 * again.
 */
const isBeside = ({ filter }: Document, collection: string): boolean =>
  /^(policy_heads|signing_keys|leases|daemons|guards)$/.test(collection) ||
  (collection === 'otps' && filter !== undefined && 'sealedCode' in filter)

/** What is hashed is not what is counted. */
const hasher: PasswordHasher = {
  hash: (password) => Promise.resolve(`hash of ${password}`),
  verify: (password, hash) => Promise.resolve(hash === `hash of ${password}`),
  needsRehash: () => false,
}

let tap: WireTap
beforeAll(async () => {
  tap = await startWireTap(
    Number(/:(\d+)/.exec((testMongoUri() ?? '').slice('mongodb:'.length))?.[1]),
    isBeside,
  )
})
afterAll(() => tap.stop())

const startTapped = async (
  rateLimits: 'on' | 'off',
): Promise<{ daemon: TestDaemon; stop: () => Promise<void> }> => {
  const uri = freshDatabase(testMongoUri() ?? '')
  const tapped = uri.replace(/\/\/[^/]+/, `//127.0.0.1:${tap.port}`)
  const settings = { AUTHCTL_RATE_LIMITS: rateLimits, AUTHCTL_SMS_PREFIX_HOURLY: '1000' }
  const daemon = await startTestDaemon(
    { MONGO_DB_URI: `${tapped}?directConnection=true`, ...settings },
    { hasher },
  )
  return {
    daemon,
    stop: async () => {
      await daemon.stop()
      await dropDatabase(uri)
    },
  }
}

const answered = async (answer: Promise<Answer>): Promise<Answer> => {
  const { status, text } = await answer
  expect(status, text).toBeLessThan(300)
  return answer
}

/** How many round trips these commands take, one after the other. */
const roundsOf = (commands: readonly string[]): number =>
  Math.max(...commands.map((command) => Number.parseInt(command, 10)))

/** The commands of the quickest of a few requests, each of them with its round. */
const commandsOf = async (request: (run: number) => Promise<Answer>): Promise<string[]> => {
  const runs: string[][] = []
  for (let run = 0; run < RUNS; run++) runs.push(await tap.commandsOf(() => answered(request(run))))
  return runs.toSorted((a, b) => a.length - b.length || roundsOf(a) - roundsOf(b))[0] ?? []
}

/** Sends a code to a number of each run, and signs its user in with it. */
const byCode = (daemon: TestDaemon, base: number) => {
  const send = (run: number) => daemon.api.post('/auth/otp/send', { number: numberOf(base + run) })
  const verify = async (run: number) => {
    const number = numberOf(base + run)
    return daemon.api.post('/auth/user/login', { number, otp: await daemon.sms.codeFor(number) })
  }
  return { send, verify }
}

describe('the commands of each request, and the round trip in which each is sent', () => {
  let daemon: TestDaemon
  let stop: () => Promise<void>
  let family: Family
  beforeAll(async () => {
    ;({ daemon, stop } = await startTapped('off'))
    family = await createFamily(daemon)
  })
  afterAll(() => stop())

  test('a token check asks for the session and for all accounts at once, wherever the account stands', async () => {
    for (const { access } of [family.root, family.subClient])
      expect(await commandsOf(() => daemon.api.get('/auth/me', access))).toEqual([
        '1 find accounts',
        '1 find sessions',
      ])
  })

  test('an application is asked about with its owner and all above at once, and nothing is written for its token', async () => {
    const application = await createApplication(daemon.api, family.client.access)
    const ask = () => askToken(daemon.api, application)
    expect(await commandsOf(ask)).toEqual(['1 find accounts', '1 find applications'])
  })

  test('a code is sent by one write and marked so by another, and a user signs in by four round trips, by seven the first time', async () => {
    const { send, verify } = byCode(daemon, 100)
    expect(await commandsOf(send)).toEqual(['1 update otps', '2 update otps'])
    expect(await commandsOf(verify)).toEqual([
      '1 find otps',
      '2 aggregate reservations',
      '2 update otps',
      '3 insert accounts',
      '4 insert reservations',
      '5 update accounts',
      '6 find accounts',
      '6 insert sessions',
      '7 find sessions',
    ])
    daemon.sms.messages.length = 0
    for (let run = 0; run < RUNS; run++) await answered(send(run))
    expect(await commandsOf(verify)).toEqual([
      '1 find otps',
      '2 aggregate reservations',
      '2 update otps',
      '3 find accounts',
      '3 insert sessions',
      '3 update refresh_keys',
      '4 find sessions',
    ])
  })

  test('E2: a wrong code is counted, and whether there is an account is not looked up for it', async () => {
    const number = numberOf(300)
    const login = async (digit: number) => {
      const code = await daemon.sms.codeFor(number)
      const otp = `${code.slice(0, -1)}${(Number(code.at(-1)) + digit) % 10}`
      return daemon.api.post('/auth/user/login', { number, otp })
    }
    const wrong = async (): Promise<string[]> =>
      tap.commandsOf(async () => expect((await login(1)).status).toBe(401))
    await answered(daemon.api.post('/auth/otp/send', { number }))
    const absent = await wrong()
    expect(absent).toEqual(['1 find otps', '2 update otps'])
    await answered(login(0))
    daemon.sms.messages.length = 0
    await answered(daemon.api.post('/auth/otp/send', { number }))
    expect(await wrong()).toEqual(absent)
  })

  test('a token is refreshed by three round trips', async () => {
    let token = family.client.refresh
    const refresh = async (): Promise<Answer> => {
      const answer = await daemon.api.call('POST', '/auth/token/refresh', { token, body: {} })
      ;({ refresh_token: token } = (answer.body as unknown as { token: { refresh_token: string } }).token)
      return answer
    }
    expect(await commandsOf(refresh)).toEqual(['1 find sessions', '2 find accounts', '3 update sessions'])
  })

  test('a password signs in by four round trips, the second of them beside the hash', async () => {
    const body = { username: 'chetan', password: PASSWORD }
    expect(await commandsOf(() => daemon.api.post('/auth/client/login', body))).toEqual([
      '1 aggregate reservations',
      '2 find accounts',
      '3 find accounts',
      '3 insert sessions',
      '3 update refresh_keys',
      '4 find sessions',
    ])
  })
})

test('with limits, sending takes four round trips more, a sign-in by code two or four, and one by password four', async () => {
  const { daemon, stop } = await startTapped('on')
  onTestFinished(stop)
  await createFamily(daemon)
  const { send, verify } = byCode(daemon, 200)
  expect(roundsOf(await commandsOf(send)), 'one of them after the answer').toBe(5 + 1)
  expect(roundsOf(await commandsOf(verify)), 'the first time').toBe(9)
  daemon.sms.messages.length = 0
  daemon.clock.advance(61_000)
  for (let run = 0; run < RUNS; run++) await answered(send(run))
  expect(roundsOf(await commandsOf(verify)), 'again').toBe(8)
  const body = { username: 'chetan', password: PASSWORD }
  expect(roundsOf(await commandsOf(() => daemon.api.post('/auth/client/login', body)))).toBe(8)
})
