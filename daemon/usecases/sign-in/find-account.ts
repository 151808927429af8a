import type { UsernameKey } from '../../domain/account.ts'
import type { Step } from './attempt.ts'

const NO_NAME = '' as UsernameKey
const NO_PATH = ''

/** Looks the account up by username; an unknown one goes on, so that its password costs the same time. */
export const findByUsername: Step = async ({ store }, attempt) => ({
  ...attempt,
  ...(await store.accounts.findForPassword(attempt.role, attempt.usernameKey ?? NO_NAME)),
})

/** Looks up the account and its ancestors; where there is none, as many others that nobody asks about. */
export const findLineage: Step = async ({ store }, attempt) => {
  const lineage = await store.accounts.getLineage(attempt.account?.path ?? attempt.path ?? NO_PATH)
  return { ...attempt, lineage: attempt.account === undefined ? [] : lineage }
}
