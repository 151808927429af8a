import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFast2sms } from '../../daemon/adapters/sms/fast2sms.ts'
import type { Phone } from '../../daemon/domain/account.ts'

const KEY = 'provider-key-4711'
const CODE = '493027'
const message = (phone = '+919876543210') => ({
  phone: phone as Phone,
  code: CODE,
  purpose: 'sign-in' as const,
  expiresAt: Date.now() + 300_000,
})

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly authorization: string | undefined
  readonly form: URLSearchParams
}

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

const answer =
  (status: number, body: unknown): Behaviour =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
const failure = (code: number, text: string | string[] = 'refused') => ({
  return: false,
  status_code: code,
  message: text,
})

describe('Fast2SMS', () => {
  let provider: Server
  let baseUrl: string
  let behaviour: Behaviour
  let seen: Seen[] = []

  beforeAll(async () => {
    provider = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const form = new URLSearchParams(Buffer.concat(chunks).toString())
        seen.push({
          method: request.method,
          url: request.url,
          authorization: request.headers.authorization,
          form,
        })
        behaviour(request, response)
      })
    }).listen(0, '127.0.0.1')
    await once(provider, 'listening')
    baseUrl = `http://127.0.0.1:${(provider.address() as { port: number }).port}`
  })
  beforeEach(() => {
    seen = []
  })
  afterAll(() => {
    provider.closeAllConnections()
    provider.close()
  })

  const sender = (extra: object = {}) =>
    createFast2sms({ apiKey: KEY, baseUrl, route: 'otp', timeoutMs: 300, ...extra })

  const send = async (next: Behaviour, extra: object = {}) => {
    behaviour = next
    const outcome = await sender(extra).send(message())
    expect(JSON.stringify(outcome)).not.toMatch(new RegExp(`${KEY}|9876543210|${CODE}`))
    return outcome
  }

  test('one number, digits only, is POSTed with the key in the header and never in the URL', async () => {
    const outcome = await send(
      answer(200, { return: true, request_id: 'req1', message: ['SMS sent successfully.'] }),
    )
    expect(outcome).toEqual({ kind: 'sent', providerId: 'req1' })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/dev/bulkV2', authorization: KEY })
    expect(Object.fromEntries(seen[0]?.form ?? [])).toEqual({
      route: 'otp',
      variables_values: CODE,
      numbers: '9876543210',
    })
  })

  test('the dlt route names sender and message', async () => {
    await send(answer(200, { return: true }), { route: 'dlt', senderId: 'AUTHCT', messageId: '111111' })
    expect(Object.fromEntries(seen[0]?.form ?? [])).toMatchObject({
      route: 'dlt',
      sender_id: 'AUTHCT',
      message: '111111',
    })
  })

  test('a number outside India is rejected before any request', async () => {
    expect((await sender().send(message('+14155552671'))).kind).toBe('rejected')
    expect(seen).toEqual([])
  })

  const misconfigured = [
    401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 412, 413, 414, 415, 424, 425, 426, 500, 990, 996, 997,
    998, 999,
  ]
  test.each([
    [411, 'rejected'],
    [995, 'throttled'],
    [416, 'unavailable'],
    [123, 'unavailable'],
    ...misconfigured.map((code) => [code, 'misconfigured'] as const),
  ] as const)(
    'provider code %i is %s, whatever the HTTP status and the form of the message',
    async (code, kind) => {
      for (const status of [200, 400, 401]) {
        expect((await send(answer(status, failure(code)))).kind).toBe(kind)
      }
      expect((await send(answer(400, failure(code, ['a', 'b'])))).kind).toBe(kind)
      expect(seen).toHaveLength(4)
    },
  )

  test.each([
    ['return is a string', answer(200, { return: 'true' })],
    ['return is missing', answer(200, { request_id: 'x' })],
    ['an empty body', answer(200, '')],
    ['a page', answer(200, '<html>maintenance</html>')],
    ['an array', answer(200, '[true]')],
    ['success under an error status', answer(500, { return: true })],
    ['a body over 64 KiB', answer(200, JSON.stringify({ return: true, pad: 'x'.repeat(70_000) }))],
  ])('%s is unavailable', async (_name, next) => {
    expect((await send(next)).kind).toBe('unavailable')
    expect(seen).toHaveLength(1)
  })

  test('F11: a provider that hangs is given up in time and not asked again', async () => {
    const start = performance.now()
    expect((await send(() => undefined)).kind).toBe('unavailable')
    expect(performance.now() - start).toBeLessThan(3000)
    expect(seen).toHaveLength(1)
  })

  test('F11: a connection cut after the request was written is not asked again', async () => {
    expect((await send((request) => request.socket.destroy())).kind).toBe('unavailable')
    expect(seen).toHaveLength(1)
  })

  test('F11: a redirect is not followed', async () => {
    const outcome = await send((_request, response) => {
      response.writeHead(307, { location: `${baseUrl}/elsewhere` })
      response.end()
    })
    expect(outcome.kind).toBe('unavailable')
    expect(seen.map((request) => request.url)).toEqual(['/dev/bulkV2'])
  })

  test('a connection that is refused is tried once more, then unavailable', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as { port: number }
    closed.close()
    await once(closed, 'close')
    const outcome = await createFast2sms({
      apiKey: KEY,
      baseUrl: `http://127.0.0.1:${port}`,
      route: 'otp',
    }).send(message())
    expect(outcome).toEqual({ kind: 'unavailable', detail: 'no answer: ECONNREFUSED' })
  })

  test('the wallet tells its balance, or nothing', async () => {
    behaviour = answer(200, { return: true, wallet: '12.50' })
    expect(await sender().walletBalance()).toBe(12.5)
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/dev/wallet', authorization: KEY })
    behaviour = answer(401, failure(412))
    expect(await sender().walletBalance()).toBeUndefined()
  })
})
