import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFast2sms } from '../../daemon/adapters/sms/fast2sms.ts'
import type { Phone } from '../../daemon/domain/account.ts'

const KEY = 'provider-key-4711'
const CODE = '493027'
const message = (phone = '+919876543210') => ({
  id: 'delivery-1',
  applicationId: 'authctl',
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

/** Every socket that this process opens while `work` runs, in order. */
const countSockets = async (work: (opened: Socket[]) => Promise<void>): Promise<void> => {
  const opened: Socket[] = []
  const keep = (event: unknown) => void opened.push((event as { socket: Socket }).socket)
  subscribe('net.client.socket', keep)
  try {
    await work(opened)
  } finally {
    unsubscribe('net.client.socket', keep)
  }
}

/** A loopback port on which nothing listens. */
const closedPort = async (): Promise<number> => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as { port: number }
  closed.close()
  await once(closed, 'close')
  return port
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
      variables_values: CODE,
    })
    const bound = { route: 'dlt', senderId: 'AUTHCT', messageId: '111111', endsInCode: true }
    await send(answer(200, { return: true }), bound)
    expect(seen.at(-1)?.form.get('variables_values')).toBe(`${CODE}|${CODE}`)
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
  ])('%s says not whether the message was taken', async (_name, next) => {
    expect((await send(next)).kind).toBe('unknown')
    expect(seen).toHaveLength(1)
  })

  test('any 2xx with a positive body is sent', async () => {
    for (const status of [201, 202]) {
      const outcome = await send(answer(status, { return: true, request_id: 'later' }))
      expect(outcome).toEqual({ kind: 'sent', providerId: 'later' })
    }
  })

  test.each([403, 404, 429])(
    'HTTP %i with a page was refused before anybody sent anything',
    async (status) => {
      expect((await send(answer(status, '<html>refused</html>'))).kind).toBe('unavailable')
    },
  )

  test('an answer is never silence, whatever it says no to', async () => {
    for (const code of [411, 995, 416, 412, 123])
      expect(await send(answer(400, failure(code)))).not.toHaveProperty('isSilent')
  })

  test('F11: a provider that hangs is given up in time and not asked again', async () => {
    const start = performance.now()
    expect(await send(() => undefined)).toMatchObject({ kind: 'unknown', isSilent: true })
    expect(performance.now() - start).toBeLessThan(3000)
    expect(seen).toHaveLength(1)
  })

  test('F11: a connection cut after the request was written is not asked again', async () => {
    expect((await send((request) => request.socket.destroy())).kind).toBe('unknown')
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

  test('F11: a connection that is refused is tried once more, then unavailable', async () => {
    const refusing = sender({ baseUrl: `http://127.0.0.1:${await closedPort()}`, timeoutMs: 2000 })
    await countSockets(async (opened) => {
      expect(await refusing.send(message())).toEqual({
        kind: 'unavailable',
        detail: 'no answer: ECONNREFUSED',
        isSilent: true,
      })
      expect(opened).toHaveLength(2)
    })
  })

  test('F11: a provider that is back for the second try gets the message once', async () => {
    const port = await closedPort()
    let asked = 0
    const late = createServer((_request, response) => {
      asked++
      response.end(JSON.stringify({ return: true, request_id: 'second' }))
    })
    const sending = sender({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 3000 })
    await countSockets(async (opened) => {
      // As soon as the first try is refused, however busy the machine is.
      const listenOnceRefused = (event: unknown): void => {
        unsubscribe('net.client.socket', listenOnceRefused)
        ;(event as { socket: Socket }).socket.once('close', () => late.listen(port, '127.0.0.1'))
      }
      subscribe('net.client.socket', listenOnceRefused)
      expect(await sending.send(message())).toEqual({ kind: 'sent', providerId: 'second' })
      expect(opened).toHaveLength(2)
    })
    expect(asked).toBe(1)
    late.closeAllConnections()
    late.close()
  })

  test('F11: a connection that is never answered is tried once more, both tries within one timeout', async () => {
    // A thread that listens and then stands still: once its queue is full, the kernel answers no one.
    const frozen = new Worker(
      `const { parentPort } = require('node:worker_threads')
       const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
         parentPort.postMessage(server.address().port)
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000)
       })`,
      { eval: true },
    )
    const [port] = (await once(frozen, 'message')) as [number]
    const queue = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
    await sleep(100)
    const start = performance.now()
    await countSockets(async (opened) => {
      const waiting = sender({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 1500 })
      expect((await waiting.send(message())).kind).toBe('unavailable')
      expect(opened).toHaveLength(2)
    })
    expect(performance.now() - start).toBeLessThan(2500)
    for (const socket of queue) socket.destroy()
    await frozen.terminate()
  })

  test('F11: an answer without end is cut off, not kept', async () => {
    let pushed = 0
    const outcome = await send(
      (_request, response) => {
        const chunk = Buffer.alloc(64 * 1024, 'x')
        const push = (): void => {
          while (!response.destroyed && pushed < 200_000_000) {
            pushed += chunk.length
            if (!response.write(chunk)) {
              response.once('drain', push)
              return
            }
          }
          response.end()
        }
        response.writeHead(200)
        push()
      },
      { timeoutMs: 5000 },
    )
    expect(outcome).toEqual({ kind: 'unknown', detail: 'the answer is too large', isSilent: true })
    expect(pushed).toBeLessThan(50_000_000)
  })

  test('F11: an answer that repeats number, code or key as its own code is not logged', async () => {
    for (const status_code of [9876543210, '9876543210', Number(CODE), CODE, KEY]) {
      expect(await send(answer(400, { return: false, status_code }))).toEqual({
        kind: 'unavailable',
        detail: 'the provider answered without a code',
      })
    }
  })

  test('an empty wallet is worth a retry and needs the operator', async () => {
    expect(await send(answer(400, failure(416)))).toMatchObject({ kind: 'unavailable', needsOperator: true })
    expect(await send(answer(400, failure(123)))).not.toHaveProperty('needsOperator')
  })

  test.each(['', 'abc123', '12|34', '12 34', '１２３４５６'])(
    'a code that is not digits never leaves: %j',
    async (code) => {
      for (const route of ['otp', 'dlt']) {
        const outcome = await sender({ route }).send({ ...message(), code })
        expect(outcome).toEqual({
          kind: 'misconfigured',
          detail: 'the code is not digits: a defect in authctl, please report it',
        })
      }
      expect(seen).toEqual([])
    },
  )

  test.each(['+91987654321', '+9198765432101', '919876543210', '+919876543210,9876543211'])(
    'what is not one Indian number of ten digits is rejected before any request: %s',
    async (number) => {
      expect((await sender().send(message(number))).kind).toBe('rejected')
      expect(seen).toEqual([])
    },
  )

  test('the wallet tells its balance, or nothing', async () => {
    behaviour = answer(200, { return: true, wallet: '12.50' })
    expect(await sender().walletBalance()).toBe(12.5)
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/dev/wallet', authorization: KEY })
    behaviour = answer(200, { return: true, wallet: 0 })
    expect(await sender().walletBalance()).toBe(0)
    const silent = [null, '', ' ', true, [], 'many'].map((wallet) => answer(200, { return: true, wallet }))
    for (const next of [...silent, answer(401, failure(412)), answer(401, { return: true, wallet: '9' })]) {
      behaviour = next
      expect(await sender().walletBalance()).toBeUndefined()
    }
  })
})
