import type { Phone } from '../domain/account.ts'
import type { OtpPurpose } from '../domain/otp.ts'

/** A code on its way to a phone. It is a secret until it expires. */
export interface SmsMessage {
  readonly phone: Phone
  readonly code: string
  readonly purpose: OtpPurpose
  readonly expiresAt: number
}

/**
 * `rejected`: the number is wrong, do not retry · `throttled`, `unavailable`: try later · `misconfigured`:
 * the operator must act. `detail` is for the log: it never holds the number, the code or a key.
 * `needsOperator` marks a failure that may pass, but only when the operator does something (an empty wallet):
 * it is tried again and raises the same alert as `misconfigured`.
 */
export type SmsOutcome =
  | { readonly kind: 'sent'; readonly providerId: string | null }
  | {
      readonly kind: 'rejected' | 'throttled' | 'unavailable' | 'misconfigured'
      readonly detail: string
      readonly needsOperator?: true
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
