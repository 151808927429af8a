import { globSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { hash } from '@node-rs/argon2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFamily, PASSWORD, signedIn } from '../support/accounts.ts'
import type { Answer } from '../support/api.ts'
import { KeptMessages, startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { changeStored, readStored } from '../support/test-store.ts'

let daemon: TestDaemon

beforeAll(async () => {
  daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
  const { root } = await createFamily(daemon)
  const disabled = await daemon.api.post(
    '/auth/admin/create',
    { name: 'D', username: 'dead', password: PASSWORD, number: '+919876500077' },
    root.access,
  )
  await daemon.api.post(
    `/accounts/${(disabled.body as unknown as { account: { id: string } }).account.id}/disable`,
    {},
    root.access,
  )
})
afterAll(() => daemon.stop())

/** All that a caller can see of an answer, but for the request id and the date. */
const visible = ({ status, headers, body, text }: Answer) => {
  const { 'x-request-id': _id, date: _date, ...rest } = headers
  return { status, headers: rest, size: text.length, body: { ...(body as object), instance: '' } }
}

const codeFor = async (number: string): Promise<string> => {
  daemon.sms.messages.length = 0
  await daemon.api.post('/auth/otp/send', { number })
  return daemon.sms.codeFor(number)
}

describe('E1: nothing tells an existing account from an absent, disabled or other one', () => {
  const same = (answers: readonly Answer[]) => {
    const [first, ...others] = answers.map(visible)
    for (const other of others) expect(other).toEqual(first)
    return first?.status
  }

  test('password sign-in', async () => {
    const attempts = [
      { username: 'asha', password: 'wrong password!' },
      { username: 'nobody', password: 'wrong password!' },
      { username: 'dead', password: PASSWORD },
      { username: 'dead', password: 'wrong password!' },
      { username: 'chetan', password: PASSWORD },
      { username: 'a\u200Bb', password: PASSWORD },
    ]
    expect(same(await Promise.all(attempts.map((body) => daemon.api.post('/auth/admin/login', body))))).toBe(
      401,
    )
  })

  test('sign-in by code, right and wrong', async () => {
    const numbers = ['+919876500077', '+919876500099', '+919876500002']
    const answers: Answer[] = []
    for (const number of numbers) {
      const otp = await codeFor(number)
      answers.push(
        await daemon.api.post('/auth/admin/login', { number, otp: otp === '000000' ? '000001' : '000000' }),
      )
      answers.push(await daemon.api.post('/auth/admin/login', { number, otp }))
    }
    answers.push(await daemon.api.post('/auth/admin/login', { number: '+919876500055', otp: '123456' }))
    expect(same(answers)).toBe(401)
  })

  test('asking for a code', async () => {
    const numbers = ['+919876500001', '+919876500077', '+919876500088']
    expect(
      same(await Promise.all(numbers.map((number) => daemon.api.post('/auth/otp/send', { number })))),
    ).toBe(200)
  })
})

test('E4: limits count for absent accounts as for existing ones', async () => {
  const limited = await startTestDaemon()
  await createFamily(limited)
  const refusedAt = async (username: string): Promise<number> => {
    for (let attempt = 1; attempt <= 20; attempt++) {
      const { status } = await limited.api.post('/auth/admin/login', {
        username,
        password: 'wrong password!',
      })
      if (status === 429) return attempt
    }
    return 0
  }
  expect(await refusedAt('asha')).toBe(11)
  expect(await refusedAt('nobody')).toBe(11)
  await limited.stop()
})

test('E1, E4: a disabled account is refused at the same try whatever the password, and nothing is written for it', async () => {
  const limited = await startTestDaemon()
  const { api, dataDir } = limited
  const { root } = await createFamily(limited)
  const create = async (username: string) => {
    const body = { name: 'D', username, password: PASSWORD }
    return signedIn(await api.post('/auth/admin/create', body, root.access))
  }
  const [right, wrong, mixed] = [await create('right'), await create('wrong'), await create('mixed')]
  for (const { id } of [right, wrong, mixed]) await api.post(`/accounts/${id}/disable`, {}, root.access)
  const oldHash = await hash(PASSWORD, { memoryCost: 8192, timeCost: 2, parallelism: 1 })
  await changeStored(dataDir, 'accounts', right.id, ['passwordHash', oldHash])
  const statusesOf = async (username: string, passwords: readonly string[]) => {
    const statuses: number[] = []
    for (let attempt = 0; attempt < 20; attempt++) {
      const password = passwords[attempt % passwords.length] ?? PASSWORD
      statuses.push((await api.post('/auth/admin/login', { username, password })).status)
    }
    return statuses
  }
  const expected = Array.from({ length: 20 }, (_, attempt) => (attempt < 10 ? 401 : 429))
  expect(await statusesOf('right', [PASSWORD])).toEqual(expected)
  expect(await statusesOf('wrong', ['wrong password!'])).toEqual(expected)
  expect(await statusesOf('mixed', ['wrong password!', PASSWORD])).toEqual(expected)
  const stored = await readStored(dataDir, 'accounts')
  expect(stored.find(({ id }) => id === right.id)?.['passwordHash']).toBe(oldHash)
  await limited.stop()
})

test('E3: asking for a code is answered before the provider is done', async () => {
  class SlowSender extends KeptMessages {
    finished = 0
    override send = async () => {
      await sleep(1000)
      this.finished++
      return { kind: 'sent' as const, providerId: null }
    }
  }
  const sms = new SlowSender()
  const slow = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' }, { sms })
  for (let index = 0; index < 20; index++) {
    expect(
      (await slow.api.post('/auth/otp/send', { number: `+9198765${String(10_000 + index)}` })).status,
    ).toBe(200)
  }
  expect(sms.finished).toBe(0)
  await expect.poll(() => sms.finished, { timeout: 5000 }).toBe(20)
  await slow.stop()
})

describe('E6: secrets are compared in constant time', () => {
  const NAME = String.raw`(?:\w+\??\.)*\w*(?:[mM]ac|[dD]igest|[sS]ecret|[tT]oken|[hH]ash|[pP]assword|otp)`
  const COMPARISON = new RegExp(String.raw`\b${NAME}\s*[!=]==\s*(\S+)|(\S+)\s*[!=]==\s*${NAME}\b`)
  /** Being there or not, and the number of a fence, are no secrets. */
  const HARMLESS = /[!=]== (?:undefined|null|true|'')|fence|^return typeof/

  const findings = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => !/^(?:\*|\/\/)/.test(line) && COMPARISON.test(line) && !HARMLESS.test(line))

  test('no === on a MAC, digest, token, hash, password or code in the daemon', () => {
    const files = globSync('daemon/**/*.ts')
    expect(files.length).toBeGreaterThan(60)
    for (const file of files) expect(findings(readFileSync(file, 'utf8')), file).toEqual([])
  })

  test('the check sees planted comparisons', () => {
    const planted = [
      'if (row.codeMac === given) return',
      'return presented === session.tokenDigest',
      'if (otp !== sent) refuse()',
    ]
    for (const line of planted) expect(findings(line), line).toHaveLength(1)
  })
})
