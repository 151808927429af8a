import { stderr, stdout } from 'node:process'
import { paint } from './color.ts'
import { cut, makeSafe, pad, widthOf } from './text.ts'
import { toYaml } from './yaml.ts'

/** How a result is printed. */
export const FORMATS = ['table', 'json', 'yaml', 'name'] as const
export type Format = (typeof FORMATS)[number]

/** One thing as a flat map of what a table shows. */
export type Row = Readonly<Record<string, unknown>>

/** What a command returns; printing it is a separate step. */
export interface View {
  /** Printed by `json` and `yaml`, as the API spells it. */
  readonly data: unknown
  /** Printed by `table`: in columns, or one field a line if `isRecord`. */
  readonly rows: readonly Row[]
  readonly columns: readonly string[]
  readonly isRecord?: boolean
  /** The column that `name` prints, one a line. Default: the first. */
  readonly nameColumn?: string
}

/** A view of one thing. */
export const recordView = (data: object, row: Row = data as Row, nameColumn = 'id'): View => ({
  data,
  rows: [row],
  columns: Object.keys(row),
  isRecord: true,
  nameColumn,
})

const cell = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  return makeSafe(typeof value === 'string' ? value : JSON.stringify(value))
}

const header = (column: string): string => column.replaceAll('_', ' ').toUpperCase()

/** Off a terminal: a header and tab-separated values, nothing cut, nothing aligned. */
const plainTable = ({ rows, columns }: View): string =>
  [columns.map(header), ...rows.map((row) => columns.map((column) => cell(row[column])))]
    .map((cells) => cells.join('\t'))
    .join('\n')

const terminalTable = ({ rows, columns }: View, width: number): string => {
  const lines = [columns.map(header), ...rows.map((row) => columns.map((column) => cell(row[column])))]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index] ?? ''))))
  const render = (line: readonly string[]): string =>
    cut(
      line
        .map((text, index) => pad(text, widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
      width,
    )
  return lines
    .map((line, index) => (index === 0 ? paint(stdout, 'bold', render(line)) : render(line)))
    .join('\n')
}

const recordLines = ({ rows: [row = {}], columns }: View): string => {
  const shown = columns.filter((column) => cell(row[column]) !== '')
  const width = Math.max(...shown.map((column) => column.length))
  return shown
    .map((column) => {
      const label = column.replaceAll('_', ' ')
      const value = cell(row[column])
      return stdout.isTTY ? `${paint(stdout, 'dim', pad(label, width))}  ${value}` : `${label}\t${value}`
    })
    .join('\n')
}

const renderTable = (view: View): string => {
  if (view.isRecord === true) return recordLines(view)
  return stdout.isTTY ? terminalTable(view, stdout.columns ?? 80) : plainTable(view)
}

/** The JSON text of a value, escaped so that it cannot drive the terminal it is shown on. */
export const toJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The text of a view in a format, without the last line break; empty if there is nothing to print. */
export const render = (view: View, format: Format): string => {
  switch (format) {
    case 'json':
      return toJson(view.data)
    case 'yaml':
      return toYaml(view.data).trimEnd()
    case 'name':
      return view.rows.map((row) => cell(row[view.nameColumn ?? view.columns[0] ?? ''])).join('\n')
    case 'table':
      return view.rows.length === 0 ? '' : renderTable(view)
  }
}

/** Data: the only thing that goes to stdout. */
export const printData = (text: string): void => {
  if (text !== '') stdout.write(`${text}\n`)
}

/** Progress, warnings and next steps: stderr. */
export const tell = (text: string): void => void stderr.write(`${text}\n`)

/** A warning on stderr. */
export const warn = (text: string): void => tell(`${paint(stderr, 'yellow', 'Warning:')} ${text}`)

/** The next command to type, on stderr. */
export const tellNext = (command: string): void => tell(`Next: ${paint(stderr, 'bold', command)}`)
