import { isHashable, passwordForm } from '../../domain/password.ts'
import type { Account } from '../../domain/account.ts'
import { forgetLimit, passwordThrottle, RATE_LIMITS } from '../limits.ts'
import { findLineage } from './find-account.ts'
import { nameMac, refuse, requireAccount, type SignInDeps, type Step } from './attempt.ts'

/** Raises an old hash to today's parameters; losing the race to a password change is fine. */
const upgradeHash = async (
  { store, hasher, clock }: SignInDeps,
  account: Account,
  form: string,
): Promise<void> => {
  const from = account.passwordHash
  if (from === null || !hasher.needsRehash(from)) return
  const change = { id: account.id, from, to: await hasher.hash(form), keepEpoch: true, now: clock.now() }
  await store.accounts.setPasswordHash(change).catch(() => undefined)
}

/**
 * Verifies the password, looks the ancestors up meanwhile, and says nothing yet: unknown accounts, and those
 * without a password, take the same time.
 */
export const verifyPassword: Step = async (deps, attempt) => {
  const form = passwordForm(attempt.password ?? '')
  if (!isHashable(form)) return refuse('password_too_long')
  const [isProved, lineage] = await Promise.all([
    deps.hasher.verify(form, attempt.account?.passwordHash ?? null),
    findLineage(deps, attempt),
  ])
  return { ...attempt, isProved, lineage }
}

/** Refuses an unknown account and a wrong password. */
export const requirePassword: Step = (_deps, attempt) => {
  requireAccount(attempt)
  return attempt.isProved === true ? Promise.resolve(attempt) : refuse('wrong_password')
}

/** What a right password changes: the wrong ones before it are forgotten, and an old hash is raised. */
export const acceptPassword: Step = async (deps, attempt) => {
  const name = nameMac(deps, attempt)
  const forgiven = [RATE_LIMITS.passwordGuess(name, attempt.origin.ip), passwordThrottle(name)]
  await Promise.all(forgiven.map((limit) => forgetLimit(deps, limit)))
  await upgradeHash(deps, requireAccount(attempt), passwordForm(attempt.password ?? ''))
  return attempt
}
