import { createWebhooks, memoryRecord, type Delivery, type WebhookEvent } from '@authctl/sdk/webhooks'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createWebhook, signWebhook } from '../../daemon/adapters/sms/webhook.ts'
import type { Phone } from '../../daemon/domain/account.ts'

const NOW = 1_800_000_000_000
const OLD = 'a webhook secret'
const NEW = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`
const message = {
  id: 'delivery-1',
  applicationId: 'shop',
  phone: '+919876543210' as Phone,
  code: '493027',
  purpose: 'sign-in' as const,
  expiresAt: NOW + 300_000,
}
const BODY = JSON.stringify({
  id: 'delivery-1',
  number: '+919876543210',
  code: '493027',
  purpose: 'sign-in',
  client_id: 'shop',
  expires_at: '2027-01-15T08:05:00.000Z',
  later: 'fields of later versions are let through',
})
const signed = (body = BODY, secret = OLD, unixSeconds = NOW / 1000) => ({
  headers: { ...signWebhook(secret, { id: 'delivery-1', unixSeconds, body }) } as Record<string, string>,
  body,
})
const webhooks = (secrets: readonly [string, ...string[]] = [OLD]) =>
  createWebhooks({ secrets, now: () => NOW })

describe('S22: webhooks', () => {
  test('what the daemon sends is a typed event; a delivery is worked on once, and again when the work has failed', async () => {
    const receiving = createWebhooks({ secrets: [NEW, OLD], now: () => NOW })
    const events: WebhookEvent[] = []
    const outcomes: string[] = []
    let failures = 1
    const receive = async (headers: IncomingHttpHeaders, chunks: readonly Buffer[]): Promise<number> => {
      const delivery = { headers, body: Buffer.concat(chunks) }
      const outcome = await receiving
        .once(delivery, async (event) => {
          if (failures-- > 0) throw new Error('the provider is away')
          events.push(event)
        })
        .catch((error: Error) => error.message)
      outcomes.push(outcome)
      return outcome === 'done' || outcome === 'repeated' ? 204 : 503
    }
    const endpoint = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        void receive(request.headers, chunks).then((status) => response.writeHead(status).end())
      })
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void endpoint.close())
    await once(endpoint, 'listening')
    const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/sms`
    const hosts = { shop: 'shop.example.com', '*': 'app.example.com' }
    const sender = createWebhook({ url, secret: OLD, allowPrivate: true, now: () => NOW, hosts })
    const kinds = []
    for (let tries = 0; tries < 3; tries++) kinds.push((await sender.send(message)).kind)
    expect([kinds, outcomes]).toEqual([
      ['unavailable', 'sent', 'sent'],
      ['the provider is away', 'done', 'repeated'],
    ])
    expect(events).toMatchObject([
      {
        type: 'sms.code',
        number: '+919876543210',
        code: '493027',
        client_id: 'shop',
        purpose: 'sign-in',
        text: expect.stringMatching(/\n\n@shop\.example\.com #493027$/),
      },
    ])
  })

  test.each([
    ['under the new of two secrets', signed(BODY, NEW), [OLD, NEW]],
    ['under the old of two secrets', signed(BODY, OLD), [NEW, OLD]],
    ['signed twice while the sender rotates', both(), [OLD]],
    ['with headers as fetch has them', { ...signed(), headers: new Headers(signed().headers) }, [OLD]],
    ['whose body came as bytes', { ...signed(), body: new TextEncoder().encode(BODY) }, [OLD]],
    ['from the edge of the window', signed(BODY, OLD, NOW / 1000 - 300), [OLD]],
  ] satisfies [string, Delivery, [string, ...string[]]][])(
    'a delivery %s is taken',
    async (_name, delivery, secrets) => {
      expect(await webhooks(secrets).verify(delivery)).toMatchObject({ code: '493027' })
    },
  )

  function both() {
    const [one, two] = [signed(BODY, NEW), signed(BODY, OLD)]
    const signature = `v1a,AAAA ${one.headers['webhook-signature']} ${two.headers['webhook-signature']}`
    return { ...two, headers: { ...two.headers, 'webhook-signature': signature } }
  }
  const changed = (change: Record<string, string | string[] | undefined>) => ({
    ...signed(),
    headers: { ...signed().headers, ...change },
  })

  test.each([
    ['without a signature', 'headers', changed({ 'webhook-signature': undefined })],
    ['with two ids', 'headers', changed({ 'webhook-id': ['delivery-1', 'x'] })],
    ['with a time that is none', 'headers', changed({ 'webhook-timestamp': '18e8' })],
    ['under another secret', 'signature', signed(BODY, 'another secret!')],
    ['under another id', 'signature', changed({ 'webhook-id': 'delivery-2' })],
    ['under another time', 'signature', changed({ 'webhook-timestamp': '1800000001' })],
    ['with another body', 'signature', { ...signed(), body: `${BODY} ` }],
    ['with a signature of another length', 'signature', changed({ 'webhook-signature': 'v1,AAAA' })],
    ['with the older signature alone', 'signature', changed({ 'webhook-signature': 'x' })],
    ['that is older than five minutes', 'timestamp', signed(BODY, OLD, NOW / 1000 - 301)],
    ['from the time to come', 'timestamp', signed(BODY, OLD, NOW / 1000 + 301)],
    ['that is no JSON', 'event', signed('{')],
    ['that is of no known kind', 'event', signed('{"id":"delivery-1"}')],
  ])('a delivery %s is refused: %s', async (_name, fault, delivery) => {
    const error = await webhooks()
      .verify(delivery)
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'webhook_invalid', fault })
    expect(String(error)).not.toContain('493027')
  })

  test('a record keeps an id for its time, gives it to one of many, and holds no more than it may', () => {
    let now = 0
    const record = memoryRecord(() => now)
    expect([record.take('a', 10), record.take('a', 10)]).toEqual([true, false])
    now = 10
    expect(record.take('a', 10)).toBe(true)
    for (let n = 0; n < 100_001; n++) void record.take(`b${n}`, 1000)
    expect([record.take('b100000', 1), record.take('b0', 1)]).toEqual([false, true])
  })

  test('a receiver without a secret is refused when it is made', () => {
    expect(() => createWebhooks({ secrets: [''] })).toThrow(/needs a secret/)
  })
})
