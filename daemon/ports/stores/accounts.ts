import type {
  Account,
  AccountId,
  AccountStatus,
  KnownAccount,
  Phone,
  Role,
  UsernameKey,
} from '../../domain/account.ts'

/** A position in a list ordered by (createdAt, id). */
export interface AccountPosition {
  readonly createdAt: number
  readonly id: AccountId
}

/** Which accounts a page lists. */
export interface AccountQuery {
  /** Only strict descendants of this path; null: the whole tree. */
  readonly below: string | null
  /** Whether end users, who stand outside the tree, are in scope. */
  readonly includeUsers: boolean
  readonly role?: Role
  readonly parentId?: AccountId
  readonly status?: AccountStatus
  readonly after?: AccountPosition
  readonly limit: number
}

/** Whose password is tried. `path`: of the account, or of nobody that matters where there is none. */
export interface PasswordTarget {
  readonly account: Account | undefined
  readonly path: string
}

/** Keeps the accounts and their names. */
export interface AccountStore {
  /**
   * Inserts. `conflict`: the username key, or (role, phone), is taken. If one key is inserted in parallel,
   * exactly one resolves. `not_found`: its parent is gone; of an insertion and the deletion of its parent at
   * the same time one fails, whatever runs in parallel.
   */
  insert(account: Account): Promise<void>
  /** Inserts only while no super-admin exists. `conflict` otherwise, or when the username key is taken. */
  insertFirstSuperAdmin(account: Account): Promise<void>
  /**
   * The end user with the candidate's phone; inserts the candidate if there is none. One account for parallel
   * first sign-ins.
   */
  getOrInsertUser(candidate: Account): Promise<{ account: Account; created: boolean }>
  get(id: AccountId): Promise<Account | undefined>
  /** The accounts on a path that exist, top first; one read. */
  getLineage(path: string): Promise<Account[]>
  /**
   * An account and those above it that exist, top first, its own last; empty where it does not exist. All are
   * as they were at some moment after the call, without their password hashes. What it answers is shared, and
   * nobody may change it.
   */
  getLineageOf(id: AccountId): Promise<KnownAccount[]>
  findByUsername(role: Role, usernameKey: UsernameKey): Promise<Account | undefined>
  /**
   * The same account, for a sign-in that has proved nothing yet, and a path to look up next: its own, or one
   * that costs as much where there is none. What this and `getLineage` of that path do, in round trips and in
   * what they read, does not tell whether there is an account (E2).
   */
  findForPassword(role: Role, usernameKey: UsernameKey): Promise<PasswordTarget>
  findByPhone(role: Role, phone: Phone): Promise<Account | undefined>
  hasSuperAdmin(): Promise<boolean>
  /** One page, ordered by (createdAt, id). */
  list(query: AccountQuery): Promise<Account[]>
  /**
   * Sets the status and, when it changes to disabled, raises the epoch; an equal status changes nothing.
   * `not_found`; `conflict`: it would leave no active super-admin, whatever runs in parallel.
   */
  setStatus(change: { id: AccountId; status: AccountStatus; now: number }): Promise<Account>
  /**
   * Replaces the password hash if it still is `from`, and raises the epoch unless `keepEpoch` (a rehash of
   * the same password). `stale`: the hash is another by now. Returns the account as changed.
   */
  setPasswordHash(change: {
    id: AccountId
    from: string
    to: string
    keepEpoch: boolean
    now: number
  }): Promise<Account>
  /**
   * Changes these fields if the account still is of this version. `not_found`; `stale`: it has another.
   * Returns the account as changed.
   */
  update(change: { id: AccountId; version: number; fields: AccountChanges; now: number }): Promise<Account>
  /**
   * Deletes the account and frees its names; its id is never used again, so that nothing handed out to it is
   * worth anything. `has_children`: accounts stand below it, and nothing was deleted. The head of its
   * policies goes with it. `not_found`; `conflict`: it would leave no active super-admin, whatever runs in
   * parallel.
   */
  delete(target: { id: AccountId; now: number }): Promise<'deleted' | 'has_children'>
  /** An account to which a policy of this full name is attached, as a policy or a boundary. */
  findAttached(policy: string): Promise<AccountId | undefined>
}

/** What `update` can change; what is left out stays. */
export type AccountChanges = Partial<Pick<Account, 'name' | 'email' | 'attributes' | 'policies' | 'boundary'>>
