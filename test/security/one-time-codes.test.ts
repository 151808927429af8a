import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import examples from 'libphonenumber-js/mobile/examples'
import { getCountries, getExampleNumber } from 'libphonenumber-js/max'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandom } from '../../daemon/adapters/crypto/random.ts'
import type { Phone } from '../../daemon/domain/account.ts'
import { canonicalPhone, storedForms } from '../../daemon/domain/phone.ts'
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

describe('A1: codes are uniform', () => {
  test('over 100,000 codes every digit of every position is as frequent, and leading zeros are kept', () => {
    const random = createRandom()
    const counts = Array.from({ length: 6 }, () => Array.from({ length: 10 }, () => 0))
    const total = 100_000
    for (let n = 0; n < total; n++) {
      const code = random.code(6)
      expect(code.length).toBe(6)
      for (const [position, digit] of [...code].entries()) {
        const row = counts[position] as number[]
        row[Number(digit)] = (row[Number(digit)] ?? 0) + 1
      }
    }
    for (const row of counts) {
      const chiSquare = row.reduce((sum, count) => sum + (count - total / 10) ** 2 / (total / 10), 0)
      // p > 0.0001 at nine degrees of freedom, so that six positions fail by chance once in 1,700 runs.
      expect(chiSquare).toBeLessThan(33.72)
      expect(Math.abs((row[0] ?? 0) / total - 0.1)).toBeLessThan(0.006)
    }
  })
})

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

const PASTED = {
  'brackets around the country code': '(+91) 98765 43210',
  'brackets after the plus': '+(91) 98765 43210',
  'the national zero in brackets': '+91 (0) 98765 43210',
  'Devanagari digits': '९८७६५ ४३२१०',
  'Devanagari digits with a country code': '+९१ ९८७६५ ४३२१०',
  'Arabic digits': '+٩١ ٩٨٧٦٥ ٤٣٢١٠',
  'Persian digits': '۰۹۸۷۶۵۴۳۲۱۰',
  'Bengali digits': '৯৮৭৬৫৪৩২১০',
  'Tamil digits': '௯௮௭௬௫௪௩௨௧௦',
  'full width, plus included': '＋９１　９８７６５－４３２１０',
  'marks of direction, as contact lists copy them': '\u202a+91 98765 43210\u202c',
  'isolates of direction': '\u2068+91\u00a098765\u00a043210\u2069',
  'a byte order mark': '\ufeff+919876543210',
  'zero-width spaces and joiners': '+91\u200b98765\u200d43210',
  'spaces that do not break': '+91\u00a098765\u202f43210',
  'a tab': '+91\t98765 43210',
  'dashes of every kind': '+91‑98765–43210',
  'a minus sign': '+91−98765−43210',
  'dots, in the middle too': '+91·98765.43210',
  'a slash': '+91 98765/43210',
  'the apostrophe of a spreadsheet': "'+919876543210",
  'the typographic apostrophe': '’+919876543210',
  'the formula of a spreadsheet': '="+919876543210"',
  'the quotes of a file of values': '"+91 98765 43210"',
  'no plus, as a spreadsheet leaves it': '919876543210',
  'a link': 'tel:+91-98765-43210',
  'a link with its context': 'tel:98765-43210;phone-context=+91',
  'a link to a message': 'sms:%2B919876543210',
}

test.each(Object.entries(PASTED))('A12: a number is read as people have it: %s', (_name, text) => {
  expect(canonicalPhone(text, 'IN')).toBe(NUMBER)
})

test.each([
  'tel:+91-98765-43210;ext=5',
  'tel:+91-98765-43210;isub=12',
  '98765 43210,,123',
  '+91 98765 43210 ext. 5',
  '9.87654E+09',
  '98765\n43210',
  '="+919876543210"&"1"',
  'mailto:+919876543210',
  '+919876543210+',
  '(+91 98765 43210',
  '１２',
])('A12: what is more or less than one number is refused: %j', (text) => {
  expect(() => canonicalPhone(text, 'IN')).toThrow('invalid_phone')
})

test.each([
  [
    'Argentina',
    'AR',
    '+5491123456789',
    ['+54 9 11 2345-6789', '+54 11 2345-6789', '011 15-2345-6789', '011 2345-6789'],
  ],
  ['Mexico', 'MX', '+525512345678', ['+52 1 55 1234 5678', '+52 55 1234 5678', '55 1234 5678']],
  ['Brazil', 'BR', '+5511987654321', ['+55 11 98765-4321', '+55 11 8765-4321', '(11) 98765-4321']],
  ['Benin', 'BJ', '+2290190011234', ['+229 01 90 01 12 34', '+229 90 01 12 34', '90 01 12 34']],
  ['Gabon', 'GA', '+24106031234', ['+241 06 03 12 34', '+241 6 03 12 34', '06 03 12 34']],
  ['San Marino', 'SM', '+3780549886377', ['+378 0549 886377', '+378 886377', '0549 886377']],
  ['Italy keeps its zero', 'IT', '+390612345678', ['+39 06 1234 5678', '06 1234 5678']],
  ['Britain', 'GB', '+447400123456', ['+44 (0)7400 123456', '+4407400123456', '07400 123456']],
])('A12: one subscriber is one account: %s', (_name, region, canonical, forms) => {
  for (const form of forms) expect(canonicalPhone(form, region), form).toBe(canonical)
  expect(canonicalPhone(canonical, 'IN')).toBe(canonical)
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

test('A12: an example number of every territory is canonical, from its national form as well', () => {
  const countries = getCountries()
  expect(countries.length).toBeGreaterThan(240)
  for (const country of countries) {
    const example = getExampleNumber(country, examples)
    if (example === undefined) continue
    for (const form of [example.number, example.formatInternational(), example.formatNational()]) {
      expect(canonicalPhone(form, country), `${country} ${form}`).toBe(example.number)
    }
  }
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
