import { ROLES, type Account, type AccountId } from './account.ts'

type Node = Pick<Account, 'id' | 'role' | 'path'>

/** Paths in the order of their characters, up to `before`, which is not among them. */
export interface PathRange {
  readonly from: string
  readonly before: string
}

/** Beyond every path. */
const END = '~'

/** A path, and all that begin with it and a slash: 0 is what comes after a slash. */
const rangeOf = (path: string): PathRange => ({ from: path, before: `${path}0` })

/** Where the accounts stand that an account sees, in their order: the rule of `maySee` as ranges of paths. */
export const visibleRanges = ({ role, path }: Pick<Node, 'role' | 'path'>): PathRange[] => {
  if (role === 'super-admin') return [{ from: '', before: END }]
  const users = { from: `${ROLES.user.idPrefix}_`, before: `${ROLES.user.idPrefix}_${END}` }
  return role === 'admin' ? [rangeOf(path), users] : [rangeOf(path)]
}

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
 * Rule 1 (dominance): the actor ranks above the target and is its ancestor. End users stand outside the tree
 * under every admin. Super-admins may act on one another, and on themselves, because nobody ranks above them;
 * the store keeps the last one active.
 */
export const dominates = (actor: Node, target: Node): boolean =>
  actor.role === 'super-admin' && target.role === 'super-admin'
    ? true
    : ROLES[actor.role].rank > ROLES[target.role].rank && isAncestor(actor, target)

/**
 * Rule 5 (invisible outside): the actor itself and what it dominates; everything else answers like an absent
 * object.
 */
export const maySee = (actor: Node, target: Node): boolean =>
  actor.id === target.id || dominates(actor, target)
