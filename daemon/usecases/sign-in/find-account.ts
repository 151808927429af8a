import { newAccount, type Phone, type Role, type UsernameKey } from '../../domain/account.ts'
import { storedForms } from '../../domain/phone.ts'
import type { AccountStore } from '../../ports/stores/index.ts'
import { refuse, type Step } from './attempt.ts'

const NO_NAME = '' as UsernameKey
const NO_PATH = ''

/** Looks the account up by username; an unknown one goes on, so that its password costs the same time. */
export const findByUsername: Step = async ({ store }, attempt) => ({
  ...attempt,
  ...(await store.accounts.findForPassword(attempt.role, attempt.usernameKey ?? NO_NAME)),
})

const findByAnyForm = async (accounts: AccountStore, role: Role, phone: Phone) => {
  for (const form of storedForms(phone)) {
    const account = await accounts.findByPhone(role, form)
    if (account !== undefined) return account
  }
  return undefined
}

/** Looks the account up by phone, after the code has proved the phone. */
export const findByPhone: Step = async ({ store }, attempt) => ({
  ...attempt,
  account: attempt.phone && (await findByAnyForm(store.accounts, attempt.role, attempt.phone)),
})

/** The end user of a proven phone, created by the first proof. */
export const findOrCreateUser: Step = async ({ store: { accounts }, random, clock }, attempt) => {
  const existing = attempt.phone && (await findByAnyForm(accounts, 'user', attempt.phone))
  if (existing) return { ...attempt, account: existing, created: false }
  const now = clock.now()
  const user = newAccount(
    { role: 'user', rowKey: random.rowKey(now), parent: null, now },
    { phone: attempt.phone ?? refuse('no_phone') },
  )
  return { ...attempt, ...(await accounts.getOrInsertUser(user)) }
}

/**
 * Looks up the account and its ancestors; where there is none, as many others that nobody asks about. One
 * that
 * was found by a proven phone a moment ago, and has nobody above it, is not read again.
 */
export const findLineage: Step = async ({ store }, attempt) => {
  const { account, phone, path = NO_PATH } = attempt
  if (phone !== undefined && account?.parentId === null) return { ...attempt, lineage: [account] }
  const lineage = await store.accounts.getLineage(account?.path ?? path)
  return { ...attempt, lineage: account === undefined ? [] : lineage }
}
