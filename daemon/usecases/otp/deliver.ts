import type { Clock } from '../../ports/clock.ts'
import type { Vault } from '../../ports/crypto.ts'
import type { Log } from '../../ports/log.ts'
import type { Meter } from '../../ports/meter.ts'
import type { SmsOutcome, SmsSender } from '../../ports/sms.ts'
import type { OtpDelivery, OtpStore } from '../../ports/stores/index.ts'
import { maskPhone } from '../../domain/phone.ts'
import type { HandedCode } from '../deps.ts'
import { deliveryContext } from './send.ts'

const POLL_MS = 1000
const LEASE_MS = 15_000
const CLAIMED_AT_ONCE = 20
const MAX_BACKOFF_SECONDS = 60
/** A provider that asks for patience gets at least that much of it. */
const THROTTLED_MS = 120_000
const STOP_DEADLINE_MS = 6000

/** What the delivery of codes needs. */
export interface OtpDeliveryParts {
  readonly otps: OtpStore
  readonly sms: SmsSender
  readonly vault: Vault
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

type Failed = Exclude<SmsOutcome, { kind: 'sent' }>

/** The wait before the next try: spread, so that what failed together does not come back together. */
const waitFor = ({ attempts }: OtpDelivery, outcome: Failed): number => {
  if (outcome.retryAfterMs !== undefined) return outcome.retryAfterMs + Math.random() * 1000
  if (outcome.kind === 'throttled') return THROTTLED_MS * (1 + Math.random() / 4)
  const backoffMs = Math.min(MAX_BACKOFF_SECONDS, 2 ** attempts) * 1000
  return backoffMs / 2 + (Math.random() * backoffMs) / 2
}

/**
 * When to try again after a failed send. Null: never, because another try could send a second message, would
 * change nothing, or would come when the code is dead.
 */
const retryTime = (delivery: OtpDelivery, outcome: Failed, now: number): number | null => {
  if (outcome.kind !== 'throttled' && outcome.kind !== 'unavailable') return null
  const retryAt = now + Math.round(waitFor(delivery, outcome))
  return retryAt < delivery.expiresAt ? retryAt : null
}

/**
 * The outgoing queue of one-time codes. The row of the code is the queue: it is written before anything is
 * sent. The daemon that saved a code sends it at once; what a provider has not taken, or was left behind by a
 * daemon that died, is claimed by any daemon while the code is valid.
 *
 * A code is taken out of the queue before a provider hears of it, and comes back only when the provider has
 * surely not taken it: a message is sent at least once before a request goes out, and at most once after.
 */
export const createOtpDelivery = ({ otps, sms, vault, clock, log, meter }: OtpDeliveryParts) => {
  const inFlight = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let polling = Promise.resolve()

  const report = (delivery: OtpDelivery, outcome: Failed, retryAt: number | null): void => {
    const { kind, detail } = outcome
    const about = { sender: sms.name, outcome: kind, detail, phone: maskPhone(delivery.phone), retryAt }
    const needsOperator = kind === 'misconfigured' || outcome.needsOperator === true
    if (needsOperator) log.error(about, 'the SMS sender needs the operator')
    else if (kind === 'unknown') log.warn(about, 'a code may have been sent, and is not sent again')
    else log.warn(about, 'a code was not sent')
  }

  const conclude = async (delivery: OtpDelivery, outcome: SmsOutcome): Promise<void> => {
    if (outcome.kind === 'sent') return meter.countDelivery('sent')
    const retryAt = retryTime(delivery, outcome, clock.now())
    if (outcome.kind === 'unknown') meter.countDelivery('unknown')
    else meter.countDelivery(retryAt === null ? 'failed' : 'retried')
    report(delivery, outcome, retryAt)
    if (retryAt !== null) await otps.postponeDelivery({ ...delivery, retryAt })
  }

  const sendOne = async (delivery: OtpDelivery, handed?: HandedCode): Promise<void> => {
    try {
      if (!(await otps.beginDelivery(delivery))) return
      const code = handed?.code ?? vault.open(delivery.sealedCode, deliveryContext(delivery.challengeId))
      if (code === undefined) {
        meter.countDelivery('failed')
        log.error(
          { phone: maskPhone(delivery.phone) },
          'a waiting code cannot be opened: was AUTHCTL_SECRET changed?',
        )
        return
      }
      const { phone, purpose, applicationId, expiresAt, challengeId } = delivery
      const message = { id: challengeId, phone, code, purpose, applicationId, expiresAt }
      const traceparent = handed?.traceparent
      const traced = traceparent === undefined ? message : { ...message, traceparent }
      await conclude(delivery, await sms.send(traced))
    } catch (error) {
      // Before it was begun, the row stays as it is and is claimed when its lease has passed.
      log.warn({ cause: error instanceof Error ? error.name : 'unknown' }, 'a delivery could not be settled')
    }
  }

  const deliver = (delivery: OtpDelivery, handed?: HandedCode): Promise<void> => {
    const work = sendOne(delivery, handed).finally(() => inFlight.delete(work))
    inFlight.add(work)
    return work
  }

  const deliverDue = async (): Promise<void> => {
    try {
      const due = await otps.claimDeliveries({ now: clock.now(), leaseMs: LEASE_MS, limit: CLAIMED_AT_ONCE })
      await Promise.all(due.map((each) => deliver(each)))
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
