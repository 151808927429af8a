import { stdout } from 'node:process'
import type { Row, View } from '../output.ts'
import { usageProblem } from '../problem.ts'
import { KINDS, type Kind } from '../roles.ts'

const COLUMNS = ['id', 'name', 'username', 'phone', 'status', 'parent_id', 'created_at'] as const

/** Accounts as a table; columns that nobody fills are left out on a terminal, where room is short. */
export const accountsView = (items: readonly object[], data: unknown): View => {
  const rows = items.map((item): Row => ({ ...item }))
  const isFilled = (column: string): boolean =>
    rows.some((row) => row[column] !== null && row[column] !== undefined)
  return { data, rows, columns: stdout.isTTY ? COLUMNS.filter(isFilled) : COLUMNS }
}

/** One account, one field a line. */
export const accountView = (account: object, data: unknown = account): View => {
  const row = { ...account } as Record<string, unknown>
  const { attributes } = row
  const hasAttributes =
    typeof attributes === 'object' && attributes !== null && Object.keys(attributes).length > 0
  const columns = Object.keys(row).filter((column) => column !== 'attributes' || hasAttributes)
  return { data, rows: [row], columns, isRecord: true, nameColumn: 'id' }
}

/** Refuses an id that belongs to another kind of account, and names the topic it belongs to. */
export const requireKind = (id: string, kind: Kind): void => {
  const prefix = id.split('_', 1)[0]
  if (prefix === kind.idPrefix) return
  const other = KINDS.find(({ idPrefix }) => idPrefix === prefix)
  if (other === undefined)
    throw usageProblem(`${id} is not an account id; those of ${kind.topic} start with ${kind.idPrefix}_`)
  throw usageProblem(`${id} is ${other.noun}, not ${kind.noun}`, `Use: authctl ${other.topic}`)
}
