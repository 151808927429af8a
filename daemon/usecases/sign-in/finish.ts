import { issueAccessToken, openSession } from '../sessions/open.ts'
import { requireAccount, type Step } from './attempt.ts'

/** Opens the session and clears the count of wrong refresh keys: this was a full sign-in. */
export const openSignedInSession: Step = async (deps, attempt) => {
  const account = requireAccount(attempt)
  const { applicationId, origin } = attempt
  const [{ token }] = await Promise.all([
    openSession(deps, { account, applicationId, origin }),
    deps.store.refreshKeys.unlock(account.id),
  ])
  return { ...attempt, token }
}

/** The tokens of the session that a code has opened. */
export const issueTokens: Step = (deps, attempt) => {
  const { opened } = attempt
  if (opened === undefined) throw new Error('the code of an active account has opened a session')
  const access = issueAccessToken(deps, opened.session, requireAccount(attempt))
  return Promise.resolve({ ...attempt, token: { ...access, refreshToken: opened.refreshToken } })
}
