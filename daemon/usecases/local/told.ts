import type { AccountId, KnownAccount } from '../../domain/account.ts'
import {
  canHaveOthersBelow,
  concerns,
  type EndedTokens,
  type LocalChanges,
} from '../../domain/local/changes.ts'
import { FOR_EVER, type Change, type Store } from '../../ports/stores/index.ts'

/** More than that are not told: tokens of the others end by themselves. */
const MOST_BELOW = 5000
const PAGE = 1000

/** The accounts below those that were disabled, whose tokens ended with theirs. */
export type EndedBelow = ReadonlyMap<string, readonly string[]>

interface AskedStore {
  readonly accounts: Pick<Store['accounts'], 'get' | 'list'>
}

const idsBelow = async (store: AskedStore, path: string): Promise<string[]> => {
  const ids: string[] = []
  let after: { createdAt: number; id: AccountId } | undefined
  while (ids.length < MOST_BELOW) {
    const page = await store.accounts.list({
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
  return ids
}

/** Finds who has ended with those that have: where an account is disabled, all below it are. */
export const findEndedBelow = async (store: AskedStore, changes: readonly Change[]): Promise<EndedBelow> => {
  const found = new Map<string, string[]>()
  for (const change of changes) {
    if (change.kind !== 'account' || change.endedAt === null || !canHaveOthersBelow(change.id)) continue
    const account = await store.accounts.get(change.id)
    if (account?.status === 'disabled') found.set(change.id, await idsBelow(store, change.path))
  }
  return found
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
  below: EndedBelow,
): Pick<LocalChanges, 'accounts' | 'endedAccounts' | 'endedSessions' | 'isReset'> => {
  const accounts = new Set<string>()
  const endedAccounts: EndedTokens[] = []
  const endedSessions: EndedTokens[] = []
  for (const change of changes) {
    if (change.kind === 'head' || change.kind === 'unknown' || !concerns(owner, change.path)) continue
    if (change.kind === 'session') {
      endedSessions.push({ id: change.id, at: change.endedAt })
      continue
    }
    accounts.add(change.id)
    const { endedAt: at } = change
    if (at === null) continue
    endedAccounts.push({ id: change.id, at: Math.min(at, FOR_EVER) })
    endedAccounts.push(...(below.get(change.id) ?? []).map((id) => ({ id, at })))
  }
  return {
    accounts: [...accounts],
    endedAccounts: latest(endedAccounts),
    endedSessions: latest(endedSessions),
    isReset: changes.some(({ kind }) => kind === 'unknown'),
  }
}
