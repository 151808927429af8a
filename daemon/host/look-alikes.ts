import { usernameSkeletons } from '../domain/confusables.ts'
import type { Account } from '../domain/account.ts'
import type { AccountPosition, AccountStore } from '../ports/stores/index.ts'
import type { HostCheck } from './checks.ts'

const PAGE = 1000
/** So many accounts are looked at: a few seconds. */
const MAX_ACCOUNTS = 200_000
/** So many pairs are told by name. */
const TOLD = 5

/** Two accounts whose usernames look alike, the older one first. */
export interface LookAlikes {
  readonly older: Account
  readonly newer: Account
}

/**
 * Usernames that look like an older one's (UTS 39): none can be made any more, but accounts from before that
 * was looked at keep theirs. `isWhole`: false where there are more accounts than are looked at.
 */
export const findLookAlikes = async (
  accounts: Pick<AccountStore, 'list'>,
): Promise<{ readonly found: readonly LookAlikes[]; readonly isWhole: boolean }> => {
  const first = new Map<string, Account>()
  const found: LookAlikes[] = []
  let after: AccountPosition | undefined
  for (let seen = 0; seen < MAX_ACCOUNTS; seen += PAGE) {
    const query = { below: null, includeUsers: false, limit: PAGE }
    const page = await accounts.list(after === undefined ? query : { ...query, after })
    for (const account of page) {
      const { username, usernameKey } = account
      if (usernameKey === null) continue
      const skeletons = usernameSkeletons(username ?? usernameKey, usernameKey)
      const older = skeletons.map((skeleton) => first.get(skeleton)).find((known) => known !== undefined)
      if (older !== undefined) found.push({ older, newer: account })
      for (const skeleton of skeletons) if (!first.has(skeleton)) first.set(skeleton, account)
    }
    after = page.at(-1)
    if (page.length < PAGE) return { found, isWhole: true }
  }
  return { found, isWhole: false }
}

const named = ({ id, username, usernameKey }: Account): string => `${username ?? usernameKey ?? ''} (${id})`

/** Warns of usernames that look alike (H9). */
export const checkLookAlikes = async (accounts: Pick<AccountStore, 'list'>): Promise<HostCheck> => {
  const { found, isWhole } = await findLookAlikes(accounts)
  const within = isWhole ? '' : `, among the first ${MAX_ACCOUNTS} accounts`
  if (found.length === 0)
    return { name: 'usernames', status: 'ok', detail: `no two usernames look alike${within}` }
  const told = found.slice(0, TOLD).map(({ older, newer }) => `${named(newer)} like ${named(older)}`)
  const more = found.length > TOLD ? `, and ${found.length - TOLD} more` : ''
  return {
    name: 'usernames',
    status: 'warn',
    detail: `usernames look alike${within}: ${told.join(', ')}${more}`,
    fix: 'Find out whose they are, and disable those that pretend to be somebody else.',
  }
}
