import { ACCOUNT_STATUSES, ROLE_NAMES, type AccountStatus, type Role } from '../../domain/account.ts'
import { lineageIds } from '../../domain/tree.ts'
import type { AccountQuery } from '../../ports/stores/index.ts'

/**
 * Where a role's accounts are found in order: the children of a parent, the whole tree and users, or what
 * stands below a scope.
 */
const sourceOf = (query: AccountQuery, role: Role): { from: string; keys: string; condition: string } => {
  if (query.parentId !== undefined)
    return { from: 'accounts', keys: 'accounts', condition: 'accounts.parent_id = :parent_id' }
  if (query.below === null || role === 'user') return { from: 'accounts', keys: 'accounts', condition: '1' }
  const from = 'account_scopes AS scopes CROSS JOIN accounts ON accounts.id = scopes.id'
  return { from, keys: 'scopes', condition: 'scopes.scope = :scope' }
}

const rangeSql = (query: AccountQuery, role: Role, status: AccountStatus): string => {
  const { from, keys, condition } = sourceOf(query, role)
  const onward =
    query.after === undefined ? '' : ` AND (${keys}.created_at, ${keys}.id) > (:after_at, :after_id)`
  return `SELECT ${keys}.created_at AS listed_at, ${keys}.id AS listed_id, accounts.* FROM ${from}
    WHERE ${condition} AND ${keys}.role = '${role}' AND ${keys}.status = '${status}'${onward}`
}

/**
 * The statement for one page of accounts; undefined when nothing can be in it. It merges one index range for
 * each role and status asked for, every one in the order of the page, and stops at the limit: it reads at
 * most `limit` accounts and one more of each range, of which there are at most ten, whatever the size of the
 * table. That `parentId` itself stands within the scope is for the caller to check.
 */
export const listSql = (query: AccountQuery): string | undefined => {
  const roles = ROLE_NAMES.filter(
    (role) => (query.role ?? role) === role && (role !== 'user' || query.includeUsers),
  )
  const statuses = ACCOUNT_STATUSES.filter((status) => (query.status ?? status) === status)
  const ranges = roles.flatMap((role) => statuses.map((status) => rangeSql(query, role, status)))
  return ranges.length === 0
    ? undefined
    : `${ranges.join('\n  UNION ALL ')}\n  ORDER BY listed_at, listed_id LIMIT :limit`
}

/** The values that `listSql` of the same query names. */
export const listValues = (query: AccountQuery): Record<string, string | number> => {
  const usesScope = query.below !== null && query.parentId === undefined && query.role !== 'user'
  return {
    limit: query.limit,
    ...(usesScope ? { scope: lineageIds(query.below).at(-1) ?? '' } : {}),
    ...(query.parentId === undefined ? {} : { parent_id: query.parentId }),
    ...(query.after === undefined ? {} : { after_at: query.after.createdAt, after_id: query.after.id }),
  }
}
