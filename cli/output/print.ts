import { paint } from './color.ts'
import { toJson } from './json.ts'
import { cell, type DrawnTable, labelOf, plainTable, type Row, type Table } from './table.ts'
import { toYaml } from './yaml.ts'
import { asTyped } from '../command-name.ts'
import { surroundings } from '../surroundings.ts'

export type { Row } from './table.ts'

/** How a result is printed. */
export const FORMATS = ['table', 'json', 'yaml', 'name'] as const
/** One of the formats in which a result is printed. */
export type Format = (typeof FORMATS)[number]
/** Those, and one that plans are printed in as well. */
export type AnyFormat = Format | 'markdown'

/** What a command returns; printing it is a separate step. Its table is printed by `table`. */
export interface View extends Table {
  /** Printed by `json` and `yaml`, as the API spells it. */
  readonly data: unknown
  /** The column that `name` prints, one a line. Default: the first. */
  readonly nameColumn?: string
  /** Printed by `table` below it, each after an empty line: tables, and text as it is. */
  readonly more?: readonly (Table | string)[]
  /** What people are told if there are no rows, such as `no clients`. */
  readonly empty?: string
}

/** What a view is printed as, and what people are told beside it. */
export interface Rendered {
  /** Without the last line break; empty if there is nothing to print. */
  readonly text: string
  readonly notes: readonly string[]
}

/** A view of one thing. */
export const recordView = (data: object, row: Row = data as Row, nameColumn = 'id'): View => ({
  data,
  rows: [row],
  columns: Object.keys(row),
  isRecord: true,
  nameColumn,
})

const drawTable = async (table: Table): Promise<DrawnTable> => {
  if (surroundings().stdout.isTTY !== true) return { text: plainTable(table), hidden: [] }
  // Loaded here only: knowing how wide every character is takes longer than all the rest of a start.
  const { terminalTable } = await import('./terminal-table.ts')
  return terminalTable(table)
}

const renderTables = async (view: View): Promise<Rendered> => {
  const { more = [], empty = 'nothing found' } = view
  if (view.rows.length === 0) return { text: '', notes: [asTyped(empty)] }
  const drawn = await Promise.all(
    [view, ...more].map(async (part) =>
      typeof part === 'string' ? { text: part, hidden: [] } : await drawTable(part),
    ),
  )
  const hidden = drawn.flatMap((part) => part.hidden).map(labelOf)
  const text = drawn.map((part) => part.text).join('\n\n')
  if (hidden.length === 0) return { text, notes: [] }
  return { text, notes: [`No room for: ${hidden.join(', ')}. Widen the terminal, or pass --json.`] }
}

/** A view in a format. */
export const render = async (view: View, format: Format): Promise<Rendered> => {
  switch (format) {
    case 'json':
      return { text: toJson(view.data), notes: [] }
    case 'yaml':
      return { text: toYaml(view.data).trimEnd(), notes: [] }
    case 'name': {
      const column = view.nameColumn ?? view.columns[0] ?? ''
      return { text: view.rows.map((row) => cell(row[column])).join('\n'), notes: [] }
    }
    case 'table':
      return await renderTables(view)
  }
}

/** Data: the only thing that goes to stdout. */
export const printData = (text: string): void => {
  if (text !== '') surroundings().stdout.write(`${text}\n`)
}

/** Progress, warnings and next steps: stderr. */
export const tell = (text: string): void => void surroundings().stderr.write(`${text}\n`)

/** A view in a format to stdout, and what is said beside it to stderr. */
export const printView = async (view: View, format: Format): Promise<void> => {
  const { text, notes } = await render(view, format)
  printData(text)
  for (const note of notes) tell(note)
}

/** A warning on stderr. */
export const warn = (text: string): void =>
  tell(`${paint(surroundings().stderr, 'yellow', 'Warning:')} ${text}`)

/** The next command to type, on stderr. */
export const tellNext = (command: string): void =>
  tell(`Next: ${paint(surroundings().stderr, 'bold', asTyped(command))}`)
