import type { Account, AccountId, Role } from './account.ts'

const RANK: Readonly<Record<Role, number>> = {
  'super-admin': 4,
  admin: 3,
  client: 2,
  'sub-client': 1,
  user: 0,
}

type Node = Pick<Account, 'id' | 'role' | 'path'>

/** The role that an account of the given role is created under; null at the top of the tree. */
export const PARENT_ROLE: Readonly<Record<Role, Role | null>> = {
  'super-admin': null,
  admin: null,
  client: 'admin',
  'sub-client': 'client',
  user: null,
}

/** The path of a new account: its parent's, then its own id. */
export const childPath = (parent: Pick<Account, 'path'> | null, id: AccountId): string =>
  parent === null ? id : `${parent.path}/${id}`

/** The ids on a path, top first, its own last. */
export const lineageIds = (path: string): AccountId[] => path.split('/') as AccountId[]

/** Whether `ancestor` stands above `descendant`, by whole id segments and never by string prefix. */
export const isAncestor = (ancestor: Node, descendant: Node): boolean => {
  if (ancestor.role === 'super-admin') return ancestor.id !== descendant.id
  if (descendant.role === 'user') return ancestor.role === 'admin'
  const above = lineageIds(ancestor.path)
  const below = lineageIds(descendant.path)
  return above.length < below.length && above.every((id, depth) => below[depth] === id)
}

/**
 * Rule 1 (dominance): the actor ranks above the target and is its ancestor. End users stand outside the tree under every admin.
 * Super-admins may act on one another, and on themselves, because nobody ranks above them; the store keeps the last one active.
 */
export const dominates = (actor: Node, target: Node): boolean =>
  actor.role === 'super-admin' && target.role === 'super-admin'
    ? true
    : RANK[actor.role] > RANK[target.role] && isAncestor(actor, target)

/** Rule 5 (invisible outside): the actor itself and what it dominates; everything else answers like an absent object. */
export const maySee = (actor: Node, target: Node): boolean =>
  actor.id === target.id || dominates(actor, target)
