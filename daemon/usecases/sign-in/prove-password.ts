import { isHashable, passwordForm } from '../../domain/password.ts'
import type { Account } from '../../domain/account.ts'
import { forgetLimit, RATE_LIMITS } from '../limits.ts'
import { nameMac, refuse, type SignInDeps, type Step } from './attempt.ts'

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
 * Verifies the password; unknown accounts, and those without a password, take the same time and the same
 * answer.
 */
export const provePassword: Step = async (deps, attempt) => {
  const form = passwordForm(attempt.password ?? '')
  if (!isHashable(form)) return refuse('password_too_long')
  const matches = await deps.hasher.verify(form, attempt.account?.passwordHash ?? null)
  if (attempt.account === undefined) return refuse('unknown_account')
  if (!matches) return refuse('wrong_password')
  await forgetLimit(deps, RATE_LIMITS.passwordGuess(nameMac(deps, attempt), attempt.origin.ip))
  await upgradeHash(deps, attempt.account, form)
  return attempt
}
