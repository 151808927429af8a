import type { Account, UsernameKey } from '../../domain/account.ts'
import type { SignInAttempt, SignInDeps, Step } from './attempt.ts'

const NO_NAME = '' as UsernameKey
const NO_PATH = ''

/** Looks the account up by username; an unknown one goes on, so that its password costs the same time. */
export const findByUsername: Step = async ({ store }, attempt) => ({
  ...attempt,
  ...(await store.accounts.findForPassword(attempt.role, attempt.usernameKey ?? NO_NAME)),
})

/**
 * The account and its ancestors; where there is none, as many others are looked up that nobody asks about.
 */
export const findLineage = async (
  { store }: Pick<SignInDeps, 'store'>,
  { account, path }: SignInAttempt,
): Promise<readonly Account[]> => {
  const lineage = await store.accounts.getLineage(account?.path ?? path ?? NO_PATH)
  return account === undefined ? [] : lineage
}
