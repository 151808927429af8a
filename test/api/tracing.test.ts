import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createWebhook } from '../../daemon/adapters/sms/webhook.ts'
import { readTrace } from '../../daemon/http/trace-context.ts'
import type { Family } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

let daemon: TestDaemon
let family: Family
useFamily({ AUTHCTL_METRICS: 'true' }, (home) => ({ daemon, family } = home))

/** What the log says of the request with this id, on all lines. */
const logged = (requestId: string) => daemon.log.lines.filter((line) => line['requestId'] === requestId)

describe('trace context', () => {
  test.each([`00-${TRACE}-${PARENT}-01`, `00-${TRACE}-${PARENT}-00`, `cc-${TRACE}-${PARENT}-01-what-comes`])(
    '%s is taken and passed on with a span of our own',
    (header) => {
      const trace = readTrace(header)
      expect(trace?.traceId).toBe(TRACE)
      expect(trace?.traceparent).toMatch(new RegExp(`^00-${TRACE}-(?!${PARENT})[0-9a-f]{16}-0[01]$`))
      expect(trace?.traceparent.endsWith('-01')).toBe(/-01(-|$)/.test(header))
    },
  )

  test.each([
    undefined,
    '',
    'garbage',
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01-more`,
    `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}`,
  ])('%j is left alone', (header) => {
    expect(readTrace(header)).toBeUndefined()
  })

  test('every line of the log about a request has its trace, and whose request it was', async () => {
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01`, 'x-request-id': 'traced' }
    await daemon.api.call('GET', '/auth/me', { token: family.admin.access, headers })
    await expect.poll(() => logged('traced')).toHaveLength(1)
    expect(logged('traced')[0]).toMatchObject({ traceId: TRACE, actorId: family.admin.id, route: '/auth/me' })
  })

  test('without a trace and without a caller neither is there', async () => {
    const headers = { traceparent: 'x', 'x-request-id': 'alone' }
    await daemon.api.call('GET', '/healthz', { headers })
    await expect.poll(() => logged('alone')).toHaveLength(1)
    expect(Object.keys(logged('alone')[0] ?? {})).not.toEqual(expect.arrayContaining(['traceId']))
    expect(Object.keys(logged('alone')[0] ?? {})).not.toEqual(expect.arrayContaining(['actorId']))
  })

  test('the message to a phone carries the trace of the request for it', async () => {
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01` }
    const body = { number: '+919876512345' }
    await daemon.api.call('POST', '/auth/otp/send', { body, headers })
    await daemon.sms.codeFor('+919876512345')
    expect(daemon.sms.messages.at(-1)?.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
  })

  test('the webhook is told of it in its header', async () => {
    const seen: IncomingHttpHeaders[] = []
    const endpoint = createServer((request, response) => {
      seen.push(request.headers)
      response.writeHead(204).end()
    }).listen(0, '127.0.0.1')
    await once(endpoint, 'listening')
    const { port } = endpoint.address() as AddressInfo
    const webhook = createWebhook({
      url: `http://127.0.0.1:${port}/`,
      secret: 'a webhook secret',
      allowPrivate: true,
      now: Date.now,
    })
    const message = {
      id: 'one',
      applicationId: 'shop',
      phone: '+919876543210' as never,
      code: '493027',
      purpose: 'sign-in' as const,
      expiresAt: Date.now(),
    }
    await webhook.send({ ...message, traceparent: `00-${TRACE}-${PARENT}-01` })
    await webhook.send(message)
    expect(seen.map(({ traceparent }) => traceparent)).toEqual([`00-${TRACE}-${PARENT}-01`, undefined])
    endpoint.closeAllConnections()
    endpoint.close()
  })

  test('a scrape of the metrics is logged as what it is', async () => {
    await daemon.api.call('GET', '/metrics', { headers: { 'x-request-id': 'scrape' } })
    await expect.poll(() => logged('scrape')).toHaveLength(1)
    expect(logged('scrape')[0]).toMatchObject({ route: '/metrics', status: 200 })
  })
})
