import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { networkOf, peerAddress } from '../../daemon/domain/address.ts'
import { createFamily, PASSWORD } from '../support/accounts.ts'
import { startFleet } from '../support/fleet.ts'
import { startTestDaemon } from '../support/in-process.ts'

/**
 * What the predecessor shipped. Renewal by refresh key, roles in tokens and wrong passwords are shown in
 * wire.test.ts.
 */
describe('regressions', () => {
  test('a wrong code is 401, counts, and never 500', async () => {
    const daemon = await startTestDaemon()
    await daemon.api.post('/auth/otp/send', { number: '+919876543210' })
    const right = await daemon.sms.codeFor('+919876543210')
    const wrong = right === '111111' ? '222222' : '111111'
    for (const otp of [wrong, wrong, '0000000', '99999999', '1234567890']) {
      const answer = await daemon.api.call('POST', `/auth/user/login/9876543210/${otp}`)
      expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    }
    expect((await daemon.api.post('/auth/user/login', { number: '9876543210', otp: right })).status).toBe(401)
    expect((await daemon.api.call('POST', '/auth/user/login/9876543210/12ab')).status).toBe(400)
    await daemon.stop()
  })

  test('a comma-separated number is refused and sends nothing', async () => {
    const daemon = await startTestDaemon()
    for (const number of ['9876543210,9876543211', '9876543210,', ',9876543210']) {
      expect(await daemon.api.post('/auth/otp/send', { number })).toMatchObject({
        status: 400,
        body: { code: 'invalid_phone' },
      })
      expect((await daemon.api.call('POST', `/auth/otp/sendotp/${number}`)).status).toBe(400)
    }
    expect(daemon.sms.messages).toEqual([])
    await daemon.stop()
  })

  test('password guesses are limited for the guesser, and somebody else gets in a second later', async () => {
    const daemon = await startTestDaemon({ AUTHCTL_TRUST_PROXY: '1' })
    await createFamily(daemon)
    const login = (password: string, from: string) =>
      daemon.api.call('POST', '/auth/admin/login', {
        body: { username: 'asha', password },
        headers: { 'x-forwarded-for': from },
      })
    const answers = []
    for (let guess = 0; guess < 12; guess++)
      answers.push((await login('wrong password!', '198.51.100.7')).status)
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429])
    expect((await login(PASSWORD, '198.51.100.7')).status).toBe(429)
    // B11: the eleventh try at a name waits for a second, from wherever it comes.
    daemon.clock.advance(1000)
    expect((await login(PASSWORD, '203.0.113.9')).status).toBe(200)
    daemon.clock.advance(600_000)
    expect((await login(PASSWORD, '198.51.100.7')).status).toBe(200)
    await daemon.stop()
  })

  test('a provider error never becomes our status: the code waits in the queue and is sent while it is valid', async () => {
    const statuses = [401, 500, 400]
    let calls = 0
    const codes: string[] = []
    const provider = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const status = statuses[calls++]
        response.writeHead(status ?? 200, { 'content-type': 'application/json' })
        if (status === undefined)
          codes.push(new URLSearchParams(Buffer.concat(chunks).toString()).get('variables_values') ?? '')
        response.end(
          JSON.stringify(
            status === undefined ? { return: true, request_id: 'r' } : { return: false, status_code: 600 },
          ),
        )
      })
    }).listen(0, '127.0.0.1')
    await once(provider, 'listening')
    const url = `http://127.0.0.1:${(provider.address() as { port: number }).port}`
    const fleet = await startFleet(1, { FAST2SMS_API_KEY: 'provider-key-4711', AUTHCTL_FAST2SMS_URL: url })
    const [api] = fleet.apis
    expect((await api?.post('/auth/otp/send', { number: '+919876543210' }))?.status).toBe(200)
    await expect.poll(() => codes.length, { timeout: 25_000, interval: 100 }).toBe(1)
    expect(calls).toBe(4)
    expect((await api?.post('/auth/user/login', { number: '+919876543210', otp: codes[0] }))?.status).toBe(
      201,
    )
    const output = fleet.daemons.map((daemon) => daemon.output()).join('')
    expect(output).not.toMatch(new RegExp(`provider-key-4711|9876543210|${codes[0]}`))
    await fleet.stop()
    provider.close()
  }, 60_000)

  test('a number outside what the provider serves is answered like any other', async () => {
    const fleet = await startFleet(1, {
      FAST2SMS_API_KEY: 'k',
      AUTHCTL_FAST2SMS_URL: 'http://127.0.0.1:9',
      AUTHCTL_SMS_COUNTRIES: 'IN,US',
    })
    expect((await fleet.apis[0]?.post('/auth/otp/send', { number: '+14155552671' }))?.status).toBe(200)
    await fleet.stop()
  })
})

describe('F3: forwarded addresses', () => {
  test('are not believed by default: 300 spoofed values share one bucket', async () => {
    const daemon = await startTestDaemon()
    const seen = new Set<number>()
    for (let index = 0; index < 320; index++) {
      const spoofed = `203.0.113.${index % 250}`
      const headers = { 'x-forwarded-for': spoofed, 'x-real-ip': spoofed, forwarded: `for=${spoofed}` }
      const answer = await daemon.api.call('POST', '/auth/user/login', {
        body: { number: `+9198765${10_000 + index}`, otp: '000000' },
        headers,
      })
      if (index >= 300) seen.add(answer.status)
    }
    expect([...seen]).toEqual([429])
    await daemon.stop()
  })

  test('with one proxy named, the address it adds is the caller’s and what stood before it is not', async () => {
    const daemon = await startTestDaemon({ AUTHCTL_TRUST_PROXY: '127.0.0.1' })
    const { root } = await createFamily(daemon)
    await daemon.api.call('GET', '/accounts', {
      token: root.access,
      headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.5' },
    })
    await daemon.api.call('POST', '/auth/admin/login', {
      body: { username: 'asha', password: PASSWORD },
      headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.5' },
    })
    expect(daemon.log.events('sign-in').at(-1)?.ip).toBe('203.0.113.5')
    for (const [given, counted] of [
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
      ['2001:DB8:0001:0002::1', '2001:db8:1:2::/64'],
      ['::ffff:203.0.113.5', '203.0.113.5'],
    ]) {
      await daemon.api.call('POST', '/auth/admin/login', {
        body: { username: 'asha', password: PASSWORD },
        headers: { 'x-forwarded-for': given ?? '' },
      })
      const { ip } = daemon.log.events('sign-in').at(-1) ?? {}
      expect(networkOf(ip as string)).toBe(counted)
    }
    // Policies and the audit see the address itself, limits its network.
    expect(peerAddress('fe80::1%eth0')).toBe('fe80::1')
    await daemon.stop()
  })
})
