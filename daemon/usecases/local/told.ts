import type { AccountId, KnownAccount } from '../../domain/account.ts'
import {
  canHaveOthersBelow,
  concerns,
  lifeOf,
  type ApplicationLife,
  type EndedTokens,
  type LocalChanges,
} from '../../domain/local/changes.ts'
import { revokedTokenOf } from '../access/revocation.ts'
import { FOR_EVER, type Change, type Store } from '../../ports/stores/index.ts'

/** More than that are not named: then what lies between counts as not known. */
export const MOST_BELOW = 5000
const PAGE = 1000

/** What is read to tell of changes, once for all who are told. */
export interface Looked {
  /** The accounts below those that were disabled, whose tokens ended with theirs; null: too many to name. */
  readonly endedBelow: ReadonlyMap<string, readonly string[] | null>
  /** What the applications live by that changed. */
  readonly lives: ReadonlyMap<string, ApplicationLife>
}

interface AskedStore {
  readonly accounts: Pick<Store['accounts'], 'get' | 'list'>
  readonly applications: Pick<Store['applications'], 'get'>
}

const idsBelow = async (
  { accounts }: Pick<AskedStore, 'accounts'>,
  path: string,
  most: number,
): Promise<string[] | null> => {
  const ids: string[] = []
  let after: { createdAt: number; id: AccountId } | undefined
  while (ids.length <= most) {
    const page = await accounts.list({
      below: path,
      includeUsers: false,
      limit: PAGE,
      ...(after && { after }),
    })
    ids.push(...page.map(({ id }) => id))
    const last = page.at(-1)
    if (page.length < PAGE || last === undefined) break
    after = { createdAt: last.createdAt, id: last.id }
  }
  return ids.length > most ? null : ids
}

/**
 * Finds who has ended with those that have, as all below an account are disabled with it, up to `mostBelow`
 * of them; and by what the applications live that changed.
 */
export const lookAround = async (
  store: AskedStore,
  changes: readonly Change[],
  mostBelow: number,
): Promise<Looked> => {
  const endedBelow = new Map<string, string[] | null>()
  const lives = new Map<string, ApplicationLife>()
  for (const change of changes) {
    if (change.kind === 'application' && !lives.has(change.id))
      lives.set(change.id, lifeOf(change.id, await store.applications.get(change.id)))
    if (change.kind !== 'account' || change.endedAt === null || !canHaveOthersBelow(change.id)) continue
    const account = await store.accounts.get(change.id)
    if (account?.status === 'disabled')
      endedBelow.set(change.id, await idsBelow(store, change.path, mostBelow))
  }
  return { endedBelow, lives }
}

/** The latest of each id. */
const latest = (ended: readonly EndedTokens[]): EndedTokens[] => {
  const byId = new Map<string, number>()
  for (const { id, at } of ended) byId.set(id, Math.max(at, byId.get(id) ?? 0))
  return [...byId].map(([id, at]) => ({ id, at }))
}

/** The part of the changes that concerns applications of an owner. */
export const toldTo = (
  owner: Pick<KnownAccount, 'id' | 'role' | 'path'>,
  changes: readonly Change[],
  { endedBelow, lives }: Looked,
): Pick<LocalChanges, 'isReset' | 'accounts' | 'applications' | (`ended${string}` & keyof LocalChanges)> => {
  const accounts = new Set<string>()
  const endedAccounts: EndedTokens[] = []
  const endedSessions: EndedTokens[] = []
  const endedTokens: EndedTokens[] = []
  const applications = new Map<string, ApplicationLife>()
  let isReset = false

  const endAccount = (id: AccountId, at: number): void => {
    endedAccounts.push({ id, at: Math.min(at, FOR_EVER) })
    const below = endedBelow.get(id)
    if (below === null) isReset = true
    else endedAccounts.push(...(below ?? []).map((each) => ({ id: each, at })))
  }
  const tell = (change: Exclude<Change, { kind: 'head' | 'unknown' }>): void => {
    if (change.kind === 'session') endedSessions.push({ id: change.id, at: change.endedAt })
    else if (change.kind === 'spent') {
      const id = revokedTokenOf(change.key)
      if (id !== undefined) endedTokens.push({ id, at: change.expiresAt })
    } else if (change.kind === 'application') {
      const life = lives.get(change.id)
      if (life !== undefined) applications.set(change.id, life)
    } else {
      accounts.add(change.id)
      if (change.endedAt !== null) endAccount(change.id, change.endedAt)
    }
  }

  for (const change of changes) {
    if (change.kind === 'unknown') isReset = true
    else if (change.kind !== 'head' && concerns(owner, change.path)) tell(change)
  }
  return {
    accounts: [...accounts],
    endedAccounts: latest(endedAccounts),
    endedSessions: latest(endedSessions),
    endedTokens: latest(endedTokens),
    applications: [...applications.values()],
    isReset,
  }
}
