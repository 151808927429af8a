import type { Outcome } from './load.ts'
import type { SubjectName } from './subjects.ts'

export type FloorName = 'bare express' | 'raw argon2'

/** What was measured of one subject: each run with the floor that was measured just before it. */
export interface Row {
  readonly name: SubjectName
  /** The store and the number of daemons. */
  readonly setup: string
  /** The share of the floor's rate to reach; undefined: none is set. */
  readonly aim: number | undefined
  readonly floor: FloorName
  readonly runs: { readonly floorRate: number; readonly outcome: Outcome }[]
}

interface Figure {
  readonly name: string
  readonly value: number
  readonly aim?: number | undefined
  readonly reached?: boolean | undefined
  readonly [detail: string]: unknown
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

const round = (value: number, digits = 2): number => Number(value.toFixed(digits))

const rateFigure = ({ name, setup, aim, floor, runs }: Row): Figure => {
  const of = (pick: (outcome: Outcome) => number): number => median(runs.map(({ outcome }) => pick(outcome)))
  const ratio = median(runs.map(({ floorRate, outcome }) => outcome.rate / floorRate))
  return {
    name,
    setup,
    value: round(ratio, 3),
    // The aims are for one daemon on the embedded store.
    ...(setup === 'SQLite' ? { aim, reached: aim === undefined ? undefined : ratio >= aim } : {}),
    floor,
    ratePerSecond: round(
      of(({ rate }) => rate),
      0,
    ),
    floorPerSecond: round(median(runs.map(({ floorRate }) => floorRate)), 0),
    p50Ms: round(of(({ p50 }) => p50)),
    p95Ms: round(of(({ p95 }) => p95)),
    p99Ms: round(of(({ p99 }) => p99)),
  }
}

const startFigures = ({ readyMs, residentMb }: { readyMs: number; residentMb: number }): Figure[] => [
  { name: 'ready (ms)', value: round(readyMs, 0), aim: 400, reached: readyMs <= 400 },
  { name: 'RSS idle (MB)', value: round(residentMb, 1), aim: 85, reached: residentMb <= 85 },
]

const COLUMNS = [
  ['figure', 'name', 16],
  ['on', 'setup', 20],
  ['value', 'value', 8],
  ['aim', 'aim', 6],
  ['', 'reached', 8],
  ['of', 'floor', 14],
  ['rate/s', 'ratePerSecond', 8],
  ['floor/s', 'floorPerSecond', 9],
  ['p50 ms', 'p50Ms', 8],
  ['p95 ms', 'p95Ms', 8],
  ['p99 ms', 'p99Ms', 8],
] as const

const cell = (value: unknown): string =>
  typeof value === 'boolean'
    ? value
      ? 'reached'
      : 'missed'
    : String((value as string | number | undefined) ?? '')

/**
 * Medians over the rounds: a ratio is taken within its round, so that a slow moment of the machine touches
 * both sides.
 */
export const summarise = (
  rows: readonly Row[],
  start: { readyMs: number; residentMb: number } | undefined,
): { table: string; figures: readonly Figure[] } => {
  const figures = [...rows.map(rateFigure), ...(start === undefined ? [] : startFigures(start))]
  const line = (cells: readonly string[]): string =>
    cells
      .map((text, column) => text.padEnd(COLUMNS[column]?.[2] ?? 0))
      .join('')
      .trimEnd()
  const lines = figures.map((figure) => line(COLUMNS.map(([, field]) => cell(figure[field]))))
  return { table: [line(COLUMNS.map(([title]) => title)), ...lines].join('\n'), figures }
}
