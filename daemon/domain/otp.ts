/** What a one-time code proves. A code of one purpose is worthless for another. */
export type OtpPurpose = 'sign-in' | 'change-phone'

export const MAX_OTP_TRIES = 5

/** Wrong guesses at one phone within a day, over all its codes (security.md A6); a success starts the count anew. */
export const MAX_WRONG_GUESSES = 50
export const GUESS_WINDOW_MS = 24 * 3600 * 1000

/** How an attempt at a code ended; `consumed` aside, only `limited` looks different from outside. */
export type OtpOutcome =
  | { readonly kind: 'consumed' | 'wrong' | 'exhausted' | 'absent' }
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
