/** The five kinds of account, highest rank first (product.md section 1). */
export type Role = 'super-admin' | 'admin' | 'client' | 'sub-client' | 'user'

export type AccountStatus = 'active' | 'disabled'

export type AccountId = string & { readonly brand: 'AccountId' }

/** Compared usernames: NFKC, case-folded, single script (see username.ts). */
export type UsernameKey = string & { readonly brand: 'UsernameKey' }

/** A canonical E.164 number (see phone.ts). */
export type Phone = string & { readonly brand: 'Phone' }

export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface Account {
  readonly id: AccountId
  readonly role: Role
  readonly name: string | null
  /** As the owner spells it, NFC. */
  readonly username: string | null
  readonly usernameKey: UsernameKey | null
  readonly phone: Phone | null
  readonly email: string | null
  readonly parentId: AccountId | null
  /** Ids from the top of the tree to this account, joined by `/`. Immutable. */
  readonly path: string
  readonly status: AccountStatus
  readonly attributes: Attributes
  /** Policies attached directly, by their full names: `authctl:Name`, `root/name`, `adm_…/name`. */
  readonly policies: readonly string[]
  /** A policy by its full name: what none of its Allows names is denied. */
  readonly boundary: string | null
  /** PHC string; null for accounts without a password. */
  readonly passwordHash: string | null
  /**
   * Raised by every change that must end what was handed out before: a new password, a disablement. A session or refresh key carries the
   * epoch it was made in and is dead in any other, so one write ends them all.
   */
  readonly epoch: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly version: number
}

export const ID_PREFIX: Readonly<Record<Role, string>> = {
  'super-admin': 'sa',
  admin: 'adm',
  client: 'cli',
  'sub-client': 'sub',
  user: 'usr',
}
