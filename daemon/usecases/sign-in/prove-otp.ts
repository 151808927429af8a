import { MAX_OTP_TRIES } from '../../domain/otp.ts'
import { forgetLimit, LIMITS } from '../limits.ts'
import { refuse, type Step } from './attempt.ts'

/**
 * Consumes the one-time code: the challenge is read for its id, then one conditional write decides. A code that was replaced in between does
 * not match any more.
 */
export const proveOtp: Step = async (deps, attempt) => {
  const { store, vault, clock } = deps
  const { phone, otp, clientId } = attempt
  if (phone === undefined || otp === undefined) return refuse('no_code')
  const purpose = 'sign-in'
  const challenge = await store.otps.find(phone, purpose)
  if (challenge === undefined) return refuse('no_challenge')
  const { challengeId } = challenge
  const outcome = await store.otps.consume({
    phone,
    purpose,
    clientId,
    challengeId,
    codeMac: vault.otpMac({ challengeId, phone, purpose, code: otp }),
    maxTries: MAX_OTP_TRIES,
    now: clock.now(),
  })
  if (outcome !== 'consumed') return refuse(`otp_${outcome}`)
  await forgetLimit(deps, LIMITS.otpGuess(phone))
  return attempt
}
