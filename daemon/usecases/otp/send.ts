import { canonicalPhone } from '../../domain/phone.ts'
import { originFields } from '../audit.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import { DEFAULT_APPLICATION_ID, type Deps } from '../deps.ts'
import { OTP_GAP_SECONDS } from '../limits.ts'
import { maskPhone } from '../../domain/phone.ts'
import { createChargeSend } from './charge.ts'

/** How long the daemon that saved a code is alone in delivering it. */
const FIRST_DELIVERY_LEASE_MS = 15_000

/** The context under which a waiting code is sealed; binds it to its challenge. */
export const deliveryContext = (challengeId: string): string => `otp-delivery:${challengeId}`

/** A request for a code: for which number, and from where. */
export interface SendOtpRequest {
  readonly number: string
  readonly applicationId?: string | undefined
  readonly origin: RequestOrigin
}

/** One-time codes, as they are asked for. */
export const createOtps = (
  deps: Pick<Deps, 'store' | 'clock' | 'random' | 'vault' | 'settings' | 'audit' | 'deliver'>,
) => {
  const charge = createChargeSend(deps)

  /**
   * Makes a code the only live one of this phone and hands it to the sender; answers before the sender does
   * (E3).
   */
  const send = async ({
    number,
    applicationId = DEFAULT_APPLICATION_ID,
    origin,
  }: SendOtpRequest): Promise<{ expiresInSeconds: number; resendAfterSeconds: number }> => {
    const { store, clock, random, vault, settings, audit } = deps
    const phone = canonicalPhone(number, settings.defaultRegion)
    await charge({ phone, origin })
    const purpose = 'sign-in'
    const challengeId = random.id()
    const code = random.code(settings.otpDigits)
    const now = clock.now()
    const expiresAt = now + settings.otpSeconds * 1000
    const sealedCode = vault.seal(code, deliveryContext(challengeId))
    await store.otps.save({
      phone,
      purpose,
      applicationId,
      challengeId,
      codeMac: vault.otpMac({ challengeId, phone, purpose, code }),
      now,
      expiresAt,
      sealedCode,
      deliverAfter: now + FIRST_DELIVERY_LEASE_MS,
    })
    deps.deliver(
      { phone, purpose, applicationId, challengeId, sealedCode, expiresAt, attempts: 0 },
      { code, traceparent: origin.traceparent },
    )
    audit.record({
      event: 'otp-send',
      outcome: 'success',
      phone: maskPhone(phone),
      ...originFields(origin),
    })
    return { expiresInSeconds: settings.otpSeconds, resendAfterSeconds: OTP_GAP_SECONDS }
  }

  return { send }
}
