import type { Phone } from '../domain/account.ts'
import type { OtpPurpose } from '../domain/otp.ts'

/** A code on its way to a phone. It is a secret until it expires. */
export interface SmsMessage {
  /** Names this code to a receiver: the same for every try at it, and for no other code. */
  readonly id: string
  readonly phone: Phone
  readonly code: string
  readonly purpose: OtpPurpose
  /** The application that the code signs in to. */
  readonly applicationId: string
  readonly expiresAt: number
  /** What the request to the provider carries, so that it joins the trace of the request for the code. */
  readonly traceparent?: string
}

/**
 * `sent`: the provider took it · `rejected`: the number is wrong, do not retry · `throttled`: not taken, and
 * a quick retry would make it worse · `unavailable`: not taken, try later · `misconfigured`: not taken, the
 * operator must act · `unknown`: the request went out, and no answer says what became of it; the message may
 * be on its way, so it is never sent again.
 *
 * `detail` is for the log: it never holds the number, the code or a key. `needsOperator` marks a failure
 * that may pass, but only when the operator does something (an empty wallet): it is tried again and raises
 * the same alert as `misconfigured`. `isSilent` marks a provider that gave no answer at all: it is down for
 * everybody, where an answer may be about one number. `retryAfterMs` is when the next try makes sense.
 */
export type SmsOutcome =
  | { readonly kind: 'sent'; readonly providerId: string | null }
  | {
      readonly kind: 'rejected' | 'throttled' | 'unavailable' | 'misconfigured' | 'unknown'
      readonly detail: string
      readonly needsOperator?: true
      readonly isSilent?: true
      readonly retryAfterMs?: number
    }

/**
 * Sends one code to one canonical number. Never throws: every way it can end is an outcome. Bounded in time
 * by itself (at most 10 s).
 */
export interface SmsSender {
  readonly name: string
  send(message: SmsMessage): Promise<SmsOutcome>
  /** What is left in the provider's wallet, in its currency; undefined when it does not tell. */
  walletBalance?(): Promise<number | undefined>
  close?(): Promise<void>
}
