import { describe, expect, onTestFinished, test } from 'vitest'
import type { SettingName } from '../../daemon/config/settings.ts'
import type { Answer, Api } from '../support/api.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

const MINUTE = 60_000
/** Sequential numbers of the attack; a block has 10,000. */
const NUMBERS = Number(process.env['SMS_NUMBERS'] ?? 1000)

const start = async (settings: Partial<Record<SettingName, string>> = {}): Promise<TestDaemon> => {
  const daemon = await startTestDaemon({ AUTHCTL_TRUST_PROXY: '1', ...settings })
  onTestFinished(() => daemon.stop())
  return daemon
}

/** Asks for a code from an address of its own for each `from`. */
const ask = (api: Api, number: string, from = 0): Promise<Answer> =>
  api.call('POST', '/auth/otp/send', {
    body: { number },
    headers: { 'x-forwarded-for': `198.51.${Math.floor(from / 250)}.${(from % 250) + 1}` },
  })

/** The nth number of one block of 10,000. */
const inBlock = (n: number): string => `+91987654${String(n).padStart(4, '0')}`
/** The first number of the nth block. */
const ofBlock = (n: number): string => `+9198${String(n).padStart(4, '0')}0001`

const askInTurn = async (
  daemon: TestDaemon,
  numbers: readonly string[],
  addresses: number,
): Promise<Answer[]> => {
  const answers: Answer[] = []
  for (let from = 0; from < numbers.length; from += 50) {
    const some = numbers.slice(from, from + 50)
    answers.push(
      ...(await Promise.all(some.map((number, n) => ask(daemon.api, number, (from + n) % addresses)))),
    )
  }
  return answers
}
const sentOf = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 200).length

describe('numbers that get no codes', () => {
  const NEVER = {
    'a personal number': '+447012345678',
    'a satellite phone': '+881612345678',
    'an Inmarsat phone': '+870301234567',
    'international premium rate': '+979123456789',
    'international shared cost': '+80812345678',
    'a universal personal number': '+878101234567890',
    'premium rate': '+449012345678',
    'a toll-free number': '+18002345678',
    'a pager': '+447640123456',
  }

  test('F4: outside the countries of the settings nothing is sent, and nothing is counted', async () => {
    const daemon = await start()
    const answers = []
    for (const number of ['+14155552671', '+447400123456', '+8613123456789', '+911123456789'])
      answers.push(await ask(daemon.api, number))
    for (const { status, body } of answers) expect([status, body['code']]).toEqual([400, 'phone_not_served'])
    expect(daemon.sms.messages).toEqual([])
    expect(daemon.log.events('otp-send').map(({ reason }) => reason)).toEqual(
      answers.map(() => 'phone_not_served'),
    )
  })

  test.each(Object.entries(NEVER))('F4: %s never gets one, whatever the settings', async (_name, number) => {
    const daemon = await start({
      AUTHCTL_SMS_COUNTRIES: '*',
      AUTHCTL_SMS_NUMBER_TYPES: 'mobile,fixed-line-or-mobile,fixed-line,voip',
    })
    expect((await ask(daemon.api, number)).body['code']).toBe('phone_not_served')
    expect(daemon.sms.messages).toEqual([])
  })

  test('F4: countries and kinds that are chosen get codes', async () => {
    const daemon = await start({
      AUTHCTL_SMS_COUNTRIES: 'GB, US',
      AUTHCTL_SMS_NUMBER_TYPES: 'mobile,fixed-line-or-mobile,fixed-line',
    })
    for (const number of ['+14155552671', '+447400123456', '+442079460958'])
      expect((await ask(daemon.api, number)).status).toBe(200)
    expect((await ask(daemon.api, '+919876543210')).body['code']).toBe('phone_not_served')
  })
})

