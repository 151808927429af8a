import { Failure } from '../../domain/failure.ts'
import { GUESS_WINDOW_MS, MAX_OTP_TRIES, MAX_WRONG_GUESSES } from '../../domain/otp.ts'
import { conversionKeys } from '../../domain/sms-budget.ts'
import { refuse, type Step } from './attempt.ts'

/**
 * Consumes the one-time code: the challenge is read for its id, then one conditional write decides. A code
 * that was replaced in between does not match any more.
 */
export const proveOtp: Step = async (deps, attempt) => {
  const { store, vault, clock, settings } = deps
  const { phone, otp, applicationId } = attempt
  if (phone === undefined || otp === undefined) return refuse('no_code')
  const purpose = 'sign-in'
  const challenge = await store.otps.find(phone, purpose)
  if (challenge === undefined) return refuse('no_challenge')
  const { challengeId } = challenge
  const outcome = await store.otps.consume({
    phone,
    purpose,
    applicationId,
    challengeId,
    codeMac: vault.otpMac({ challengeId, phone, purpose, code: otp }),
    maxTries: MAX_OTP_TRIES,
    maxWrong: settings.limitsOn ? MAX_WRONG_GUESSES : Number.MAX_SAFE_INTEGER,
    wrongWindowMs: GUESS_WINDOW_MS,
    now: clock.now(),
  })
  if (outcome.kind === 'limited') {
    throw new Failure('rate_limited', {
      retryAfterSeconds: Math.ceil(outcome.retryAfterMs / 1000),
      reason: 'otp-guess',
    })
  }
  if (outcome.kind !== 'consumed') return refuse(`otp_${outcome.kind}`)
  if (settings.limitsOn) await store.limits.confirm(conversionKeys(phone), clock.now())
  return attempt
}
