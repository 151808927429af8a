import { describe, expect, test } from 'vitest'
import { withBreaker } from '../../daemon/adapters/sms/breaker.ts'
import type { Phone } from '../../daemon/domain/account.ts'
import type { SmsOutcome, SmsSender } from '../../daemon/ports/sms.ts'

const message = { phone: '+919876543210' as Phone, code: '1', purpose: 'sign-in' as const, expiresAt: 0 }

describe('F11: a provider that is down is left alone', () => {
  const setUp = () => {
    const state = { now: 0, calls: 0, outcome: { kind: 'unavailable', detail: 'x' } as SmsOutcome }
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
      for (let n = 0; n < times; n++) await sender.send(message)
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
    state.outcome = { kind: 'unavailable', detail: 'x' }
    await send(4)
    expect(state.calls).toBe(9)
  })
})
