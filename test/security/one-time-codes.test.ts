import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Phone } from '../../daemon/domain/account.ts'
import { storedForms } from '../../daemon/domain/phone.ts'
import { aUser } from '../stores/samples.ts'
import type { Answer } from '../support/api.ts'
import { startFleet, type Fleet } from '../support/fleet.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { openTestStore } from '../support/test-store.ts'
import { race, RACE_ROUNDS } from '../support/races.ts'

const NUMBER = '+919876543210'
const number = (index: number) => `+9198${String(10_000_000 + index)}`
const wrongOf = (code: string) => code.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))
const statusCounts = (answers: readonly Answer[]) =>
  answers.reduce<Record<number, number>>(
    (counts, { status }) => ({ ...counts, [status]: (counts[status] ?? 0) + 1 }),
    {},
  )

describe('one daemon', () => {
  let daemon: TestDaemon
  beforeAll(async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
  })
  afterAll(() => daemon.stop())

  /** A fresh code for a number. */
  const codeFor = async (phone: string): Promise<string> => {
    daemon.sms.messages.length = 0
    expect((await daemon.api.post('/auth/otp/send', { number: phone })).status).toBe(200)
    return daemon.sms.codeFor(phone)
  }
  const login = (phone: string, otp: string, extra: object = {}) =>
    daemon.api.post('/auth/user/login', { number: phone, otp, ...extra })

  test('A2: a code works a second before its end and not a second after', async () => {
    for (const [offset, status] of [
      [299_000, 201],
      [301_000, 401],
    ] as const) {
      const phone = number(offset)
      const otp = await codeFor(phone)
      daemon.clock.advance(offset)
      expect((await login(phone, otp)).status).toBe(status)
    }
    await expect(startTestDaemon({ AUTHCTL_OTP_TTL: '601' })).rejects.toThrow(/AUTHCTL_OTP_TTL/)
  })

  test('A3: five wrong tries, then the right code is refused, 50 of 50', async () => {
    for (let round = 0; round < 50; round++) {
      const phone = number(1000 + round)
      const otp = await codeFor(phone)
      for (let guess = 0; guess < 5; guess++) expect((await login(phone, wrongOf(otp))).status).toBe(401)
      expect(await login(phone, otp)).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    }
  })

  test('A3: of 1000 parallel wrong tries exactly five are evaluated, and the right code is refused then', async () => {
    const phone = number(2000)
    const otp = await codeFor(phone)
    const before = daemon.log.events('sign-in').filter((event) => event.reason === 'otp_wrong').length
    const answers = await race(() => login(phone, wrongOf(otp)))
    expect(statusCounts(answers)).toEqual({ 401: answers.length })
    const evaluated =
      daemon.log.events('sign-in').filter((event) => event.reason === 'otp_wrong').length - before
    expect(evaluated).toBe(5)
    expect((await login(phone, otp)).status).toBe(401)
  })

  test(`A4: of 1000 parallel right tries exactly one signs in, ${RACE_ROUNDS} times`, async () => {
    for (let round = 0; round < RACE_ROUNDS; round++) {
      const phone = number(3000 + round)
      const otp = await codeFor(phone)
      const answers = await race(() => login(phone, otp))
      expect(statusCounts(answers)).toEqual({ 201: 1, 401: answers.length - 1 })
    }
  }, 120_000)

  test('A5: a code works for no other phone and no other client: 0 of 400', async () => {
    const phones = Array.from({ length: 20 }, (_, index) => number(4000 + index))
    const codes: string[] = []
    for (const phone of phones) codes.push(await codeFor(phone))
    let accepted = 0
    for (const [i, phone] of phones.entries()) {
      for (const [j, otp] of codes.entries()) {
        if (i === j || otp === codes[i]) continue
        if ((await login(phone, otp)).status < 300) accepted++
        if (j === (i + 4) % 20) break
      }
    }
    for (const [i, phone] of phones.entries()) {
      if ((await login(phone, codes[i] ?? '', { client_id: 'other-app' })).status < 300) accepted++
    }
    expect(accepted).toBe(0)
  })

  test('A6: a resend within the life of a code does not reset its tries', async () => {
    const phone = number(5000)
    const first = await codeFor(phone)
    for (let guess = 0; guess < 4; guess++) await login(phone, wrongOf(first))
    const second = await codeFor(phone)
    expect((await login(phone, wrongOf(second))).status).toBe(401)
    expect((await login(phone, second)).status).toBe(401)
    daemon.clock.advance(301_000)
    expect((await login(phone, await codeFor(phone))).status).toBe(201)
  })

  test('A12: every spelling of one number is one account; what is no number is refused and nothing is sent', async () => {
    const spellings = [
      '+919876543210',
      '+91 98765 43210',
      '09876543210',
      '9876543210',
      '98765-43210',
      '(0) 98765.43210',
      '00919876543210',
      '+91-9876-543-210',
      '９８７６５４３２１０',
      '+91 (987) 654-3210',
    ]
    const ids = new Set<string>()
    for (const spelling of spellings) {
      daemon.sms.messages.length = 0
      expect((await daemon.api.post('/auth/otp/send', { number: spelling })).status, spelling).toBe(200)
      const answer = await login(spelling, await daemon.sms.codeFor(NUMBER))
      ids.add((answer.body as unknown as { account: { id: string; phone: string } }).account.id)
    }
    expect(ids.size).toBe(1)

    daemon.sms.messages.length = 0
    const invalid = [
      '9876543210,9876543211',
      '9876543210;9876543211',
      '+919876543210 9876543211',
      '12345',
      'abc',
      '+91987654321x',
      '+919876543210x12',
      '',
      '+',
      '+00000000000',
      '++919876543210',
      '9876543210\n',
      "9876543210' or 1=1",
    ]
    for (const text of invalid) {
      const answer = await daemon.api.post('/auth/otp/send', { number: text })
      expect(answer.status, JSON.stringify(text)).toBe(400)
      const inPath = await daemon.api.call('POST', `/auth/otp/sendotp/${encodeURIComponent(text)}`)
      expect([400, 404], JSON.stringify(text)).toContain(inPath.status)
    }
    expect(daemon.sms.messages).toEqual([])
  })
})

