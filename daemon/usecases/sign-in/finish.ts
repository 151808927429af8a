import { isActive } from '../../domain/session.ts'
import { issueAccessToken, openSession } from '../sessions/open.ts'
import { refuse, requireAccount, type Step } from './attempt.ts'

/**
 * Opens the session and clears the count of wrong refresh keys: this was a full sign-in. The account is
 * looked at again meanwhile. One that was changed while its password was hashed gets nothing: its password
 * may be another by now.
 */
export const openSignedInSession: Step = async (deps, attempt) => {
  const { store, clock } = deps
  const account = requireAccount(attempt)
  const { applicationId, origin } = attempt
  const [{ session, token }, lineage] = await Promise.all([
    openSession(deps, { account, applicationId, origin }),
    store.accounts.getLineage(account.path),
    store.refreshKeys.unlock(account.id),
  ])
  const present = lineage.at(-1)
  if (present?.id === account.id && present.epoch === account.epoch && isActive(lineage))
    return { ...attempt, token }
  await store.sessions.revoke({ id: session.id, accountId: account.id, now: clock.now() })
  return refuse('changed_meanwhile')
}

/** The tokens of the session that a code has opened. */
export const issueTokens: Step = (deps, attempt) => {
  const { opened } = attempt
  if (opened === undefined) throw new Error('the code of an active account has opened a session')
  const access = issueAccessToken(deps, opened.session, requireAccount(attempt))
  return Promise.resolve({ ...attempt, token: { ...access, refreshToken: opened.refreshToken } })
}