describe('budgets', () => {
  test('F5: 240 addresses and sequential numbers of one block get 20 codes an hour', async () => {
    const daemon = await start()
    const numbers = Array.from({ length: NUMBERS }, (_, n) => inBlock(n))
    expect(sentOf(await askInTurn(daemon, numbers, 240))).toBe(20)
    daemon.clock.advance(60 * MINUTE)
    expect(sentOf(await askInTurn(daemon, numbers.slice(0, 100), 240))).toBe(20)
    await expect.poll(() => daemon.sms.messages.length, { timeout: 5000 }).toBe(40)
  }, 400_000)

  test.each([
    ['AUTHCTL_SMS_HOURLY', {}],
    ['AUTHCTL_SMS_DAILY', {}],
    ['AUTHCTL_SMS_COUNTRY_HOURLY', {}],
    ['AUTHCTL_SMS_COUNTRY_DAILY', {}],
    ['AUTHCTL_SMS_SPEND_HOURLY', { AUTHCTL_SMS_PRICES: 'IN=1,*=9' }],
    ['AUTHCTL_SMS_SPEND_DAILY', { AUTHCTL_SMS_PRICES: 'IN=1,*=9' }],
  ] as const)(
    'F6: twice the budget of %s, in parallel over two daemons, sends the budget',
    async (name, extra) => {
      const daemon = await start({ [name]: '20', ...extra })
      const { api } = await daemon.another()
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, n) => ask(n % 2 === 0 ? daemon.api : api, ofBlock(n), n)),
      )
      expect(sentOf(answers)).toBe(20)
      await expect.poll(() => daemon.sms.messages.length, { timeout: 5000 }).toBe(20)
      const refused = answers.filter(({ status }) => status === 429)
      expect(refused).toHaveLength(20)
      for (const { headers } of refused) expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    },
  )

  test('F6: refusals by one budget take nothing from the others', async () => {
    const daemon = await start({ AUTHCTL_SMS_HOURLY: '22' })
    expect(
      sentOf(
        await askInTurn(
          daemon,
          Array.from({ length: 60 }, (_, n) => inBlock(n)),
          60,
        ),
      ),
    ).toBe(20)
    expect(sentOf([await ask(daemon.api, ofBlock(1), 70), await ask(daemon.api, ofBlock(2), 71)])).toBe(2)
    expect((await ask(daemon.api, ofBlock(3), 72)).status).toBe(429)
  })

  test('F6: at 80 % the metrics raise an alarm, on every daemon', async () => {
    const daemon = await start({ AUTHCTL_SMS_HOURLY: '10', AUTHCTL_METRICS: 'true' })
    const { api } = await daemon.another()
    const metrics = async () => (await api.get('/metrics')).text
    for (let n = 0; n < 7; n++) await ask(daemon.api, ofBlock(n), n)
    expect(await metrics()).toMatch(/^authctl_sms_budget_alarms 0$/m)
    await ask(daemon.api, ofBlock(7), 7)
    const text = await metrics()
    expect(text).toMatch(/^authctl_sms_budget_alarms 1$/m)
    expect(text).toMatch(/^authctl_sms_budget_spent_ratio\{budget="all",window="hour"\} 0\.8$/m)
    expect(text).not.toContain('+91')
  })

  test('F2: an address asks codes for ten numbers an hour, as often as each allows', async () => {
    const daemon = await start()
    for (let n = 0; n < 10; n++) expect((await ask(daemon.api, ofBlock(n))).status).toBe(200)
    expect((await ask(daemon.api, ofBlock(10))).status).toBe(429)
    expect((await ask(daemon.api, ofBlock(10), 1)).status).toBe(200)
    daemon.clock.advance(MINUTE)
    expect((await ask(daemon.api, ofBlock(3))).status).toBe(200)
    daemon.clock.advance(59 * MINUTE)
    expect((await ask(daemon.api, ofBlock(10))).status).toBe(200)
  })
})

