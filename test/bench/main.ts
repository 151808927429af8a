import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { createBackends } from './backends.ts'
import { comparisonsOf, comparisonTable } from './before.ts'
import { besideLoginsTable, measureBesideLogins } from './beside-logins.ts'
import { measureStart, startWorker } from './children.ts'
import { growthTable, measureGrowth } from './growth.ts'
import type { Outcome, Plan } from './load.ts'
import { pictureOf } from './picture.ts'
import { measureRates } from './rates.ts'
import { figuresOf, tablesOf } from './report.ts'
import { measureSteady, steadyTable } from './steady.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    /** Under two minutes: short runs, few rounds, no populations. */
    quick: { type: 'boolean', default: false },
    /** Profile the daemon; the profile is written to the results folder when it ends. */
    profile: { type: 'boolean', default: false },
    /** Only the named works, comma-separated; the start is then not measured. */
    only: { type: 'string' },
    /** Only the named setups, comma-separated, such as `MongoDB`. */
    on: { type: 'string' },
    /** A built checkout, of an earlier commit say, whose daemon is measured in turn with this one. */
    beside: { type: 'string' },
    /** Nothing but the resident memory under so many minutes of load. */
    steady: { type: 'string' },
    /** Numbers of accounts at which latencies are compared, comma-separated; `none`: not at all. */
    accounts: { type: 'string' },
    /** Put the tables and the picture into the documentation. */
    publish: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds ?? (values.quick ? 0.8 : 2))
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5))
const accounts = values.accounts ?? (values.quick ? 'none' : '1000,1000000')
if (!(seconds > 0 && rounds > 0)) throw new Error('--seconds and --rounds must be positive numbers')

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const RESULTS = `${ROOT}bench-results/`
const PAGE = `${ROOT}docs/performance.md`
const STARTS = values.quick ? 3 : 7
const AIMS = { readyMs: 400, residentMb: 95 } as const

const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** Replaces what stands between the marks of the page. */
const publish = (name: string, text: string): void => {
  const page = readFileSync(PAGE, 'utf8')
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`docs/performance.md has no place for ${name}`)
  writeFileSync(PAGE, `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`)
}

const setOf = (names: string | undefined): ReadonlySet<string> | undefined =>
  names === undefined ? undefined : new Set(names.split(','))
const [only, on] = [setOf(values.only), setOf(values.on)]
const beside = values.beside === undefined ? undefined : resolve(values.beside)
mkdirSync(RESULTS, { recursive: true })
const starts =
  only === undefined && values.steady === undefined
    ? await measureStart(STARTS, beside === undefined ? [ROOT] : [ROOT, beside])
    : []
const [start] = starts
const sizes = accounts === 'none' ? [] : accounts.split(',').map(Number)
const nodeFlags = values.profile
  ? ['--cpu-prof', `--cpu-prof-dir=${RESULTS}profile`, '--cpu-prof-interval=500']
  : []
const backends = await createBackends()
const load = await startWorker<Plan, Outcome>('load.ts')
if (values.steady !== undefined) {
  const steady = steadyTable(await measureSteady(backends, load, { minutes: Number(values.steady), on }, say))
  process.stdout.write(`${steady}\n`)
  if (values.publish) publish('steady', steady)
  process.exit()
}
const rows = await measureRates(backends, load, { only, on, beside, seconds, rounds, nodeFlags, say })
const figures = figuresOf(rows)
process.stdout.write(`${tablesOf(figures)}\n`)
const comparisons = comparisonsOf(rows)
if (comparisons.length > 0) process.stdout.write(`\n${comparisonTable(comparisons, starts)}\n`)
const startLine =
  start === undefined
    ? ''
    : `Ready after ${start.readyMs.toFixed(0)} ms (aim ${AIMS.readyMs}); ${start.residentMb.toFixed(1)} MB resident when idle (aim ${AIMS.residentMb}).`
if (startLine !== '') process.stdout.write(`\n${startLine}\n`)
const wantsLogins = only === undefined || only.has('beside logins')
const besideLogins = wantsLogins ? await measureBesideLogins(backends, load, { seconds, rounds }) : []
if (besideLogins.length > 0) process.stdout.write(`\n${besideLoginsTable(besideLogins)}\n`)
const growth = []
for (const store of sizes.length === 0 ? [] : (['SQLite', 'MongoDB'] as const))
  growth.push(...(await measureGrowth(backends, load, { store, sizes, seconds, rounds }, say)))
if (growth.length > 0) process.stdout.write(`\n${growthTable(growth)}\n`)
load.stop()

const machine = { cpus: availableParallelism(), model: cpus()[0]?.model, node: process.version }
const at = new Date().toISOString()
writeFileSync(
  `${RESULTS}latest.json`,
  `${JSON.stringify({ at, machine, seconds, rounds, start, figures, comparisons, besideLogins, growth }, null, 2)}\n`,
)
const subtitle = `${machine.cpus} cores shared by load, daemon and floors, Node ${machine.node}, ${at.slice(0, 10)}; medians of ${rounds} rounds`
const picture = pictureOf(figures, subtitle)
writeFileSync(`${RESULTS}performance.svg`, picture)
say('written to bench-results/latest.json and bench-results/performance.svg')
if (values.publish) {
  writeFileSync(`${ROOT}docs/performance.svg`, picture)
  publish(
    'figures',
    [`${subtitle}.`, tablesOf(figures), besideLoginsTable(besideLogins), startLine].join('\n\n'),
  )
  if (comparisons.length > 0) publish('before and after', comparisonTable(comparisons, starts))
  if (growth.length > 0) publish('growth', ['```text', growthTable(growth), '```'].join('\n'))
  say('put into docs/performance.md and docs/performance.svg')
}
