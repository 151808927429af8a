import type { Account, AccountId } from '../../domain/account.ts'
import { ID_PREFIX } from '../../domain/account.ts'
import type { Deps } from '../deps.ts'
import { refuse, type SignInAttempt, type Step } from './attempt.ts'

/** Looks the account up by username; an unknown one goes on, so that its password costs the same time. */
export const findByUsername: Step = async ({ store }, attempt) => ({
  ...attempt,
  account: attempt.usernameKey && (await store.accounts.findByUsername(attempt.role, attempt.usernameKey)),
})

/** Looks the account up by phone, after the code has proved the phone. */
export const findByPhone: Step = async ({ store }, attempt) => ({
  ...attempt,
  account: attempt.phone && (await store.accounts.findByPhone(attempt.role, attempt.phone)),
})

const newUser = ({ random, clock }: Deps, { phone }: SignInAttempt): Account => {
  const now = clock.now()
  const id = `${ID_PREFIX.user}_${random.rowKey(now)}` as AccountId
  return {
    id,
    role: 'user',
    name: null,
    username: null,
    usernameKey: null,
    phone: phone ?? refuse('no_phone'),
    email: null,
    parentId: null,
    path: id,
    status: 'active',
    attributes: {},
    policies: [],
    boundary: null,
    passwordHash: null,
    epoch: 1,
    createdAt: now,
    updatedAt: now,
    version: 1,
  }
}

/** The end user of a proven phone, created by the first proof. */
export const findOrCreateUser: Step = async (deps, attempt) => {
  const { accounts } = deps.store
  const existing = attempt.phone && (await accounts.findByPhone('user', attempt.phone))
  if (existing) return { ...attempt, account: existing, created: false }
  return { ...attempt, ...(await accounts.getOrInsertUser(newUser(deps, attempt))) }
}
