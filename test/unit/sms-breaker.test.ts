import { describe, expect, test } from 'vitest'
import { withBreaker } from '../../daemon/adapters/sms/breaker.ts'
import type { Phone } from '../../daemon/domain/account.ts'
import type { SmsOutcome, SmsSender } from '../../daemon/ports/sms.ts'

const messageTo = (phone: string) => ({
  id: 'delivery-1',
  applicationId: 'authctl',
  phone: phone as Phone,
  code: '1',
  purpose: 'sign-in' as const,
  expiresAt: 0,
})
const message = messageTo('+919876543210')
const SILENT: SmsOutcome = { kind: 'unavailable', detail: 'x', isSilent: true }

describe('F11: a provider that is down is left alone', () => {
  const setUp = () => {
    const state: { now: number; calls: number; outcome: SmsOutcome } = { now: 0, calls: 0, outcome: SILENT }
    const sender = withBreaker<SmsSender>(
      {
        name: 'fake',
        send: () => {
          state.calls++
          return Promise.resolve(state.outcome)
        },
      },
      { now: () => state.now },
    )
    const send = async (times: number) => {
      for (let n = 0; n < times; n++) await sender.send(messageTo(`+91987654321${n % 10}`))
    }
    return { state, sender, send }
  }

  test('after five failures in a row it is not asked for 30 s, then once, and again not', async () => {
    const { state, sender, send } = setUp()
    await send(20)
    expect(state.calls).toBe(5)
    expect(await sender.send(message)).toEqual({
      kind: 'unavailable',
      detail: 'left alone after repeated failures',
      retryAfterMs: 30_000,
    })
    state.now = 29_999
    await send(5)
    expect(state.calls).toBe(5)
    state.now = 30_000
    await Promise.all(Array.from({ length: 10 }, () => sender.send(message)))
    expect(state.calls).toBe(6)
  })

  test('one that works again is used again at once', async () => {
    const { state, send } = setUp()
    await send(5)
    state.now = 30_000
    state.outcome = { kind: 'sent', providerId: null }
    await send(10)
    expect(state.calls).toBe(15)
  })

  test.each(['rejected', 'throttled', 'misconfigured'] as const)('%s says that it is there', async (kind) => {
    const { state, send } = setUp()
    await send(4)
    state.outcome = { kind, detail: 'x' }
    await send(1)
    state.outcome = SILENT
    await send(4)
    expect(state.calls).toBe(9)
  })

  test('a request that got no answer counts as much as a connection that failed', async () => {
    const { state, send } = setUp()
    state.outcome = { kind: 'unknown', detail: 'x', isSilent: true }
    await send(20)
    expect(state.calls).toBe(5)
  })

  test.each(['rejected', 'throttled', 'unavailable', 'misconfigured'] as const)(
    'answers that are %s keep nobody else from a message, however many',
    async (kind) => {
      const { state, send } = setUp()
      state.outcome = { kind, detail: 'x' }
      await send(100)
      expect(state.calls).toBe(100)
    },
  )

  test('two numbers that the provider never answers about keep nobody else from a message', async () => {
    const { state, sender } = setUp()
    for (let n = 0; n < 100; n++) await sender.send(messageTo(`+9198765432${10 + (n % 2)}`))
    expect(state.calls).toBe(100)
    await sender.send(messageTo('+919876543299'))
    await sender.send(message)
    expect(state.calls).toBe(101)
  })
})
