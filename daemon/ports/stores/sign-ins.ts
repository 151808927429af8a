import type { Account, Phone, Role } from '../../domain/account.ts'
import type { OtpRefusal } from '../../domain/otp.ts'
import type { Session } from '../../domain/session.ts'
import type { CodeAttempt } from './otps.ts'

/** A sign-in by a one-time code: the attempt at the code, and what follows if it was the right one. */
export interface CodeSignIn {
  readonly attempt: Omit<CodeAttempt, 'challengeId' | 'codeMac'>
  /** The MAC of the code that was typed, under a challenge. */
  readonly macOf: (challengeId: string) => string
  readonly role: Role
  /** The forms under which the account of the phone may be stored, the canonical one first. */
  readonly forms: readonly Phone[]
  /** Makes the account of a phone that has none; undefined: none is made. */
  readonly newcomer: (() => Account) | undefined
  /** Limits of which it is noted that a code was used (`LimitStore.confirm`). */
  readonly confirms: readonly string[]
  /** The session of an account that may sign in. Only what it made last is stored. */
  readonly sessionOf: (account: Account) => Session
  /** Live sessions of the account beyond which the oldest end. */
  readonly mostLive: number
}

/** How an attempt at a code was refused; `unknown`: no code was sent to the phone. */
export type CodeRefusal = OtpRefusal | { readonly kind: 'unknown' }

/** What a right code has led to. */
export interface CodeProof {
  readonly kind: 'proved'
  /** Undefined: the phone has no account of the role. */
  readonly account: Account | undefined
  readonly created: boolean
  /** The account and those above it, top first; empty where there is no account. */
  readonly lineage: readonly Account[]
  /** Stored; undefined where the account, or one above it, is not active. */
  readonly session: Session | undefined
}

/** Signs in as one step, what otherwise takes several verbs. */
export interface SignInStore {
  /**
   * One attempt at the present code of a phone (`OtpStore.consume`); `proved` for one caller only. The
   * account is found or made once the code is consumed, and if it and all above it are active, its session is
   * inserted (`SessionStore.insert`) and the wrong tries at its refresh key are cleared. When it resolves,
   * all of it is durable. A store without transactions consumes the code first: what dies in between costs
   * another code, and there is no session without a consumed code.
   */
  byCode(signIn: CodeSignIn): Promise<CodeRefusal | CodeProof>
}
