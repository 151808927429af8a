import type { Start } from './children.ts'
import { median } from './median.ts'
import { AIMS, type Run, type Row, STORES, table } from './report.ts'
import { FLOORS, ORDER, type SubjectName } from './subjects.ts'

/** One work on one store, by the daemon of another checkout and by this one, in turn in one run. */
export interface Comparison {
  readonly name: SubjectName
  readonly store: (typeof STORES)[number]
  readonly before: Side
  readonly after: Side
  /** How many times the rate, and how many times less processor time, taken within a round. */
  readonly timesRate: number
  readonly timesLessCpu: number
}

interface Side {
  /** The share of the first floor. */
  readonly ratio: number
  readonly cpuUs: number
  readonly databaseCpuUs: number
}

const cpuOf = ({ cpuUs }: Run): number => cpuUs.daemons + cpuUs.database

const sideOf = (name: SubjectName, runs: readonly Run[]): Side => {
  const of = (pick: (run: Run) => number): number => median(runs.map(pick))
  return {
    ratio: of(({ floors, many }) => many.rate / (floors[FLOORS[name][0]]?.rate ?? NaN)),
    cpuUs: of(({ cpuUs }) => cpuUs.daemons),
    databaseCpuUs: of(({ cpuUs }) => cpuUs.database),
  }
}

/** What the other checkout did beside this one; nothing, if there was none. */
export const comparisonsOf = (rows: readonly Row[]): readonly Comparison[] =>
  STORES.flatMap((store) =>
    ORDER.flatMap(([name]) => {
      const runsOf = (setup: Row['setup']): readonly Run[] =>
        rows.find((row) => row.name === name && row.setup === setup)?.runs ?? []
      const [after, before] = [runsOf(store), runsOf(`${store}, before`)]
      if (before.length === 0) return []
      const times = (ratio: (now: Run, then: Run) => number): number =>
        median(after.flatMap((now, n) => (before[n] === undefined ? [] : [ratio(now, before[n])])))
      return [
        {
          name,
          store,
          before: sideOf(name, before),
          after: sideOf(name, after),
          timesRate: times((now, then) => now.many.rate / then.many.rate),
          timesLessCpu: times((now, then) => cpuOf(then) / cpuOf(now)),
        },
      ]
    }),
  )

const microseconds = ({ cpuUs, databaseCpuUs }: Side): string =>
  databaseCpuUs === 0 ? cpuUs.toFixed(0) : `${cpuUs.toFixed(0)} + ${databaseCpuUs.toFixed(0)}`

const startLine = ([after, before]: readonly Start[]): string =>
  after === undefined || before === undefined
    ? ''
    : `\n\nReady after ${before.readyMs.toFixed(0)} ms before and ${after.readyMs.toFixed(0)} ms after (${(after.readyMs / before.readyMs).toFixed(2)}, aim 0.6); resident when idle ${before.residentMb.toFixed(1)} MB before and ${after.residentMb.toFixed(1)} MB after.`

/** Both sides as a table of Markdown, and what a start costs. */
export const comparisonTable = (comparisons: readonly Comparison[], starts: readonly Start[]): string =>
  table<Comparison>(
    [
      ['work', ({ name }) => name],
      ['on', ({ store }) => store],
      ['floor', ({ name }) => FLOORS[name][0]],
      ['before', ({ before }) => before.ratio.toFixed(3)],
      ['after', ({ after }) => after.ratio.toFixed(3)],
      ['aim', ({ name, store }) => AIMS[store]?.[name]?.toFixed(2) ?? ''],
      ['× rate', ({ timesRate }) => timesRate.toFixed(2)],
      ['CPU µs before', ({ before }) => microseconds(before)],
      ['after', ({ after }) => microseconds(after)],
      ['× less CPU', ({ timesLessCpu }) => timesLessCpu.toFixed(2)],
    ],
    comparisons,
  ) + startLine(starts)
