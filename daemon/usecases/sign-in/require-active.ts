import { isActive } from '../../domain/session.ts'
import { refuse, requireAccount, type Step } from './attempt.ts'

/** Refuses an account that is disabled, or under a disabled ancestor. */
export const requireActive: Step = async ({ store }, attempt) => {
  const account = requireAccount(attempt)
  if (!isActive(await store.accounts.getLineage(account.path))) return refuse('not_active')
  return attempt
}