test('A12: an account that is stored under an earlier form of its phone is found by the canonical one', async () => {
  expect(storedForms('+5491123456789' as Phone)).toEqual(['+5491123456789', '+541123456789'])
  const daemon = await startTestDaemon({ AUTHCTL_SMS_COUNTRIES: 'AR' })
  const store = await openTestStore(daemon.dataDir)
  const old = aUser('+541123456789' as Phone)
  await store.accounts.getOrInsertUser(old)
  await store.close()
  await daemon.api.post('/auth/otp/send', { number: '+54 11 2345-6789' })
  const otp = await daemon.sms.codeFor('+5491123456789')
  const answer = await daemon.api.post('/auth/user/login', { number: '+54 9 11 2345-6789', otp })
  expect(answer.status).toBe(200)
  expect((answer.body as unknown as { account: { id: string } }).account.id).toBe(old.id)
  await daemon.stop()
})

test('A6: the 51st wrong guess of a day at one phone is 429, and a success resets the count', async () => {
  const daemon = await startTestDaemon()
  const guessWrongly = async (rounds: number): Promise<Answer[]> => {
    const answers: Answer[] = []
    for (let round = 0; round < rounds; round++) {
      daemon.clock.advance(3_700_000)
      daemon.sms.messages.length = 0
      expect((await daemon.api.post('/auth/otp/send', { number: NUMBER })).status).toBe(200)
      const otp = await daemon.sms.codeFor(NUMBER)
      for (let guess = 0; guess < 5; guess++)
        answers.push(await daemon.api.post('/auth/user/login', { number: NUMBER, otp: wrongOf(otp) }))
    }
    return answers
  }
  expect(statusCounts(await guessWrongly(9))).toEqual({ 401: 45 })
  expect(statusCounts(await guessWrongly(1))).toEqual({ 401: 5 })
  const refused = await daemon.api.post('/auth/user/login', { number: NUMBER, otp: '000000' })
  expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
  daemon.clock.advance(Number(refused.headers['retry-after']) * 1000)
  expect(statusCounts(await guessWrongly(1))).toEqual({ 401: 5 })
  daemon.clock.advance(3_700_000)
  daemon.sms.messages.length = 0
  await daemon.api.post('/auth/otp/send', { number: NUMBER })
  expect(
    (await daemon.api.post('/auth/user/login', { number: NUMBER, otp: await daemon.sms.codeFor(NUMBER) }))
      .status,
  ).toBe(201)
  await daemon.stop()
})

