import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import list from '../../daemon/domain/lists/common-passwords.json' with { type: 'json' }
import { isCommonPassword } from '../../daemon/domain/common-passwords.ts'
import { Failure } from '../../daemon/domain/failure.ts'
import { requireAcceptablePassword, type PasswordContext } from '../../daemon/domain/password.ts'
import { createFamily, PASSWORD, type Family } from '../support/accounts.ts'
import type { Answer } from '../support/api.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

const COMMON = [
  '123456789987654321',
  '1qaz2wsx3edc4rfv',
  '123456789123456789',
  '111111111111111',
  'aaaaaaaaaaaaaaa',
  'passwordpassword',
]
const VARIANTS = [
  'P@ssw0rdP@ssw0rd',
  'PASSWORDPASSWORD',
  '1Passwordpassword!',
  'passwordpassword2024',
  '１qaz2wsx3edc4rfv',
  'p\u0430sswordp\u0430ssword',
  'pàsswördpâsswórd',
  'password password',
  'pass\u200Bwordpass\u200Bword',
]
const OWNER: PasswordContext = {
  username: 'asha.kumari',
  name: 'Asha Kumari Devi',
  phone: '+919876500001',
  email: 'asha@example.com',
  serviceNames: ['swiftride'],
}
const OF_THE_OWNER = [
  'asha.kumari.asha.kumari',
  'AshaKumariDevi2024!',
  '4sh@Kumar1 4sh@Kumar1',
  'iramuk ahsa iramuk ahsa',
  '+919876500001!!!',
  '9876500001 9876500001',
  'authctl-authctl-authctl',
  'SwiftRide SwiftRide 1',
  'asha@example.com123',
  'Âshá Kümári Dévi 24',
  '\u0430sh\u0430.kum\u0430ri.\u0430sh\u0430',
  'sw\u0456ftr\u0456de-sw\u0456ftr\u0456de',
  '९८७६५००००१ ९८७६५००',
  'aut\u04BBctl aut\u04BBctl aut\u04BBctl',
]

const refusalOf = (password: string, context: PasswordContext): string | undefined => {
  try {
    requireAcceptablePassword(password, { pointer: '/password', context })
    return undefined
  } catch (error) {
    if (error instanceof Failure && error.code === 'password_unacceptable') return error.errors?.[0]?.detail
    throw error
  }
}

describe('B6: passwords that are tried first are refused', () => {
  test('the list has those of the most common million that are long enough to be allowed', () => {
    expect(list.count).toBeGreaterThan(25_000)
    expect(Buffer.from(list.digests, 'base64')).toHaveLength(list.count * 5)
  })

  test.each([...COMMON, ...VARIANTS])('common: %s', (password) => {
    expect(isCommonPassword(password)).toBe(true)
    const reason = refusalOf(password, { serviceNames: [] })
    expect(reason).toMatch(/tried first/)
    expect(reason).not.toContain(password)
  })

  test.each(OF_THE_OWNER)('made of names: %s', (password) => {
    expect(refusalOf(password, OWNER)).toMatch(/names of its owner or of the service/)
    if (!/^aut[h\u04BB]ctl/.test(password))
      expect(refusalOf(password, { serviceNames: [] }) ?? '').not.toMatch(/owner/)
  })

  test.each([
    PASSWORD,
    'asha likes the blue umbrella',
    'nobody tries swiftride with this',
    '!?!?!?!?,,,,....----',
    '馬'.repeat(15),
    'J7#kd92!mQz0pL5',
  ])('accepted: %s', (password) => {
    expect(refusalOf(password, OWNER)).toBeUndefined()
  })

  test('of 20,000 random passwords none is taken for a common one, and the check takes at most 5 ms', () => {
    const taken: number[] = []
    let refused = 0
    for (let n = 0; n < 20_000; n++) {
      const password = `${Math.random().toString(36)}${Math.random().toString(36)}${n % 100 === 0 ? '!'.repeat(990) : ''}`
      const start = performance.now()
      if (refusalOf(password, OWNER) !== undefined) refused++
      taken.push(performance.now() - start)
    }
    expect(refused).toBe(0)
    expect(taken.sort((a, b) => a - b)[10_000]).toBeLessThan(5)
  })
})

describe('B6: everywhere a password is set', () => {
  let daemon: TestDaemon
  let family: Family
  const body = { name: 'Bina Roy', username: 'bina.roy', number: '+919876500042' }
  const isRefused = (answer: Answer, pointer: string, password: string) => {
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'password_unacceptable', errors: [{ pointer }] },
    })
    expect(answer.text.includes(password)).toBe(false)
  }

  beforeAll(async () => {
    daemon = await startTestDaemon({
      AUTHCTL_RATE_LIMITS: 'off',
      PUBLIC_URL: 'https://auth.swiftride.example',
    })
    for (const password of ['passwordpassword', 'root root authctl 1', 'swiftride-swiftride']) {
      const [token] = readFileSync(join(daemon.dataDir, 'setup-token'), 'utf8').split('\n')
      const request = { setup_token: token, name: 'Root', username: 'root', password }
      isRefused(await daemon.api.post('/auth/superadmin/bootstrap', request), '/password', password)
    }
    family = await createFamily(daemon)
  })
  afterAll(() => daemon.stop())

  test('creation', async () => {
    for (const password of [
      '1qaz2wsx3edc4rfv',
      'Bina Roy Bina Roy 7',
      '9876500042 9876500042',
      'swiftride-swiftride',
    ])
      isRefused(
        await daemon.api.post('/auth/admin/create', { ...body, password }, family.root.access),
        '/password',
        password,
      )
    const accepted = { ...body, password: 'bina likes the blue umbrella' }
    expect((await daemon.api.post('/auth/admin/create', accepted, family.root.access)).status).toBe(201)
  })

  test('a change of password', async () => {
    for (const password of ['passwordpassword', 'asha asha asha asha', '+91 98765 00001 asha'])
      isRefused(
        await daemon.api.post(
          '/auth/password/change',
          { current_password: PASSWORD, new_password: password },
          family.admin.access,
        ),
        '/new_password',
        password,
      )
  })
})
