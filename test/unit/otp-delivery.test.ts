import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createVault } from '../../daemon/adapters/crypto/vault.ts'
import type { Phone } from '../../daemon/domain/account.ts'
import { SILENT_METER, type Meter } from '../../daemon/ports/meter.ts'
import type { SmsMessage, SmsOutcome, SmsSender } from '../../daemon/ports/sms.ts'
import type { OtpDelivery, OtpStore } from '../../daemon/ports/stores/index.ts'
import { deliveryContext } from '../../daemon/usecases/otp/send.ts'
import { createOtpDelivery } from '../../daemon/usecases/otp/deliver.ts'
import { KeptLog } from '../support/in-process.ts'

const NOW = 1_800_000_000_000
const vault = createVault({ secret: 's'.repeat(32), refreshKeySecret: 'r'.repeat(32) })

const aDelivery = (fields: Partial<OtpDelivery> = {}): OtpDelivery => ({
  phone: '+919876543210' as Phone,
  purpose: 'sign-in',
  applicationId: 'shop',
  challengeId: 'ch1',
  sealedCode: vault.seal('493027', deliveryContext('ch1')),
  expiresAt: NOW + 300_000,
  attempts: 0,
  ...fields,
})

/** A queue with a sender that answers as told, and until when codes were put back into it. */
const setUp = (
  outcome: SmsOutcome | (() => Promise<SmsOutcome>),
  due: OtpDelivery[] = [],
  isWaiting = true,
) => {
  const sent: SmsMessage[] = []
  const begun: string[] = []
  const postponed: number[] = []
  const sms: SmsSender = {
    name: 'fake',
    send: (message) => {
      sent.push(message)
      return typeof outcome === 'function' ? outcome() : Promise.resolve(outcome)
    },
  }
  const otps = {
    claimDeliveries: () => Promise.resolve(due.splice(0)),
    beginDelivery: ({ challengeId }: OtpDelivery) => {
      begun.push(challengeId)
      return Promise.resolve(isWaiting)
    },
    postponeDelivery: ({ retryAt }: { retryAt: number }) => {
      postponed.push(retryAt)
      return Promise.resolve()
    },
  } as unknown as OtpStore
  const log = new KeptLog()
  const counts = { sent: 0, failed: 0, retried: 0, unknown: 0 }
  const meter: Meter = { ...SILENT_METER, countDelivery: (ended) => void counts[ended]++ }
  return {
    delivery: createOtpDelivery({ otps, sms, vault, clock: { now: () => NOW }, log, meter }),
    counts,
    sent,
    begun,
    postponed,
    log,
  }
}

const failed = (kind: Exclude<SmsOutcome['kind'], 'sent'>): SmsOutcome => ({ kind, detail: 'x' })

