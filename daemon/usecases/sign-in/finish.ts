import { openSession } from '../sessions/open.ts'
import { requireAccount, type Step } from './attempt.ts'

/** Opens the session and clears the count of wrong refresh keys: this was a full sign-in. */
export const openSignedInSession: Step = async (deps, attempt) => {
  const account = requireAccount(attempt)
  await deps.store.refreshKeys.unlock(account.id)
  const { token } = await openSession(deps, {
    account,
    applicationId: attempt.applicationId,
    origin: attempt.origin,
  })
  return { ...attempt, token }
}