describe('F7: where too few codes are used', () => {
  const ROOMY = {
    AUTHCTL_SMS_PREFIX_HOURLY: '1000',
    AUTHCTL_SMS_COUNTRIES: 'IN,GB',
    AUTHCTL_OTP_VERIFIES_PER_ADDRESS: '1000',
  }
  const use = async (daemon: TestDaemon, number: string): Promise<void> => {
    const otp = await daemon.sms.codeFor(number)
    expect((await daemon.api.post('/auth/user/login', { number, otp })).status).toBe(201)
  }

  test('F7: 50 codes to a country of which 9 were used block it, once in the audit, until they are an hour old', async () => {
    const daemon = await start(ROOMY)
    const numbers = Array.from({ length: 50 }, (_, n) => ofBlock(n))
    expect(sentOf(await askInTurn(daemon, numbers, 50))).toBe(50)
    for (const number of numbers.slice(0, 9)) await use(daemon, number)
    // They may still be typing.
    expect((await ask(daemon.api, ofBlock(100), 100)).status).toBe(200)
    daemon.clock.advance(5 * MINUTE)
    for (let n = 0; n < 3; n++) expect((await ask(daemon.api, ofBlock(101 + n), 101)).status).toBe(429)
    expect(daemon.log.events('sms-block').map(({ reason }) => reason)).toEqual([
      'too few codes were used: country:IN',
    ])
    expect((await ask(daemon.api, '+447400123456', 102)).status).toBe(200)
    daemon.clock.advance(55 * MINUTE)
    expect((await ask(daemon.api, ofBlock(101), 103)).status).toBe(200)
  })

  test('F7: a fifth of them used is enough', async () => {
    const daemon = await start(ROOMY)
    const numbers = Array.from({ length: 50 }, (_, n) => ofBlock(n))
    await askInTurn(daemon, numbers, 50)
    for (const number of numbers.slice(0, 10)) await use(daemon, number)
    daemon.clock.advance(5 * MINUTE)
    expect((await ask(daemon.api, ofBlock(100), 100)).status).toBe(200)
  })

  test('F7: a block of numbers is judged for itself', async () => {
    const daemon = await start({ ...ROOMY, AUTHCTL_SMS_COUNTRY_HOURLY: '1000' })
    await askInTurn(
      daemon,
      Array.from({ length: 50 }, (_, n) => inBlock(n)),
      50,
    )
    const healthy = Array.from({ length: 50 }, (_, n) => ofBlock(n))
    await askInTurn(daemon, healthy, 50)
    for (const number of healthy.slice(0, 25)) await use(daemon, number)
    daemon.clock.advance(5 * MINUTE)
    expect((await ask(daemon.api, inBlock(99), 100)).status).toBe(429)
    expect((await ask(daemon.api, ofBlock(100), 101)).status).toBe(200)
  })
})

test('A10: an address tries 30 codes in ten minutes, over all phones; another address is not held up', async () => {
  const daemon = await start()
  const guess = (n: number, from: string) =>
    daemon.api.call('POST', '/auth/user/login', {
      body: { number: ofBlock(n), otp: '123456' },
      headers: { 'x-forwarded-for': from },
    })
  const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => guess(n, '198.51.100.7')))
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(30)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(30)
  expect((await guess(61, '198.51.100.8')).status).toBe(401)
  daemon.clock.advance(10 * MINUTE)
  expect((await guess(62, '198.51.100.7')).status).toBe(401)
})

test('E4: refusals are the same for a number that has an account and for one that has not', async () => {
  const daemon = await start({ AUTHCTL_SMS_HOURLY: '1', AUTHCTL_SMS_DAILY: '3' })
  const known = ofBlock(1)
  await ask(daemon.api, known)
  const otp = await daemon.sms.codeFor(known)
  expect((await daemon.api.post('/auth/user/login', { number: known, otp })).status).toBe(201)
  daemon.clock.advance(2 * MINUTE)
  const [first, second] = [await ask(daemon.api, known, 5), await ask(daemon.api, ofBlock(2), 5)]
  expect([first.status, second.status]).toEqual([429, 429])
  expect(second.headers['retry-after']).toBe(first.headers['retry-after'])
  const shown = ({ body }: Answer) => JSON.stringify({ ...body, request_id: null, instance: null })
  expect(shown(second)).toBe(shown(first))
})
