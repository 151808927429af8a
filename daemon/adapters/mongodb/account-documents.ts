import type { Account, Role } from '../../domain/account.ts'
import { lineageIds } from '../../domain/tree.ts'
import type { AccountPosition } from '../../ports/stores/index.ts'
import type { AccountDoc } from './collections.ts'

/** The scope of every account of the tree. */
export const TREE = 'tree'
/** The scope of the end users, who stand outside the tree. */
export const USERS = 'users'

/**
 * Only what was inserted completely is an account; every query says so, and the indexes hold nothing else.
 */
export const LIVE = { state: 'live' } as const

const ORDER_DIGITS = 16

/** (createdAt, id) as one string that sorts like the pair. */
export const orderOf = ({ createdAt, id }: AccountPosition): string =>
  `${String(createdAt).padStart(ORDER_DIGITS, '0')}:${id}`

const scopesOf = ({ role, path }: { role: Role; path: string }): string[] =>
  role === 'user' ? [USERS] : [TREE, ...lineageIds(path).slice(0, -1)]

/** The field by which an account is found by what is attached to it; none where nothing is. */
export const attachedOf = ({ policies, boundary }: Pick<Account, 'policies' | 'boundary'>): string[] => [
  ...new Set([...policies, ...(boundary === null ? [] : [boundary])]),
]

/** An account as it is inserted first: nobody finds it before its names are reserved and it is live. */
export const toPending = (account: Account): AccountDoc => {
  const { id, ...fields } = account
  const attached = attachedOf(account)
  return {
    _id: id,
    ...fields,
    state: 'pending',
    pendingSince: new Date(account.createdAt),
    scopes: scopesOf(account),
    order: orderOf(account),
    ...(attached.length === 0 ? {} : { attached }),
    witness: 0,
    fence: 0,
  }
}

/** A document as the account that it holds. */
export const toAccount = (doc: AccountDoc): Account => ({
  id: doc._id,
  role: doc.role,
  name: doc.name,
  username: doc.username,
  usernameKey: doc.usernameKey,
  phone: doc.phone,
  email: doc.email,
  parentId: doc.parentId,
  path: doc.path,
  status: doc.status,
  attributes: doc.attributes,
  // Documents of the schema before do not have these.
  policies: doc.policies ?? [],
  boundary: doc.boundary ?? null,
  passwordHash: doc.passwordHash,
  epoch: doc.epoch,
  createdAt: doc.createdAt,
  updatedAt: doc.updatedAt,
  version: doc.version,
})