test('A6: guesses without a code to guess at, or beyond its five tries, use up nothing of its owner', async () => {
  const daemon = await startTestDaemon({ AUTHCTL_OTP_VERIFIES_PER_ADDRESS: '1000' })
  for (let guess = 0; guess < 60; guess++) {
    expect((await daemon.api.post('/auth/user/login', { number: NUMBER, otp: '000000' })).status).toBe(401)
  }
  await daemon.api.post('/auth/otp/send', { number: NUMBER })
  const otp = await daemon.sms.codeFor(NUMBER)
  for (let guess = 0; guess < 60; guess++) {
    expect((await daemon.api.post('/auth/user/login', { number: NUMBER, otp: wrongOf(otp) })).status).toBe(
      401,
    )
  }
  daemon.clock.advance(301_000)
  daemon.sms.messages.length = 0
  await daemon.api.post('/auth/otp/send', { number: NUMBER })
  const fresh = { number: NUMBER, otp: await daemon.sms.codeFor(NUMBER) }
  expect((await daemon.api.post('/auth/user/login', fresh)).status).toBe(201)
  await daemon.stop()
})

test('A8, A9: ten-digit codes stand in no file of the store, no log line and no answer', async () => {
  const daemon = await startTestDaemon({ AUTHCTL_OTP_DIGITS: '10', AUTHCTL_RATE_LIMITS: 'off' })
  const answers: string[] = []
  for (let index = 0; index < 300; index++)
    answers.push((await daemon.api.post('/auth/otp/send', { number: number(index) })).text)
  await expect.poll(() => daemon.sms.messages.length).toBe(300)
  const codes = daemon.sms.messages.map((message) => message.code)
  for (const { phone, code } of daemon.sms.messages.slice(0, 50)) {
    answers.push((await daemon.api.post('/auth/user/login', { number: phone, otp: code })).text)
  }
  const files = readdirSync(daemon.dataDir).map((file) => readFileSync(join(daemon.dataDir, file), 'latin1'))
  const haystack = [...files, JSON.stringify(daemon.log.lines), ...answers].join('\n')
  expect(codes.every((code) => /^\d{10}$/.test(code))).toBe(true)
  expect(codes.filter((code) => haystack.includes(code))).toEqual([])
  await daemon.stop()
})

describe('four daemons on one file', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet(4, { AUTHCTL_RATE_LIMITS: 'off' })
  }, 60_000)
  afterAll(() => fleet.stop())
  const api = (index: number) => fleet.apis[index % 4] as Fleet['apis'][number]

  test(`A4: of 1000 parallel right tries over four processes exactly one signs in, ${RACE_ROUNDS} times`, async () => {
    for (let round = 0; round < RACE_ROUNDS; round++) {
      const phone = number(round)
      await api(round).post('/auth/otp/send', { number: phone })
      const otp = await fleet.codeFor(phone)
      const answers = await race((index) => api(index).post('/auth/user/login', { number: phone, otp }))
      expect(statusCounts(answers)).toEqual({ 201: 1, 401: answers.length - 1 })
    }
  }, 180_000)

  test('A7: five wrong tries survive kill -9: the right code is refused after the restart', async () => {
    for (let round = 0; round < 5; round++) {
      const phone = number(100 + round)
      await api(1).post('/auth/otp/send', { number: phone })
      const otp = await fleet.codeFor(phone)
      for (let guess = 0; guess < 5; guess++)
        await api(0).post('/auth/user/login', { number: phone, otp: wrongOf(otp) })
      await fleet.restart(0)
      expect((await api(0).post('/auth/user/login', { number: phone, otp })).status).toBe(401)
    }
  }, 60_000)
})

test('F1: 1000 parallel sends to one phone over four processes make one call of the provider', async () => {
  const fleet = await startFleet(4)
  const answers = await race((index) =>
    (fleet.apis[index % 4] as Fleet['apis'][number]).post('/auth/otp/send', { number: NUMBER }),
  )
  expect(statusCounts(answers)).toEqual({ 200: 1, 429: answers.length - 1 })
  await fleet.codeFor(NUMBER)
  expect(fleet.codesOf(NUMBER)).toHaveLength(1)
  await fleet.stop()
}, 60_000)

test('F1, F9: 60 s between codes, 5 an hour, 10 a day; each refusal says how long to wait, and waiting it out works', async () => {
  const daemon = await startTestDaemon()
  const send = () => daemon.api.post('/auth/otp/send', { number: NUMBER })
  const waits: number[] = []
  for (let sent = 0; sent < 100; sent++) {
    expect((await send()).status).toBe(200)
    const refused = await send()
    const wait = Number(refused.headers['retry-after'])
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    expect(refused.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(Number.isInteger(wait) && wait >= 1).toBe(true)
    waits.push(wait)
    daemon.clock.advance(wait * 1000)
  }
  expect(waits.slice(0, 4).every((wait) => wait >= 59 && wait <= 60)).toBe(true)
  expect(waits[4]).toBeGreaterThan(3300)
  expect(waits[9]).toBeGreaterThan(70_000)
  await daemon.stop()
})