describe('the outgoing queue', () => {
  test('a code that is sent is out of the queue for good', async () => {
    const { delivery, sent, begun, postponed, counts } = setUp({ kind: 'sent', providerId: 'p' })
    await delivery.deliver(aDelivery())
    expect(sent).toEqual([
      {
        id: 'ch1',
        phone: '+919876543210',
        code: '493027',
        purpose: 'sign-in',
        applicationId: 'shop',
        expiresAt: NOW + 300_000,
      },
    ])
    expect(begun).toEqual(['ch1'])
    expect(postponed).toEqual([])
    expect(counts).toEqual({ sent: 1, failed: 0, retried: 0, unknown: 0 })
  })

  test.each(['unavailable'] as const)('%s is put off, longer each time, at most a minute', async (kind) => {
    for (const [attempts, most] of [
      [0, 1000],
      [3, 8000],
      [10, 60_000],
    ] as const) {
      const { delivery, postponed, counts } = setUp(failed(kind))
      await delivery.deliver(aDelivery({ attempts }))
      const wait = (postponed[0] ?? 0) - NOW
      expect(wait).toBeGreaterThanOrEqual(most / 2)
      expect(wait).toBeLessThanOrEqual(most)
      expect(counts.retried).toBe(1)
    }
  })

  test('a code that is handed over is taken out of the queue first, and need not be opened', async () => {
    const { delivery, sent, begun, postponed } = setUp(failed('unavailable'))
    await delivery.deliver(aDelivery({ sealedCode: 'opens for nobody' }), { code: '111222' })
    expect(begun).toEqual(['ch1'])
    expect(sent.map(({ code }) => code)).toEqual(['111222'])
    expect(postponed).toHaveLength(1)
    const taken = setUp({ kind: 'sent', providerId: 'p' }, [], false)
    await taken.delivery.deliver(aDelivery(), { code: '111222' })
    expect(taken.sent).toEqual([])
  })

  test('throttled is no quick retry: two minutes at least', async () => {
    const { delivery, postponed, counts } = setUp(failed('throttled'))
    await delivery.deliver(aDelivery())
    expect(postponed[0]).toBeGreaterThanOrEqual(NOW + 120_000)
    expect(postponed[0]).toBeLessThanOrEqual(NOW + 150_000)
    expect(counts.retried).toBe(1)
  })

  test('a sender that says when to come again is heard', async () => {
    const { delivery, postponed } = setUp({ kind: 'unavailable', detail: 'x', retryAfterMs: 30_000 })
    await delivery.deliver(aDelivery({ attempts: 9 }))
    expect(postponed[0]).toBeGreaterThanOrEqual(NOW + 30_000)
    expect(postponed[0]).toBeLessThanOrEqual(NOW + 31_000)
  })

  test('what may have been sent is never sent again, and is counted as that', async () => {
    const { delivery, postponed, counts, log } = setUp(failed('unknown'))
    await delivery.deliver(aDelivery())
    expect(postponed).toEqual([])
    expect(counts).toEqual({ sent: 0, failed: 0, retried: 0, unknown: 1 })
    expect(log.lines.map((line) => line['msg'] ?? line['message'])).toEqual([
      'a code may have been sent, and is not sent again',
    ])
  })

  test('a code that another daemon began, or that was replaced, is not sent', async () => {
    const { delivery, sent } = setUp({ kind: 'sent', providerId: null }, [], false)
    await delivery.deliver(aDelivery())
    expect(sent).toEqual([])
  })

  test('it gives up when the code would be dead by the next try', async () => {
    const { delivery, postponed, counts } = setUp(failed('unavailable'))
    await delivery.deliver(aDelivery({ expiresAt: NOW + 400 }))
    expect(postponed).toEqual([])
    expect(counts.failed).toBe(1)
  })

  test.each([
    ['rejected', 'warn'],
    ['misconfigured', 'error'],
  ] as const)('%s is final and logged as %s, without number or code', async (kind, level) => {
    const { delivery, postponed, log } = setUp(failed(kind))
    await delivery.deliver(aDelivery())
    expect(postponed).toEqual([])
    expect(log.lines.map((line) => line['level'])).toEqual([level])
    expect(JSON.stringify(log.lines)).not.toMatch(/9876543210|493027/)
  })

  test('what only the operator can end is logged as an error and still tried again', async () => {
    const { delivery, postponed, log } = setUp({ kind: 'unavailable', detail: 'x', needsOperator: true })
    await delivery.deliver(aDelivery())
    expect(postponed[0]).toBeGreaterThan(NOW)
    expect(log.lines.map((line) => line['level'])).toEqual(['error'])
  })

  test('a code sealed for another challenge, or under another secret, is never sent', async () => {
    for (const sealedCode of [vault.seal('493027', deliveryContext('other')), 'garbage']) {
      const { delivery, sent, postponed, log } = setUp({ kind: 'sent', providerId: null })
      await delivery.deliver(aDelivery({ sealedCode }))
      expect(sent).toEqual([])
      expect(postponed).toEqual([])
      expect(log.lines[0]?.['level']).toBe('error')
    }
  })

  test('what is due is claimed and sent', async () => {
    const { delivery, sent } = setUp({ kind: 'sent', providerId: null }, [
      aDelivery(),
      aDelivery({ attempts: 2 }),
    ])
    await delivery.deliverDue()
    expect(sent).toHaveLength(2)
  })

  test('stopping waits for what is being sent', async () => {
    const { delivery, postponed } = setUp(async () => {
      await sleep(50)
      return { kind: 'sent', providerId: null }
    })
    void delivery.deliver(aDelivery())
    await delivery.stop()
    expect(postponed).toEqual([])
  })

  test.concurrent('it looks by itself every second, one look at a time, until it is stopped', async () => {
    let looking = 0
    let most = 0
    let looks = 0
    const otps = {
      claimDeliveries: async () => {
        looks++
        most = Math.max(most, ++looking)
        await sleep(1500)
        looking--
        return []
      },
    } as unknown as OtpStore
    const sms: SmsSender = { name: 'fake', send: () => Promise.resolve({ kind: 'sent', providerId: null }) }
    const delivery = createOtpDelivery({
      otps,
      sms,
      vault,
      clock: { now: () => NOW },
      log: new KeptLog(),
      meter: SILENT_METER,
    })
    delivery.start()
    delivery.start()
    await sleep(4200)
    expect([looks, most]).toEqual([2, 1])
    await delivery.stop()
    expect(looking).toBe(0)
    await sleep(1200)
    expect(looks).toBe(2)
  })

  test.concurrent(
    'stopping does not wait for ever, and a store that fails is logged and asked again',
    async () => {
      const { delivery } = setUp(() => new Promise<SmsOutcome>(() => undefined))
      void delivery.deliver(aDelivery())
      const start = performance.now()
      // What stands still holds no event loop open; the test must.
      const alive = setInterval(() => undefined, 1000)
      await delivery.stop()
      clearInterval(alive)
      expect(performance.now() - start).toBeGreaterThan(5500)

      let asked = 0
      const log = new KeptLog()
      const otps = {
        claimDeliveries: () => {
          asked++
          return Promise.reject(new Error('down'))
        },
      } as unknown as OtpStore
      const sms: SmsSender = { name: 'fake', send: () => Promise.resolve({ kind: 'sent', providerId: null }) }
      const failing = createOtpDelivery({
        otps,
        sms,
        vault,
        clock: { now: () => NOW },
        log,
        meter: SILENT_METER,
      })
      await failing.deliverDue()
      await failing.deliverDue()
      expect(asked).toBe(2)
      expect(log.lines.map((line) => line['level'])).toEqual(['warn', 'warn'])
    },
  )
})
