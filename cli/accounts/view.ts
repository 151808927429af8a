import type { Row, View } from '../output/print.ts'
import { requireForm } from '../input/forms.ts'
import { usageProblem } from '../problem.ts'
import { KINDS, type Kind } from '../kinds.ts'
import { surroundings } from '../surroundings.ts'

const COLUMNS: readonly string[] = ['id', 'name', 'username', 'phone', 'status', 'parent_id', 'created_at']
/** Where accounts of several kinds stand in one table. */
const MIXED = ['id', 'role', ...COLUMNS.slice(1)]

/**
 * Accounts as a table, of one kind or `mixed`; columns that nobody fills are left out on a terminal, where
 * room is short.
 */
export const accountsView = (
  items: readonly object[],
  data: unknown,
  { empty, mixed = false }: { readonly empty: string; readonly mixed?: boolean },
): View => {
  const all = mixed ? MIXED : COLUMNS
  const rows = items.map((item): Row => ({ ...item }))
  const isFilled = (column: string): boolean =>
    rows.some((row) => row[column] !== null && row[column] !== undefined)
  return {
    data,
    rows,
    columns: surroundings().stdout.isTTY === true ? all.filter(isFilled) : all,
    empty,
  }
}

/** One account, one field a line. */
export const accountView = (account: object, data: unknown = account): View => ({
  data,
  rows: [{ ...account }],
  columns: Object.keys(account),
  isRecord: true,
  nameColumn: 'id',
})

/** Refuses an id that belongs to another kind of account, and names the topic it belongs to. */
export const requireKind = (id: string, kind: Kind): void => {
  requireForm('account', id)
  if (id.startsWith(`${kind.idPrefix}_`)) return
  const other = KINDS.find(({ idPrefix }) => id.startsWith(`${idPrefix}_`))
  throw usageProblem(`${id} is ${other?.noun}, not ${kind.noun}`, `Use: authctl ${other?.topic}`)
}
