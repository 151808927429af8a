import type { Account, Role } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { canonicalPhone } from '../../domain/phone.ts'
import { usernameKey } from '../../domain/username.ts'
import { originFields } from '../audit.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import { DEFAULT_APPLICATION_ID } from '../deps.ts'
import { maskPhone } from '../../domain/phone.ts'
import type { IssuedToken } from '../sessions/open.ts'
import { requireAccount, type SignInAttempt, type SignInDeps, type Step } from './attempt.ts'
import { findByUsername } from './find-account.ts'
import { limitAttempts } from './limit-attempts.ts'
import { issueTokens, openSignedInSession } from './finish.ts'
import { proveOtp } from './prove-otp.ts'
import { acceptPassword, requirePassword, verifyPassword } from './prove-password.ts'
import { requireActive } from './require-active.ts'

/**
 * The order of the checks of each way to sign in. What is looked up before a password is refused is the same
 * for every account and for none (E2); nothing is forgiven or written for an account before the last check
 * has passed (E1).
 */
export const SIGN_IN_STEPS = {
  password: [
    limitAttempts,
    findByUsername,
    verifyPassword,
    requirePassword,
    requireActive,
    acceptPassword,
    openSignedInSession,
  ],
  otp: [limitAttempts, proveOtp, requireActive, issueTokens],
} as const satisfies Record<string, readonly Step[]>

/** A try to sign in: by username and password, or by phone and code. */
export interface SignInRequest {
  readonly role: Role
  readonly origin: RequestOrigin
  readonly applicationId?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly number?: string | undefined
  readonly otp?: string | undefined
}

/** A sign-in that succeeded. */
export interface SignedIn {
  readonly account: Account
  readonly token: IssuedToken
  /** True when this sign-in created the account. */
  readonly created: boolean
}

const begin = ({ settings }: SignInDeps, request: SignInRequest): SignInAttempt => {
  const base = {
    role: request.role,
    applicationId: request.applicationId ?? DEFAULT_APPLICATION_ID,
    origin: request.origin,
  }
  if (request.number !== undefined && request.otp !== undefined) {
    return { ...base, phone: canonicalPhone(request.number, settings.defaultRegion), otp: request.otp }
  }
  return { ...base, usernameKey: usernameKey(request.username ?? ''), password: request.password ?? '' }
}

const stepsOf = (attempt: SignInAttempt): readonly Step[] =>
  attempt.phone === undefined ? SIGN_IN_STEPS.password : SIGN_IN_STEPS.otp

const recordFailure = ({ audit }: SignInDeps, attempt: SignInAttempt, error: unknown): void => {
  if (!(error instanceof Failure)) return
  audit.record({
    event: 'sign-in',
    outcome: 'failure',
    reason: error.reason ?? error.code,
    role: attempt.role,
    ...originFields(attempt.origin),
    ...(attempt.account === undefined ? {} : { targetId: attempt.account.id }),
    ...(attempt.phone === undefined ? {} : { phone: maskPhone(attempt.phone) }),
  })
}

/**
 * Signs in by username and password or by phone and code. Throws `invalid_credentials`, `rate_limited`,
 * `overloaded` or `invalid_phone`.
 */
export const createSignIn =
  (deps: SignInDeps) =>
  async (request: SignInRequest): Promise<SignedIn> => {
    let attempt = begin(deps, request)
    try {
      for (const step of stepsOf(attempt)) attempt = await step(deps, attempt)
    } catch (error) {
      recordFailure(deps, attempt, error)
      throw error
    }
    const account = requireAccount(attempt)
    const { role, origin, token } = attempt
    if (token === undefined) throw new Error('the last step of every sign-in opens a session')
    deps.audit.record({
      event: 'sign-in',
      outcome: 'success',
      actorId: account.id,
      role,
      ...originFields(origin),
    })
    return { account, token, created: attempt.created ?? false }
  }
