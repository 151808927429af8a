import { RATE_LIMITS, takeLimits } from '../limits.ts'
import { nameMac, type Step } from './attempt.ts'

/**
 * Counts the attempt against the caller's address, and a password against the name it is tried at, before
 * anything is looked up. Wrong codes are counted where they are evaluated, so that nobody can use up the
 * guesses of a phone without a code to guess at.
 */
export const limitAttempts: Step = async (deps, attempt) => {
  const ip = attempt.origin.ip
  const ofName = attempt.phone === undefined ? [RATE_LIMITS.passwordGuess(nameMac(deps, attempt), ip)] : []
  await takeLimits(deps, [RATE_LIMITS.signInFrom(ip), ...ofName])
  return attempt
}
