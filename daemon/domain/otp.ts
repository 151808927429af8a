/** What a one-time code proves. A code of one purpose is worthless for another. */
export type OtpPurpose = 'sign-in'

/** How often one code can be tried (A3). */
export const MAX_OTP_TRIES = 5

/** Wrong guesses at one phone within a day, over all its codes (A6); a success starts the count anew. */
export const MAX_WRONG_GUESSES = 50
/** The time over which wrong guesses at one phone are counted. */
export const GUESS_WINDOW_MS = 24 * 3600 * 1000

/** How an attempt at a code ended; `consumed` aside, only `limited` looks different from outside. */
export type OtpOutcome = { readonly kind: 'consumed' } | OtpRefusal

/** How it ended where the code was not consumed. */
export type OtpRefusal =
  | { readonly kind: 'wrong' | 'exhausted' | 'absent' }
  | { readonly kind: 'limited'; readonly retryAfterMs: number }

/** What an attempt at a code is judged by. */
export interface OtpState {
  readonly applicationId: string
  readonly challengeId: string
  readonly expiresAt: number
  readonly consumedAt: number | null
  readonly tries: number
  readonly wrongCount: number
  readonly wrongUntil: number
}

/**
 * How an attempt at a code must end; `consumed` and `wrong` only if the store's conditional write finds the
 * code in this state still. `isRight` is asked last, and only of a code that may be evaluated.
 */
export const judgeAttempt = (
  code: OtpState | undefined,
  attempt: {
    readonly applicationId: string
    readonly challengeId: string
    readonly maxTries: number
    readonly maxWrong: number
    readonly now: number
  },
  isRight: () => boolean,
): OtpOutcome => {
  const isLive =
    code !== undefined &&
    code.challengeId === attempt.challengeId &&
    code.applicationId === attempt.applicationId &&
    code.consumedAt === null &&
    code.expiresAt > attempt.now
  if (!isLive) return { kind: 'absent' }
  if (code.wrongCount >= attempt.maxWrong && attempt.now < code.wrongUntil)
    return { kind: 'limited', retryAfterMs: code.wrongUntil - attempt.now }
  if (code.tries >= attempt.maxTries) return { kind: 'exhausted' }
  return { kind: isRight() ? 'consumed' : 'wrong' }
}
