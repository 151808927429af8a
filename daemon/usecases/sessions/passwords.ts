import { Failure } from '../../domain/failure.ts'
import { isHashable, passwordForm, requireAcceptablePassword } from '../../domain/password.ts'
import type { SignedIn } from '../../domain/session.ts'
import { actorFields } from '../audit.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Deps } from '../deps.ts'
import { orFail } from '../store-failures.ts'
import { forgetLimit, RATE_LIMITS, takeLimits } from '../limits.ts'

/** The present password and the new one. */
export interface ChangePasswordRequest {
  readonly principal: SignedIn
  readonly currentPassword: string
  readonly newPassword: string
  readonly origin: RequestOrigin
}

const refuse = (reason: string): never => {
  throw new Failure('invalid_credentials', { reason })
}

/** Passwords of accounts that have one. */
export const createPasswords = (deps: Pick<Deps, 'store' | 'clock' | 'hasher' | 'audit' | 'settings'>) => {
  /**
   * Changes the caller's password. The one write that does it raises the account's epoch, which ends every
   * session and the refresh key; then this session is moved to the new epoch. Killed in between, the caller
   * signs in again with the new password.
   */
  const change = async ({
    principal,
    currentPassword,
    newPassword,
    origin,
  }: ChangePasswordRequest): Promise<void> => {
    const { store, hasher, clock, audit } = deps
    const { account, session } = principal
    const about = actorFields(principal, origin)
    const to = requireAcceptablePassword(newPassword, {
      pointer: '/new_password',
      context: { ...account, serviceNames: deps.settings.serviceNames },
    })
    await takeLimits(deps, [RATE_LIMITS.passwordChange(account.id)], origin)
    const form = passwordForm(currentPassword)
    const { passwordHash: from = null } = (await store.accounts.get(account.id)) ?? {}
    if (from === null || !isHashable(form) || !(await hasher.verify(form, from))) {
      audit.record({ event: 'password-change', outcome: 'failure', reason: 'wrong_password', ...about })
      return refuse('wrong_password')
    }
    const hash = await hasher.hash(to)
    const replacement = { id: account.id, from, to: hash, keepEpoch: false, now: clock.now() }
    const changed = await orFail(store.accounts.setPasswordHash(replacement), {
      stale: { code: 'invalid_credentials', reason: 'changed_meanwhile' },
    })
    await store.sessions.setEpoch(session.id, changed.epoch)
    await forgetLimit(deps, RATE_LIMITS.passwordChange(account.id))
    audit.record({ event: 'password-change', outcome: 'success', ...about })
  }

  return { change }
}
