import { makeSafe } from './text.ts'

/** One thing as a flat map of what a table shows. */
export type Row = Readonly<Record<string, unknown>>

/** What a table shows: in columns, the most important first, or one field a line if `isRecord`. */
export interface Table {
  readonly rows: readonly Row[]
  readonly columns: readonly string[]
  readonly isRecord?: boolean
}

/** The text of a table, and the columns that a terminal had no room for. */
export interface DrawnTable {
  readonly text: string
  readonly hidden: readonly string[]
}

/** A value in words: lists by commas, maps as `name=value`. It cannot drive a terminal. */
export const cell = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(cell).join(', ')
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, each]) => `${makeSafe(name)}=${cell(each)}`)
      .join(', ')
  return makeSafe(typeof value === 'string' ? value : JSON.stringify(value))
}

/** A column as people read it. */
export const labelOf = (column: string): string => column.replaceAll('_', ' ')

/** The cells of a table, line by line; the first line holds the labels. */
export const linesOf = ({ rows, columns }: Table): string[][] => [
  columns.map((column) => labelOf(column).toUpperCase()),
  ...rows.map((row) => columns.map((column) => cell(row[column]))),
]

/** The columns of a record that have a value. */
export const filledColumns = ({ rows: [row = {}], columns }: Table): string[] =>
  columns.filter((column) => cell(row[column]) !== '')

const plainRecord = (table: Table): string =>
  filledColumns(table)
    .map((column) => `${labelOf(column)}\t${cell(table.rows[0]?.[column])}`)
    .join('\n')

/** A table off a terminal: a header and tab-separated values, nothing cut, nothing aligned. */
export const plainTable = (table: Table): string =>
  table.isRecord === true
    ? plainRecord(table)
    : linesOf(table)
        .map((cells) => cells.join('\t'))
        .join('\n')
