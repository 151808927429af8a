/** What a one-time code proves. A code of one purpose is worthless for another. */
export type OtpPurpose = 'sign-in' | 'change-phone'

export const MAX_OTP_TRIES = 5

/** How an attempt at a code ended; all but `consumed` look the same from outside. */
export type OtpOutcome = 'consumed' | 'wrong' | 'exhausted' | 'absent'
