import { selectorsOf } from '../../../policies/invariants/index.ts'
import { newAccount, NOBODY_YET, ROLES, type Account, type AccountId } from '../../domain/account.ts'
import { namespacesAbove, type OwnedNamespace, type PolicySnapshot } from '../../domain/policy-snapshot.ts'
import { lineageIds } from '../../domain/tree.ts'
import type { AccountPosition, AccountStore } from '../../ports/stores/index.ts'
import { createBreather } from '../breather.ts'
import { createInvariantCheck, invariantsIn } from './invariants.ts'
import { accountsUnder, potentialAccountsUnder } from './touched.ts'

/** Where accounts are read. */
export type ReadAccounts = Pick<AccountStore, 'list' | 'get'>

/** An account that stands above one that may come to be. */
const potentialAncestor = (path: string, role: Account['role']): Account => {
  const plain = newAccount({ role, rowKey: NOBODY_YET, parent: null, now: 0 }, {})
  const ids = lineageIds(path)
  return { ...plain, id: NOBODY_YET as AccountId, path, parentId: ids.at(-2) ?? null }
}

/** Finds the accounts above others, nearest first; each is read once. */
const createAncestors = (accounts: Pick<ReadAccounts, 'get'>) => {
  const known = new Map<AccountId, Account | undefined>()
  const find = async (id: AccountId): Promise<Account | undefined> => {
    if (!known.has(id)) known.set(id, await accounts.get(id))
    return known.get(id)
  }
  /** Others stand below it: it need not be read again. */
  const keep = (account: Account): void => {
    if (ROLES[account.role].namespace === 'own') known.set(account.id, account)
  }
  const above = async ({ path, role }: Account): Promise<Account[]> => {
    const ids = lineageIds(path)
    const ancestors: Account[] = []
    let { parent } = ROLES[role]
    for (let depth = ids.length - 1; depth > 0 && parent !== null; depth--) {
      const id = ids[depth - 1]
      const isThere = id !== undefined && id !== NOBODY_YET
      const ancestor = isThere ? await find(id) : potentialAncestor(ids.slice(0, depth).join('/'), parent)
      if (ancestor !== undefined) ancestors.push(ancestor)
      parent = ROLES[parent].parent
    }
    return ancestors
  }
  return { above, keep }
}

/**
 * Invariants of a namespace and of those above it hold for every account below its owner, and for those that
 * may come to be, by all policies as they would be. What those above change is not bound by the invariants of
 * those below. Throws `invariant_broken`.
 */
export const requireInvariants = async (
  { home, after, now }: { home: OwnedNamespace; after: PolicySnapshot; now: number },
  accounts: ReadAccounts,
): Promise<void> => {
  const invariants = invariantsIn(after, [...home.above, home.name])
  if (invariants.length === 0) return
  const { look, finish } = createInvariantCheck(after, { invariants, now })
  const { above, keep } = createAncestors(accounts)
  const breathe = createBreather()
  const selectors = invariants.flatMap(({ rule }) => selectorsOf(rule))
  for (const account of potentialAccountsUnder(home, [after], selectors)) {
    await look(account, await above(account))
    await breathe()
  }
  for await (const account of accountsUnder(accounts, home)) {
    keep(account)
    if (!(await look(account, await above(account)))) break
    await breathe()
  }
  finish()
}

/** An account as it would be, and the policies in force. */
export interface AccountAfter {
  readonly snapshot: PolicySnapshot
  readonly account: Account
  /** Whether it does not exist yet: then nobody stands below it. */
  readonly isNew: boolean
  readonly now: number
}

const PAGE = 200

async function* accountsBelow(accounts: ReadAccounts, { path }: Account): AsyncGenerator<Account> {
  for (let after: AccountPosition | undefined; ;) {
    const page = await accounts.list({
      below: path,
      includeUsers: false,
      limit: PAGE,
      ...(after && { after }),
    })
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    after = { createdAt: last.createdAt, id: last.id }
  }
}

/**
 * Invariants of the namespaces above an account hold when it is created, or its policies, boundary or
 * attributes change: for it, and for those below, whose requests its layers are asked about. Throws
 * `invariant_broken`.
 */
export const requireInvariantsFor = async (
  { snapshot, account, isNew, now }: AccountAfter,
  accounts: ReadAccounts,
): Promise<void> => {
  const invariants = invariantsIn(snapshot, namespacesAbove(account))
  if (invariants.length === 0) return
  const { look, finish } = createInvariantCheck(snapshot, { invariants, now })
  const { above, keep } = createAncestors(accounts)
  keep(account)
  await look(account, await above(account))
  const breathe = createBreather()
  if (!isNew && ROLES[account.role].namespace === 'own')
    for await (const each of accountsBelow(accounts, account)) {
      keep(each)
      if (!(await look(each, await above(each)))) break
      await breathe()
    }
  finish()
}
