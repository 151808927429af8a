import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFamily, PASSWORD } from '../support/accounts.ts'
import type { Answer } from '../support/api.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

let daemon: TestDaemon

beforeEach(async () => {
  daemon = await startTestDaemon({ AUTHCTL_TRUST_PROXY: '1' })
  await createFamily(daemon)
})
afterEach(() => daemon.stop())

const loginFrom = (
  ip: string,
  password: string,
  { username = 'asha', api = daemon.api } = {},
): Promise<Answer> =>
  api.call('POST', '/auth/admin/login', {
    body: { username, password },
    headers: { 'x-forwarded-for': ip },
  })

/** One try from each of many addresses, one after the other; how many were evaluated. */
const guessesFrom = async (addresses: readonly string[], username = 'asha'): Promise<number[]> => {
  const statuses: number[] = []
  for (const ip of addresses) statuses.push((await loginFrom(ip, 'wrong password!', { username })).status)
  return statuses
}

const addresses = (count: number, network = '198.51'): string[] =>
  Array.from({ length: count }, (_, n) => `${network}.${Math.floor(n / 250)}.${(n % 250) + 1}`)

describe('B11: guesses at one account are slowed down, from however many addresses, and never lock it', () => {
  test('after 100 wrong guesses from one address the right password from another works within a minute', async () => {
    for (let n = 0; n < 100; n++) {
      await loginFrom('198.51.100.1', 'wrong password!')
      daemon.clock.advance(1000)
    }
    let waitedMs = 0
    let answer = await loginFrom('203.0.113.9', PASSWORD)
    while (answer.status === 429) {
      const seconds = Number(answer.headers['retry-after'])
      expect(seconds).toBeGreaterThanOrEqual(1)
      waitedMs += seconds * 1000
      daemon.clock.advance(seconds * 1000)
      answer = await loginFrom('203.0.113.9', PASSWORD)
    }
    expect(answer.status).toBe(200)
    expect(waitedMs).toBeLessThanOrEqual(60_000)
  })

  test('100 wrong guesses from 100 addresses are slowed down, and the right password works within a minute', async () => {
    const statuses = await guessesFrom(addresses(100))
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401))
    expect(statuses.slice(10).filter((status) => status !== 429)).toEqual([])
    let evaluated = 0
    for (const ip of addresses(600, '192.0')) {
      if ((await loginFrom(ip, 'wrong password!')).status === 401) evaluated++
      daemon.clock.advance(1000)
    }
    expect(evaluated).toBeGreaterThan(8)
    expect(evaluated).toBeLessThan(20)
    daemon.clock.advance(60_000)
    expect((await loginFrom('203.0.113.9', PASSWORD)).status).toBe(200)
    expect(await guessesFrom(addresses(11, '100.64'))).toEqual([
      ...Array.from({ length: 10 }, () => 401),
      429,
    ])
  })

  test('other names, and the same name of another role, are not slowed down', async () => {
    await guessesFrom(addresses(20))
    expect((await loginFrom('203.0.113.9', PASSWORD, { username: 'chetan' })).status).toBe(401)
    const client = await daemon.api.call('POST', '/auth/client/login', {
      body: { username: 'chetan', password: PASSWORD },
      headers: { 'x-forwarded-for': '203.0.113.9' },
    })
    expect(client.status).toBe(200)
    expect((await loginFrom('203.0.113.9', PASSWORD)).status).toBe(429)
  })

  test('E4: an absent name is slowed down at the same tries, for the same time', async () => {
    const tell = async (username: string) => {
      const answers: unknown[] = []
      for (const ip of addresses(16)) {
        const answer = await loginFrom(ip, 'wrong password!', { username })
        answers.push([answer.status, answer.headers['retry-after'], answer.body['code']])
        daemon.clock.advance(700)
      }
      return answers
    }
    const existing = await tell('asha')
    expect(existing.at(-1)).toEqual([429, expect.any(String), 'rate_limited'])
    expect(await tell('nobody')).toEqual(existing)
  })

  test('daemons of one store count together, to the guess', async () => {
    const other = await daemon.another()
    const answers = await Promise.all(
      addresses(60).map((ip, n) =>
        loginFrom(ip, 'wrong password!', { api: n % 2 === 0 ? daemon.api : other.api }),
      ),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(50)
  })
})
