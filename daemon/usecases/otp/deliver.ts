import type { Clock } from '../../ports/clock.ts'
import type { Vault } from '../../ports/crypto.ts'
import type { Log } from '../../ports/log.ts'
import type { Meter } from '../../ports/meter.ts'
import type { SmsOutcome, SmsSender } from '../../ports/sms.ts'
import type { OtpDelivery, OtpStore } from '../../ports/stores/index.ts'
import { maskPhone } from '../../domain/phone.ts'
import { deliveryContext } from './send.ts'

const POLL_MS = 1000
const LEASE_MS = 15_000
const CLAIMED_AT_ONCE = 20
const MAX_BACKOFF_SECONDS = 60
const STOP_DEADLINE_MS = 6000

export interface OtpDeliveryParts {
  readonly otps: OtpStore
  readonly sms: SmsSender
  readonly vault: Vault
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/**
 * When to try again after a failed send: exponential, spread over its upper half, or null when the code would
 * be dead by then.
 */
const retryTime = ({ attempts, expiresAt }: OtpDelivery, now: number): number | null => {
  const backoffMs = Math.min(MAX_BACKOFF_SECONDS, 2 ** attempts) * 1000
  const retryAt = now + Math.round(backoffMs / 2 + (Math.random() * backoffMs) / 2)
  return retryAt < expiresAt ? retryAt : null
}

/**
 * The outgoing queue of one-time codes. The row of the code is the queue: it is written before anything is
 * sent and keeps the sealed code until a send has ended. The daemon that saved a code sends it at once; what
 * fails, or was left behind by a daemon that died, is claimed again by any daemon while the code is valid.
 */
export const createOtpDelivery = ({ otps, sms, vault, clock, log, meter }: OtpDeliveryParts) => {
  const inFlight = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let polling = Promise.resolve()

  const settle = ({ phone, purpose, challengeId }: OtpDelivery, retryAt: number | null): Promise<void> =>
    otps.settleDelivery({ phone, purpose, challengeId, retryAt })

  const conclude = async (delivery: OtpDelivery, outcome: SmsOutcome): Promise<void> => {
    if (outcome.kind === 'sent') {
      meter.countDelivery('sent')
      await settle(delivery, null)
      return
    }
    const about = {
      sender: sms.name,
      outcome: outcome.kind,
      detail: outcome.detail,
      phone: maskPhone(delivery.phone),
    }
    const mayRetry = outcome.kind === 'throttled' || outcome.kind === 'unavailable'
    const retryAt = mayRetry ? retryTime(delivery, clock.now()) : null
    meter.countDelivery(retryAt === null ? 'failed' : 'retried')
    const needsOperator = outcome.kind === 'misconfigured' || outcome.needsOperator === true
    if (needsOperator) log.error({ ...about, retryAt }, 'the SMS sender needs the operator')
    else log.warn({ ...about, retryAt }, 'a code was not sent')
    await settle(delivery, retryAt)
  }

  const sendOne = async (delivery: OtpDelivery): Promise<void> => {
    try {
      const code = vault.open(delivery.sealedCode, deliveryContext(delivery.challengeId))
      if (code === undefined) {
        meter.countDelivery('failed')
        log.error(
          { phone: maskPhone(delivery.phone) },
          'a waiting code cannot be opened: was AUTHCTL_SECRET changed?',
        )
        await settle(delivery, null)
        return
      }
      const { phone, purpose, expiresAt } = delivery
      await conclude(delivery, await sms.send({ phone, code, purpose, expiresAt }))
    } catch (error) {
      // The row stays as it is and is claimed again when its lease has passed.
      log.warn({ cause: error instanceof Error ? error.name : 'unknown' }, 'a delivery could not be settled')
    }
  }

  const deliver = (delivery: OtpDelivery): Promise<void> => {
    const work = sendOne(delivery).finally(() => inFlight.delete(work))
    inFlight.add(work)
    return work
  }

  const deliverDue = async (): Promise<void> => {
    try {
      const due = await otps.claimDeliveries({ now: clock.now(), leaseMs: LEASE_MS, limit: CLAIMED_AT_ONCE })
      await Promise.all(due.map(deliver))
    } catch (error) {
      log.warn(
        { cause: error instanceof Error ? error.name : 'unknown' },
        'waiting codes could not be claimed',
      )
    }
  }

  const poll = (): void => {
    polling = deliverDue().then(() => {
      if (timer !== undefined) timer = setTimeout(poll, POLL_MS).unref()
    })
  }

  return {
    /** Sends one code that the caller holds the lease of. Never rejects. */
    deliver,
    /** Claims and sends what is due. Never rejects. */
    deliverDue,
    /** Looks for due codes every second. */
    start: (): void => {
      timer ??= setTimeout(poll, POLL_MS).unref()
    },
    /** Stops looking and waits, at most 6 s, for what is being sent. */
    stop: async (): Promise<void> => {
      clearTimeout(timer)
      timer = undefined
      const deadline = new Promise<void>((resolve) => setTimeout(resolve, STOP_DEADLINE_MS).unref())
      await Promise.race([Promise.all([polling, ...inFlight]), deadline])
    },
  }
}
