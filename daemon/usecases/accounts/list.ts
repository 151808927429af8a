import type { Account, AccountId, AccountStatus, Role } from '../../domain/account.ts'
import type { Principal } from '../../domain/session.ts'
import type { AccountPosition, AccountQuery } from '../../ports/stores/index.ts'
import { createBreather } from '../breather.ts'
import type { Deps } from '../deps.ts'

/** How many accounts one call looks at, at most, to find those that it wants. */
const MAX_EXAMINED = 2000
const STEP = 200

/** One page: `next` is the position to go on from, null at the end. */
export interface AccountPage {
  readonly items: Account[]
  readonly next: AccountPosition | null
}

/** The accounts that somebody dominates, as the store lists them. */
export const dominatedBy = ({
  role,
  path,
}: Pick<Account, 'role' | 'path'>): Pick<AccountQuery, 'below' | 'includeUsers'> => ({
  below: role === 'super-admin' ? null : path,
  includeUsers: role === 'super-admin' || role === 'admin',
})

/**
 * Goes through a list in its order and keeps what is wanted, until the page is full, the list ends, or enough
 * was looked at: then the page is short, and `next` goes on.
 */
export const createFilterAccounts =
  ({ store }: Pick<Deps, 'store'>) =>
  async (
    query: AccountQuery,
    {
      isWanted,
      prepare,
      maxExamined = MAX_EXAMINED,
    }: {
      isWanted: (account: Account) => boolean
      /** Reads what `isWanted` needs to know. */
      prepare?: (account: Account) => Promise<void>
      maxExamined?: number
    },
  ): Promise<AccountPage> => {
    const items: Account[] = []
    const breathe = createBreather()
    let { after } = query
    for (let examined = 0; examined < maxExamined;) {
      const step = Math.min(STEP, maxExamined - examined)
      const found = await store.accounts.list({ ...query, ...(after && { after }), limit: step })
      for (const account of found) {
        await breathe()
        await prepare?.(account)
        const wanted = isWanted(account)
        // A full page ends before the next one that belongs on it, so that the end is known as such.
        if (wanted && items.length === query.limit) return { items, next: after ?? null }
        if (wanted) items.push(account)
        after = { createdAt: account.createdAt, id: account.id }
      }
      examined += found.length
      if (found.length < step) return { items, next: null }
    }
    return { items, next: after ?? null }
  }

/** The filters of a list, and the position after which its page begins. */
export interface ListAccountsRequest {
  readonly principal: Principal
  readonly role?: Role | undefined
  readonly parentId?: string | undefined
  readonly status?: AccountStatus | undefined
  /** `name:value`. */
  readonly attribute?: string | undefined
  /** Part of what an account is known by. */
  readonly text?: string | undefined
  readonly after?: AccountPosition | undefined
  readonly limit: number
}

const hasAttribute = ({ attributes }: Account, wanted: string): boolean => {
  const at = wanted.indexOf(':')
  const name = wanted.slice(0, at)
  return Object.hasOwn(attributes, name) && String(attributes[name]) === wanted.slice(at + 1)
}

const hasText = ({ id, name, username, email, phone }: Account, wanted: string): boolean =>
  [id, name, username, email, phone].some((text) => text?.toLowerCase().includes(wanted) === true)

/** One page of the accounts that the caller dominates, oldest first. */
export const createListAccounts = (deps: Pick<Deps, 'store'>) => {
  const filter = createFilterAccounts(deps)
  return ({ principal, attribute, text, ...request }: ListAccountsRequest): Promise<AccountPage> => {
    const folded = text?.toLowerCase()
    const query: AccountQuery = {
      ...dominatedBy(principal.account),
      ...(request.role === undefined ? {} : { role: request.role }),
      ...(request.parentId === undefined ? {} : { parentId: request.parentId as AccountId }),
      ...(request.status === undefined ? {} : { status: request.status }),
      ...(request.after === undefined ? {} : { after: request.after }),
      limit: request.limit,
    }
    return filter(query, {
      isWanted: (account) =>
        (attribute === undefined || hasAttribute(account, attribute)) &&
        (folded === undefined || hasText(account, folded)),
    })
  }
}
