import type { Phone } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { maskPhone } from '../../domain/phone.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import { chargesOf, CONVERSION_PREFIX, servedCountry } from '../../domain/sms-budget.ts'
import { originFields } from '../audit.ts'
import type { Deps } from '../deps.ts'
import { codeQuotas, otpNumbersFrom, RATE_LIMITS, refusal, toCharge } from '../limits.ts'

type ChargeDeps = Pick<Deps, 'store' | 'clock' | 'settings' | 'audit'>

/** Who asks for a code, and for which number. */
export interface ChargedSend {
  readonly phone: Phone
  readonly origin: RequestOrigin
}

/**
 * Takes what a message costs from every limit and budget, in one write, before the message exists. A number
 * of a country or of a kind that is not served fails as `phone_not_served`; a limit or a budget that is used
 * up as `rate_limited`, and then nothing is counted. Neither depends on whether the number has an account
 * (E4).
 */
export const createChargeSend = (deps: ChargeDeps) => {
  /** Blocks that were told of: until when each lasts. */
  const blocked = new Map<string, number>()

  const tellBlock = (key: string, retryAfterMs: number): void => {
    const now = deps.clock.now()
    for (const [known, until] of blocked) if (until <= now) blocked.delete(known)
    if (blocked.has(key)) return
    blocked.set(key, now + retryAfterMs)
    deps.audit.record({
      event: 'sms-block',
      outcome: 'failure',
      reason: `too few codes were used: ${key.slice(CONVERSION_PREFIX.length)}`,
    })
  }

  return async ({ phone, origin }: ChargedSend): Promise<void> => {
    const { store, clock, settings, audit } = deps
    const fail = (failure: Failure): never => {
      const about = { phone: maskPhone(phone), ...originFields(origin) }
      audit.record({
        event: 'otp-send',
        outcome: 'failure',
        reason: failure.reason ?? failure.code,
        ...about,
      })
      throw failure
    }
    const country = servedCountry(phone, settings.sms)
    if (country === undefined) return fail(new Failure('phone_not_served'))
    if (!settings.limitsOn) return
    const send = RATE_LIMITS.otpSend(phone)
    const numbers = otpNumbersFrom(origin.ip, phone, settings.otpNumbersPerAddress)
    const charges = [toCharge(send), numbers, ...chargesOf(phone, country, settings.sms)]
    const outcome = await store.limits.takeAll(charges, clock.now())
    origin.tellQuotas?.(codeQuotas(send, numbers, outcome))
    if (outcome.allowed) return
    if (outcome.key.startsWith(CONVERSION_PREFIX)) tellBlock(outcome.key, outcome.retryAfterMs)
    fail(refusal(outcome))
  }
}
