import { newAccount, type Account, type Phone } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { GUESS_WINDOW_MS, MAX_OTP_TRIES, MAX_WRONG_GUESSES } from '../../domain/otp.ts'
import { storedForms } from '../../domain/phone.ts'
import { conversionKeys } from '../../domain/sms-budget.ts'
import type { CodeRefusal } from '../../ports/stores/index.ts'
import { newSession, type NewSession } from '../sessions/open.ts'
import { refuse, type SignInAttempt, type SignInDeps, type Step } from './attempt.ts'

const PURPOSE = 'sign-in'

/** What end users are born as, by the first proof of their phone; the others are made by those above them. */
const newcomerOf = (
  { random, clock }: SignInDeps,
  { role }: SignInAttempt,
  phone: Phone,
): (() => Account) | undefined => {
  if (role !== 'user') return undefined
  return () => {
    const now = clock.now()
    return newAccount({ role, rowKey: random.rowKey(now), parent: null, now }, { phone })
  }
}

const refuseCode = (outcome: CodeRefusal): never => {
  if (outcome.kind === 'limited')
    throw new Failure('rate_limited', {
      retryAfterSeconds: Math.ceil(outcome.retryAfterMs / 1000),
      reason: 'otp-guess',
    })
  return refuse(outcome.kind === 'unknown' ? 'no_challenge' : `otp_${outcome.kind}`)
}

/**
 * Consumes the one-time code, finds or makes the account, and opens a session for it if it is active: one
 * step of the store, so that no code is used up for nothing where that can be helped. Whether there was an
 * active account is told by the next check.
 */
export const proveOtp: Step = async (deps, attempt) => {
  const { store, vault, clock, settings } = deps
  const { phone, otp: code, role, applicationId, origin } = attempt
  if (phone === undefined || code === undefined) return refuse('no_code')
  let made: NewSession | undefined
  const outcome = await store.signIns.byCode({
    attempt: {
      phone,
      purpose: PURPOSE,
      applicationId,
      maxTries: MAX_OTP_TRIES,
      maxWrong: settings.limitsOn ? MAX_WRONG_GUESSES : Number.MAX_SAFE_INTEGER,
      wrongWindowMs: GUESS_WINDOW_MS,
      now: clock.now(),
    },
    macOf: (challengeId) => vault.otpMac({ challengeId, phone, purpose: PURPOSE, code }),
    role,
    forms: storedForms(phone),
    newcomer: newcomerOf(deps, attempt, phone),
    confirms: settings.limitsOn ? conversionKeys(phone) : [],
    sessionOf: (account) => {
      made = newSession(deps, { account, applicationId, origin })
      return made.session
    },
    mostLive: settings.maxSessions,
  })
  if (outcome.kind !== 'proved') return refuseCode(outcome)
  const { account, created, lineage, session } = outcome
  return { ...attempt, account, created, lineage, opened: session && made }
}
