import type { Phone } from '../../domain/account.ts'
import type { OtpOutcome, OtpPurpose } from '../../domain/otp.ts'

/** A new code as it is stored: never the code itself. */
export interface NewOtp {
  readonly phone: Phone
  readonly purpose: OtpPurpose
  readonly applicationId: string
  /** Random, at least 128 bits; a part of what the code's MAC covers. */
  readonly challengeId: string
  readonly codeMac: string
  readonly now: number
  readonly expiresAt: number
  /** The code for the outgoing queue, encrypted under a key outside the store. */
  readonly sealedCode: string
  /** Until then only the caller may deliver it; afterwards `claimDeliveries` hands it out. */
  readonly deliverAfter: number
}

/** A code that waits to be sent. */
export interface OtpDelivery {
  readonly phone: Phone
  readonly purpose: OtpPurpose
  readonly applicationId: string
  readonly challengeId: string
  readonly sealedCode: string
  readonly expiresAt: number
  /** Claims of it before this one. */
  readonly attempts: number
}

/** Names a waiting code. */
export type DeliveryTarget = Pick<OtpDelivery, 'phone' | 'purpose' | 'challengeId'>

/** One attempt at a code, with what limits such attempts. */
export interface CodeAttempt {
  readonly phone: Phone
  readonly purpose: OtpPurpose
  readonly applicationId: string
  readonly challengeId: string
  readonly codeMac: string
  readonly maxTries: number
  readonly maxWrong: number
  readonly wrongWindowMs: number
  readonly now: number
}

/** Keeps one-time codes, their tries and their way to the phone. */
export interface OtpStore {
  /**
   * Makes this the one live code of (phone, purpose), replacing any other. Tries already used carry over
   * until the life of the first code of the run has passed or a code of it was consumed; only then do they
   * start at zero.
   */
  save(otp: NewOtp): Promise<void>
  /** The challenge whose code would be accepted now, if its tries are not used up. */
  find(phone: Phone, purpose: OtpPurpose): Promise<{ challengeId: string; applicationId: string } | undefined>
  /**
   * One attempt at a code, in one conditional write. `consumed`: challenge, application and MAC match, it is
   * live, within its tries, and was not consumed before; true for one caller only. `wrong`: a try was
   * counted. `exhausted`: its tries were used up before; nothing was evaluated. `absent`: there is no such
   * live challenge. `limited`: the phone has had `maxWrong` wrong evaluations within `wrongWindowMs` (counted
   * over all its codes, forgotten after a success); nothing was evaluated. Attempts that are not evaluated
   * count nowhere.
   */
  consume(attempt: CodeAttempt): Promise<OtpOutcome>
  /**
   * Takes up to `limit` undelivered live codes that are due, for `leaseMs`; no two callers get one within its
   * lease.
   */
  claimDeliveries(claim: { now: number; leaseMs: number; limit: number }): Promise<OtpDelivery[]>
  /**
   * Takes a code out of the queue, by erasing the sealed one, before it is handed to a provider. True for one
   * caller only; false when it was taken before, replaced or used. A caller that dies afterwards leaves a
   * code that nobody sends again.
   */
  beginDelivery(target: DeliveryTarget): Promise<boolean>
  /**
   * Puts a code that the provider has not taken back into the queue, until `retryAt`. Nothing happens if it
   * was replaced or used.
   */
  postponeDelivery(target: DeliveryTarget & { sealedCode: string; retryAt: number }): Promise<void>
}
