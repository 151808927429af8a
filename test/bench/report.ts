import type { FloorFigure, FloorName } from './floors.ts'
import type { Outcome } from './load.ts'
import { FLOORS, type SubjectName } from './subjects.ts'
import { median } from './median.ts'

/** The stores, with one daemon on each. */
export const STORES = ['SQLite', 'MongoDB'] as const
/**
 * One daemon on the embedded store, on MongoDB, two daemons on one MongoDB, and the peer. `before` is the
 * daemon of another checkout, where one is given.
 */
export const SETUPS = [
  'SQLite',
  'SQLite, before',
  'MongoDB',
  'MongoDB, before',
  'MongoDB, 2 daemons',
  'better-auth',
] as const
export type SetupName = (typeof SETUPS)[number]

/** One run of one work: many connections at once, then one, and what both cost. */
export interface Run {
  /** The floors, measured in the same round just before. */
  readonly floors: Readonly<Partial<Record<FloorName, FloorFigure>>>
  readonly many: Outcome
  readonly one: Outcome
  /** Microseconds of processor time for each request with many connections. */
  readonly cpuUs: { readonly daemons: number; readonly database: number }
}

/** All runs of one work on one setup, by round. */
export interface Row {
  readonly name: SubjectName
  readonly setup: SetupName
  readonly runs: readonly Run[]
}

/** One line of the report. */
export interface Figure {
  readonly name: SubjectName
  readonly setup: SetupName
  readonly floor: FloorName
  readonly ratio: number
  /** The floor's processor time for one request, as a share of what the daemons take. */
  readonly ratioByCpu: number
  readonly aim: number | undefined
  readonly reached: boolean | undefined
  readonly ratePerSecond: number
  readonly floorPerSecond: number
  /** How many times the peer's rate in the same round; the embedded store only. */
  readonly timesPeer: number | undefined
  /** How many times the peer's rate for the same processor time; the embedded store only. */
  readonly timesPeerByCpu: number | undefined
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p50MsAlone: number
  readonly p99MsAlone: number
  readonly cpuUs: number
  readonly databaseCpuUs: number
}

/** Shares of the first floor to reach. */
export const AIMS: Readonly<Partial<Record<SetupName, Partial<Record<SubjectName, number>>>>> = {
  SQLite: {
    'token check': 0.8,
    'OTP send': 0.42,
    'OTP verify': 0.22,
    'token refresh': 0.26,
    'password login': 0.95,
  },
  MongoDB: { 'token check': 0.45, 'OTP verify': 0.06, 'token refresh': 0.08 },
}

const round = (value: number, digits = 2): number => Number(value.toFixed(digits))

/**
 * Medians over the rounds; a ratio is taken within its round, so that a slow moment of the machine touches
 * both sides.
 */
const figureOf = ({ name, setup, runs }: Row, floor: FloorName, peer: Row | undefined): Figure => {
  const of = (pick: (run: Run) => number): number => median(runs.map(pick))
  const ratio = of(({ floors, many }) => many.rate / (floors[floor]?.rate ?? NaN))
  const aim = floor === FLOORS[name][0] ? AIMS[setup]?.[name] : undefined
  const besidePeer = (share: (own: Run, theirs: Run) => number): number | undefined => {
    if (setup !== 'SQLite' || peer === undefined) return undefined
    return round(
      median(runs.flatMap((run, n) => (peer.runs[n] === undefined ? [] : [share(run, peer.runs[n])]))),
      1,
    )
  }
  return {
    name,
    setup,
    floor,
    ratio: round(ratio, 3),
    ratioByCpu: round(
      of(({ floors, cpuUs }) => (floors[floor]?.cpuUs ?? NaN) / cpuUs.daemons),
      3,
    ),
    aim,
    reached: aim === undefined ? undefined : ratio >= aim,
    ratePerSecond: round(
      of(({ many }) => many.rate),
      0,
    ),
    floorPerSecond: round(
      of(({ floors }) => floors[floor]?.rate ?? NaN),
      0,
    ),
    timesPeer: besidePeer((own, theirs) => own.many.rate / theirs.many.rate),
    timesPeerByCpu: besidePeer((own, theirs) => theirs.cpuUs.daemons / own.cpuUs.daemons),
    p50Ms: round(of(({ many }) => many.p50)),
    p99Ms: round(of(({ many }) => many.p99)),
    p50MsAlone: round(of(({ one }) => one.p50)),
    p99MsAlone: round(of(({ one }) => one.p99)),
    cpuUs: round(
      of(({ cpuUs }) => cpuUs.daemons),
      0,
    ),
    databaseCpuUs: round(
      of(({ cpuUs }) => cpuUs.database),
      0,
    ),
  }
}

