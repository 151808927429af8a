import type { Account } from '@authctl/sdk'

/** A kind of account as the command line speaks of it. */
export interface Kind {
  /** The topic: plural. */
  readonly topic: 'superadmins' | 'admins' | 'clients' | 'subclients' | 'users'
  /** As the API spells it. */
  readonly role: Role
  /** In sentences, with its article. */
  readonly noun: string
  /** In sentences, of several. */
  readonly plural: string
  /** What their ids begin with, before the `_`. */
  readonly idPrefix: string
}

/** The accounts above everyone. */
export const SUPERADMINS: Kind = {
  topic: 'superadmins',
  role: 'super-admin',
  noun: 'a super-admin',
  plural: 'super-admins',
  idPrefix: 'sa',
}
/** The accounts below the super-admins; they manage end users too. */
export const ADMINS: Kind = {
  topic: 'admins',
  role: 'admin',
  noun: 'an admin',
  plural: 'admins',
  idPrefix: 'adm',
}
/** The accounts below an admin. */
export const CLIENTS: Kind = {
  topic: 'clients',
  role: 'client',
  noun: 'a client',
  plural: 'clients',
  idPrefix: 'cli',
}
/** The accounts below a client. */
export const SUBCLIENTS: Kind = {
  topic: 'subclients',
  role: 'sub-client',
  noun: 'a sub-client',
  plural: 'sub-clients',
  idPrefix: 'sub',
}
/** The accounts that sign in by phone and stand outside the tree. */
export const USERS: Kind = {
  topic: 'users',
  role: 'user',
  noun: 'an end user',
  plural: 'end users',
  idPrefix: 'usr',
}

/** Every kind, highest rank first. */
export const KINDS: readonly Kind[] = [SUPERADMINS, ADMINS, CLIENTS, SUBCLIENTS, USERS]

/** The roles as the API spells them. */
export const ROLES = KINDS.map(({ role }) => role)
/** A role as the API spells it. */
export type Role = Account['role']
