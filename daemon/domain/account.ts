/** The five kinds of account. What sets them apart is in ROLES. */
export type Role = 'super-admin' | 'admin' | 'client' | 'sub-client' | 'user'

/** What sets the accounts of one role apart from those of the others. */
export interface RoleTraits {
  /** What their ids begin with, before the `_`. */
  readonly idPrefix: string
  /** An account dominates only accounts of a lower rank (see tree.ts). */
  readonly rank: number
  /**
   * The role that they are created under; null for those that stand at the top of the tree, or outside it.
   */
  readonly parent: Role | null
  /**
   * Where they define policies: in the `root` that all of them share, in a namespace of their `own`, or
   * nowhere.
   */
  readonly namespace: 'root' | 'own' | null
  /** The managed policy that they have until the attachments of the root say otherwise. */
  readonly managedPolicy: string
}

/**
 * The table of roles, highest rank first: the daemon's only list of them. Lists in other layers are held
 * equal by a guard.
 */
export const ROLES: Readonly<Record<Role, RoleTraits>> = {
  'super-admin': {
    idPrefix: 'sa',
    rank: 4,
    parent: null,
    namespace: 'root',
    managedPolicy: 'authctl:SuperAdmin',
  },
  admin: { idPrefix: 'adm', rank: 3, parent: null, namespace: 'own', managedPolicy: 'authctl:Admin' },
  client: { idPrefix: 'cli', rank: 2, parent: 'admin', namespace: 'own', managedPolicy: 'authctl:Client' },
  'sub-client': {
    idPrefix: 'sub',
    rank: 1,
    parent: 'client',
    namespace: null,
    managedPolicy: 'authctl:SubClient',
  },
  user: { idPrefix: 'usr', rank: 0, parent: null, namespace: null, managedPolicy: 'authctl:User' },
}

/** The roles, highest rank first. */
export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[]

const NAMES: ReadonlySet<string> = new Set(ROLE_NAMES)
const BY_PREFIX: ReadonlyMap<string, Role> = new Map(ROLE_NAMES.map((role) => [ROLES[role].idPrefix, role]))

/** Whether a string is the name of a role. */
export const isRole = (name: string): name is Role => NAMES.has(name)

/** The role that an id tells by its prefix; undefined for anything that does not begin like an id. */
export const roleOfId = (id: string): Role | undefined => BY_PREFIX.get(id.split('_', 1)[0] ?? '')

/** The states that an account can be in. */
export const ACCOUNT_STATUSES = ['active', 'disabled'] as const
/** A state that an account can be in. */
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number]

/** The prefix of the role, `_`, and the key of the row. */
export type AccountId = string & { readonly brand: 'AccountId' }

/** Stands for an account that nobody has yet, where its id would: no id is like it. */
export const NOBODY_YET = '~'

/** Compared usernames: NFKC, case-folded, single script (see username.ts). */
export type UsernameKey = string & { readonly brand: 'UsernameKey' }

/** A canonical E.164 number (see phone.ts). */
export type Phone = string & { readonly brand: 'Phone' }

/** What the owner of a tree notes about an account; policies can ask for it. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

/** Somebody who can sign in. Every change raises `version`; ids are never used again. */
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
   * Raised by every change that must end what was handed out before: a new password, a disablement. A session
   * or refresh key carries the epoch it was made in and is dead in any other, so one write ends them all.
   */
  readonly epoch: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly version: number
}

/** An account as it is known while a request runs: all of it but what its password is verified by. */
export type KnownAccount = Omit<Account, 'passwordHash'>

/** An account without what its password is verified by. */
export const withoutHash = ({ passwordHash: _passwordHash, ...known }: Account): KnownAccount => known

/**
 * What an account is born with beside its role and place; what is left out is null, and attributes are empty.
 */
export type AccountFields = Partial<
  Pick<Account, 'name' | 'username' | 'usernameKey' | 'phone' | 'email' | 'attributes' | 'passwordHash'>
>

/**
 * An account that did not exist before: active, with nothing attached, under the given parent. Nothing is
 * stored.
 */
export const newAccount = (
  {
    role,
    rowKey,
    parent,
    now,
  }: {
    readonly role: Role
    /** The part of its id after the prefix: unique, and never used again. */
    readonly rowKey: string
    readonly parent: Pick<Account, 'id' | 'path'> | null
    readonly now: number
  },
  fields: AccountFields,
): Account => {
  const id = `${ROLES[role].idPrefix}_${rowKey}` as AccountId
  return {
    id,
    role,
    name: null,
    username: null,
    usernameKey: null,
    phone: null,
    email: null,
    parentId: parent?.id ?? null,
    path: parent === null ? id : `${parent.path}/${id}`,
    status: 'active',
    attributes: {},
    policies: [],
    boundary: null,
    passwordHash: null,
    ...fields,
    epoch: 1,
    createdAt: now,
    updatedAt: now,
    version: 1,
  }
}