/** The figures of all rows, one for each floor of each work. */
export const figuresOf = (rows: readonly Row[]): readonly Figure[] =>
  rows.flatMap((row) => {
    if (row.setup.endsWith('before')) return []
    const peer = rows.find(({ name, setup }) => setup === 'better-auth' && name === row.name)
    return FLOORS[row.name].map((floor) => figureOf(row, floor, peer))
  })

/** The columns of a table: what stands above each, and what of an item stands in it. */
type Columns<T> = readonly (readonly [title: string, cell: (item: T) => string])[]

const times = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(1))

const RATES: Columns<Figure> = [
  ['work', ({ name }) => name],
  ['on', ({ setup }) => setup],
  ['of the floor', ({ ratio }) => ratio.toFixed(3)],
  ['aim', ({ aim }) => (aim === undefined ? '' : aim.toFixed(2))],
  ['', ({ reached }) => (reached === undefined ? '' : reached ? 'reached' : 'missed')],
  ['by CPU', ({ ratioByCpu }) => ratioByCpu.toFixed(3)],
  ['floor', ({ floor }) => floor],
  ['rate/s', ({ ratePerSecond }) => String(ratePerSecond)],
  ['floor/s', ({ floorPerSecond }) => String(floorPerSecond)],
  ['× peer', ({ timesPeer }) => times(timesPeer)],
  ['× peer by CPU', ({ timesPeerByCpu }) => times(timesPeerByCpu)],
]

const LATENCIES: Columns<Figure> = [
  ['work', ({ name }) => name],
  ['on', ({ setup }) => setup],
  ['p50 ms, 64', ({ p50Ms }) => p50Ms.toFixed(2)],
  ['p99 ms, 64', ({ p99Ms }) => p99Ms.toFixed(2)],
  ['p50 ms, 1', ({ p50MsAlone }) => p50MsAlone.toFixed(2)],
  ['p99 ms, 1', ({ p99MsAlone }) => p99MsAlone.toFixed(2)],
  ['CPU µs', ({ cpuUs }) => String(cpuUs)],
  ['mongod µs', ({ databaseCpuUs }) => (databaseCpuUs === 0 ? '' : String(databaseCpuUs))],
]

/** Items as lines of a table of Markdown, which is also readable in a terminal. */
export const table = <T>(columns: Columns<T>, items: readonly T[]): string => {
  const cells = [
    columns.map(([title]) => title),
    ...items.map((item) => columns.map(([, cell]) => cell(item))),
  ]
  const widths = columns.map((_, column) => Math.max(3, ...cells.map((line) => line[column]?.length ?? 0)))
  const lines = cells.map((line) => `| ${line.map((text, n) => text.padEnd(widths[n] ?? 0)).join(' | ')} |`)
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`)
  return lines.join('\n')
}

/** Rates beside their floors and the peer, then latencies and what a request costs. */
export const tablesOf = (figures: readonly Figure[]): string => {
  const works = figures.filter(({ name, floor }) => floor === FLOORS[name][0])
  return `${table(RATES, figures)}\n\n${table(LATENCIES, works)}`
}
