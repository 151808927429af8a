import { LIMITS, takeLimits } from '../limits.ts'
import type { Step } from './attempt.ts'

/** Counts the attempt against the caller's address and against the secret it guesses at, before anything is looked up. */
export const limitAttempts: Step = async (deps, attempt) => {
  const ip = attempt.origin.ip ?? 'unknown'
  const guessed =
    attempt.phone === undefined
      ? LIMITS.passwordGuess(attempt.role, attempt.usernameKey ?? '', ip)
      : LIMITS.otpGuess(attempt.phone)
  await takeLimits(deps, [LIMITS.signInFrom(ip), guessed])
  return attempt
}
