import { withoutHash, type Account, type AccountId, type KnownAccount } from '../../domain/account.ts'
import { lineageIds } from '../../domain/tree.ts'
import { LIVE, toAccount } from './account-documents.ts'
import type { Collections } from './collections.ts'
import { createDocumentLoader } from './loader.ts'

/** Paths that are remembered; those of accounts that were not asked for lately are found again. */
const MOST_PATHS = 10_000

const isThere = <T>(each: T | undefined): each is T => each !== undefined

/**
 * Reads accounts by id, with those above them. Where an account stands never changes, so that its path is
 * remembered, and with it the ids to ask for: nothing of what is answered is, each account is read each time.
 */
export const createLineages = ({ accounts }: Pick<Collections, 'accounts'>) => {
  const load = createDocumentLoader(accounts, LIVE, toAccount)
  const paths = new Map<AccountId, string>()

  const remember = ({ id, path }: Account): void => {
    const oldest = paths.keys().next().value
    if (paths.size >= MOST_PATHS && oldest !== undefined) paths.delete(oldest)
    paths.set(id, path)
  }

  const loadAll = (ids: readonly AccountId[]): Promise<(Account | undefined)[]> =>
    Promise.all(ids.map((id) => load(id)))

  return {
    /** One account. */
    load,

    /** The accounts on a path that exist, top first. */
    onPath: async (path: string): Promise<Account[]> => (await loadAll(lineageIds(path))).filter(isThere),

    /**
     * An account and those above it that exist, top first; empty where it does not exist. One query, but for
     * an account with others above it that this process has not met lately.
     */
    of: async (id: AccountId): Promise<KnownAccount[]> => {
      const known = paths.get(id)
      const found = await loadAll(known === undefined ? [id] : lineageIds(known))
      const account = found.at(-1)
      if (account === undefined) return []
      if (account.parentId === null || account.path === known) return found.filter(isThere).map(withoutHash)
      remember(account)
      const above = await loadAll(lineageIds(account.path).slice(0, -1))
      return [...above, account].filter(isThere).map(withoutHash)
    },
  }
}

/** Reads accounts by id, with those above them. */
export type Lineages = ReturnType<typeof createLineages>
