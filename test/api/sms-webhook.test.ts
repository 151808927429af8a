import { createHmac } from 'node:crypto'
import type { LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  isPublicAddress,
  PRIVATE_TARGET,
  publicLookup,
  type Lookup,
} from '../../daemon/adapters/sms/public-address.ts'
import { createWebhook } from '../../daemon/adapters/sms/webhook.ts'
import type { Phone } from '../../daemon/domain/account.ts'

const SECRET = 'a webhook secret'
const message = {
  id: 'delivery-1',
  applicationId: 'shop',
  phone: '+919876543210' as Phone,
  code: '493027',
  purpose: 'sign-in' as const,
  expiresAt: 1_800_000_300_000,
}
const now = () => 1_800_000_000_000
const HEADERS: Readonly<Record<number, Record<string, string>>> = {
  101: { connection: 'Upgrade', upgrade: 'other' },
}

describe('webhook', () => {
  let endpoint: Server
  let port: number
  let status = 200
  let seen: { url: string | undefined; headers: IncomingHttpHeaders; body: string }[] = []

  beforeAll(async () => {
    endpoint = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        seen.push({
          url: request.url,
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        })
        if (status === 0) return
        response.writeHead(status, HEADERS[status] ?? { location: `http://127.0.0.1:${port}/elsewhere` })
        response.end()
      })
    }).listen(0, '127.0.0.1')
    await once(endpoint, 'listening')
    port = (endpoint.address() as { port: number }).port
  })
  beforeEach(() => {
    seen = []
  })
  afterAll(() => {
    endpoint.closeAllConnections()
    endpoint.close()
  })

  const webhook = (extra: object = {}) =>
    createWebhook({
      url: `http://127.0.0.1:${port}/sms`,
      secret: SECRET,
      allowPrivate: true,
      now,
      timeoutMs: 300,
      ...extra,
    })

  test('posts the code with a signature that verifies', async () => {
    status = 204
    expect(await webhook().send(message)).toEqual({ kind: 'sent', providerId: null })
    const [request] = seen
    expect(JSON.parse(request?.body ?? '')).toEqual({
      id: 'delivery-1',
      client_id: 'shop',
      number: '+919876543210',
      code: '493027',
      purpose: 'sign-in',
      expires_at: new Date(message.expiresAt).toISOString(),
    })
    const expected = createHmac('sha256', SECRET).update(`1800000000.${request?.body}`).digest('hex')
    expect(request?.headers['x-authctl-signature']).toBe(`t=1800000000,v1=${expected}`)
  })

  test.each([
    ['a plain secret', SECRET, Buffer.from(SECRET)],
    ['a whsec_ secret', `whsec_${Buffer.from('0123456789abcdef').toString('base64')}`, '0123456789abcdef'],
  ])(
    'J10: Standard Webhooks, under %s: id, time and body are signed together',
    async (_name, secret, key) => {
      status = 202
      expect((await webhook({ secret }).send(message)).kind).toBe('sent')
      const [request] = seen
      expect(request?.headers['webhook-id']).toBe('delivery-1')
      expect(request?.headers['webhook-timestamp']).toBe('1800000000')
      const signed = `delivery-1.1800000000.${request?.body}`
      const expected = createHmac('sha256', key).update(signed).digest('base64')
      expect(request?.headers['webhook-signature']).toBe(`v1,${expected}`)
    },
  )

  test('J10: each try has its own time and signature, and all tries of a code have one id', async () => {
    status = 503
    let time = now()
    const sender = webhook({ now: () => (time += 1000) })
    await sender.send(message)
    await sender.send(message)
    expect(seen.map(({ headers }) => headers['webhook-id'])).toEqual(['delivery-1', 'delivery-1'])
    expect(new Set(seen.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(2)
    expect(new Set(seen.map(({ headers }) => headers['webhook-signature'])).size).toBe(2)
  })

  test.each([
    [200, 'sent'],
    [400, 'misconfigured'],
    [401, 'misconfigured'],
    [404, 'misconfigured'],
    [422, 'rejected'],
    [429, 'throttled'],
    [408, 'unavailable'],
    [500, 'unavailable'],
    [502, 'unknown'],
    [503, 'unavailable'],
    [504, 'unknown'],
    [307, 'misconfigured'],
    [0, 'unknown'],
    [101, 'unknown'],
  ] as const)('F11: an answer %i is %s, asked once, no redirect followed', async (given, kind) => {
    status = given
    expect((await webhook().send(message)).kind).toBe(kind)
    expect(seen.map((request) => request.url)).toEqual(['/sms'])
  })

  test.each([
    '127.0.0.1',
    '10.0.0.7',
    '169.254.169.254',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[fd00::1]',
    '[fe80::1]',
  ])('F11: %s is refused without a connection', async (host) => {
    const outcome = await webhook({ url: `http://${host}:${port}/sms`, allowPrivate: false }).send(message)
    expect(outcome.kind).toBe('misconfigured')
    expect(seen).toEqual([])
  })

  test('F11: a name is judged by the addresses it resolves to, all of them', async () => {
    const answering =
      (...addresses: LookupAddress[]): Lookup =>
      (_host, _options, callback) =>
        callback(null, addresses)
    const loopback = { address: '127.0.0.1', family: 4 }
    const publicOne = { address: '93.184.215.14', family: 4 }
    for (const lookup of [
      answering(loopback),
      answering(publicOne, loopback),
      answering(loopback, publicOne),
      answering(),
    ]) {
      const outcome = await webhook({
        url: `http://hook.example:${port}/sms`,
        allowPrivate: false,
        lookup,
      }).send(message)
      expect(outcome).toEqual({
        kind: 'misconfigured',
        detail: 'the webhook does not resolve to public addresses',
      })
    }
    expect(
      (await webhook({ url: `http://localhost:${port}/sms`, allowPrivate: false }).send(message)).kind,
    ).toBe('misconfigured')
    expect(seen).toEqual([])
  })

  test('F11: a name that is public at first and private a moment later is refused when it is', async () => {
    const answers: LookupAddress[][] = [
      [{ address: '93.184.215.14', family: 4 }],
      [{ address: '127.0.0.1', family: 4 }],
    ]
    let asked = 0
    const rebinding: Lookup = (_host, _options, callback) => callback(null, answers[asked++] ?? [])
    const look = (all: boolean) =>
      new Promise((resolve) =>
        publicLookup(rebinding)('hook.example', { all }, (error, address) =>
          resolve(error === null ? address : error.code),
        ),
      )
    expect(await look(false)).toBe('93.184.215.14')
    const outcome = await webhook({
      url: `http://hook.example:${port}/sms`,
      allowPrivate: false,
      lookup: rebinding,
    }).send(message)
    expect(outcome.kind).toBe('misconfigured')
    // One look-up a connection: there is no second answer between the check and the connection.
    expect(asked).toBe(2)
    asked = 1
    expect(await look(true)).toBe(PRIVATE_TARGET)
    expect(seen).toEqual([])
  })

  test('F11: it connects to the address that was looked up, and looks once', async () => {
    let asked = 0
    const lookup: Lookup = (_host, options, callback) => {
      asked++
      if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }])
      else callback(null, '127.0.0.1', 4)
    }
    status = 200
    const outcome = await webhook({ url: `http://hook.example:${port}/sms`, lookup }).send(message)
    expect(outcome.kind).toBe('sent')
    expect(asked).toBe(1)
  })

  test.each(['2130706433', '0x7f.1', '0177.0.0.1', '127.1', '127.0.0.1.'])(
    'F11: another spelling of loopback is refused: %s',
    async (host) => {
      const outcome = await webhook({ url: `http://${host}:${port}/sms`, allowPrivate: false }).send(message)
      expect(outcome.kind).toBe('misconfigured')
      expect(seen).toEqual([])
    },
  )

  test.each([
    ['8.8.8.8', true],
    ['2606:4700::1111', true],
    ['::ffff:8.8.8.8', true],
    ['::ffff:10.0.0.1', false],
    ['64:ff9b::a00:1', false],
    ['2002:a00:1::', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['::', false],
    ['hook.example', false],
    ['::127.0.0.1', false],
    ['::ffff:0:127.0.0.1', false],
    ['fe80::1%lo', false],
    ['3fff::1', false],
    ['192.88.99.1', false],
  ])('F11: whether %s is public: %s', (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected)
  })
})
