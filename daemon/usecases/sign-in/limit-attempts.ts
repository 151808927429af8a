import { passwordThrottle, RATE_LIMITS, takeLimits, takeThrottle } from '../limits.ts'
import { nameMac, type Step } from './attempt.ts'

/**
 * Counts the attempt against the caller's address, and a password against the name it is tried at, from this
 * address and from all together, before anything is looked up. Wrong codes are counted where they are
 * evaluated, so that nobody can use up the guesses of a phone without a code to guess at.
 */
export const limitAttempts: Step = async (deps, attempt) => {
  const fromAddress = RATE_LIMITS.signInFrom(attempt.origin.ip)
  if (attempt.phone !== undefined) {
    const codes = RATE_LIMITS.otpVerifyFrom(attempt.origin.ip, deps.settings.otpVerifiesPerAddress)
    await takeLimits(deps, [fromAddress, codes], attempt.origin)
    return attempt
  }
  const name = nameMac(deps, attempt)
  // What one address has used up does not count for the others: they would wait for it.
  await takeLimits(deps, [fromAddress, RATE_LIMITS.passwordGuess(name, attempt.origin.ip)], attempt.origin)
  await takeThrottle(deps, passwordThrottle(name))
  return attempt
}
