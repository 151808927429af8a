import { surroundings } from '../surroundings.ts'
import { pad, widthOf, wrap } from './cells.ts'
import { paint } from './color.ts'
import { cell, type DrawnTable, filledColumns, labelOf, linesOf, type Table } from './table.ts'

const GAP = 2
const DEFAULT_WIDTH = 80
/** Longer words are broken; no id is longer. */
const MAX_WORD = 32

const sum = (widths: readonly number[]): number => widths.reduce((total, width) => total + width + GAP, -GAP)

const longestWord = (text: string): number => Math.min(MAX_WORD, Math.max(...text.split(' ').map(widthOf)))

/**
 * The width of each column that is shown. Columns are narrowed to their longest word, the widest first; if
 * that is not enough the last ones are left out.
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
    ...drawRow(head, widths).map((line) => paint(surroundings().stdout, 'bold', line)),
    ...body.flatMap((cells) => drawRow(cells, widths)),
  ]
  return { text: lines.join('\n'), hidden: table.columns.slice(widths.length) }
}

const recordLines = (table: Table): string => {
  const shown = filledColumns(table)
  const width = Math.max(...shown.map((column) => column.length))
  return shown
    .map(
      (column) =>
        `${paint(surroundings().stdout, 'dim', pad(labelOf(column), width))}  ${cell(table.rows[0]?.[column])}`,
    )
    .join('\n')
}

/** A table as the terminal takes it that standard output is. */
export const terminalTable = (table: Table): DrawnTable =>
  table.isRecord === true
    ? { text: recordLines(table), hidden: [] }
    : fitTable(table, surroundings().stdout.columns || DEFAULT_WIDTH)
