import { stdout } from 'node:process'
import { paint } from './color.ts'
import { makeSafe, pad, widthOf, wrap } from './text.ts'

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

const GAP = 2
const DEFAULT_WIDTH = 80
/** Longer words are broken; no id is longer. */
const MAX_WORD = 32

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

const linesOf = ({ rows, columns }: Table): string[][] => [
  columns.map((column) => labelOf(column).toUpperCase()),
  ...rows.map((row) => columns.map((column) => cell(row[column]))),
]

const sum = (widths: readonly number[]): number => widths.reduce((total, width) => total + width + GAP, -GAP)

const longestWord = (text: string): number => Math.min(MAX_WORD, Math.max(...text.split(' ').map(widthOf)))

/**
 * The width of each column that is shown. Columns are narrowed to their longest word, the widest first; if that is not enough the last ones
 * are left out.
 */
const layOut = (lines: readonly (readonly string[])[], room: number): number[] => {
  const cellsIn = (column: number): string[] => lines.map((line) => line[column] ?? '')
  const columns = (lines[0] ?? []).map((_, column) => cellsIn(column))
  const least = columns.map((cells) => Math.max(...cells.map(longestWord)))
  while (least.length > 1 && sum(least) > room) least.pop()
  const widths = columns.slice(0, least.length).map((cells) => Math.max(...cells.map(widthOf)))
  for (;;) {
    const excess = sum(widths) - room
    const slack = widths.map((width, column) => (width > (least[column] ?? 0) ? width : 0))
    const widest = slack.indexOf(Math.max(...slack))
    if (excess <= 0 || slack[widest] === 0) return widths
    const second = Math.max(least[widest] ?? 0, ...slack.filter((width) => width < (slack[widest] ?? 0)))
    widths[widest] = Math.max(second, (widths[widest] ?? 0) - excess)
  }
}

/** One row of a table, in as many lines as its tallest cell needs. */
const drawRow = (cells: readonly string[], widths: readonly number[]): string[] => {
  const wrapped = widths.map((width, column) => wrap(cells[column] ?? '', width))
  const height = Math.max(...wrapped.map(({ length }) => length))
  return Array.from({ length: height }, (_, line) =>
    widths
      .map((width, column) => pad(wrapped[column]?.[line] ?? '', width))
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}

/** A table inside the width of a terminal: nothing is cut. */
export const fitTable = (table: Table, room: number): DrawnTable => {
  const [head = [], ...body] = linesOf(table)
  const widths = layOut([head, ...body], room)
  const lines = [
    ...drawRow(head, widths).map((line) => paint(stdout, 'bold', line)),
    ...body.flatMap((cells) => drawRow(cells, widths)),
  ]
  return { text: lines.join('\n'), hidden: table.columns.slice(widths.length) }
}

/** Off a terminal: a header and tab-separated values, nothing cut, nothing aligned. */
const plainTable = (table: Table): string =>
  linesOf(table)
    .map((cells) => cells.join('\t'))
    .join('\n')

const recordLines = ({ rows: [row = {}], columns }: Table): string => {
  const shown = columns.filter((column) => cell(row[column]) !== '')
  const width = Math.max(...shown.map((column) => column.length))
  return shown
    .map((column) => {
      const [label, value] = [labelOf(column), cell(row[column])]
      return stdout.isTTY ? `${paint(stdout, 'dim', pad(label, width))}  ${value}` : `${label}\t${value}`
    })
    .join('\n')
}

/** A table as standard output takes it. */
export const drawTable = (table: Table): DrawnTable => {
  if (table.isRecord === true) return { text: recordLines(table), hidden: [] }
  if (stdout.isTTY) return fitTable(table, stdout.columns || DEFAULT_WIDTH)
  return { text: plainTable(table), hidden: [] }
}
