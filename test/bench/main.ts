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
import { figuresOf, STORES, tablesOf } from './report.ts'
import { measureSteady, steadyTable } from './steady.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    /** Under two minutes: short runs, few rounds, no populations. */
    quick: { type: 'boolean', default: false },
    /** Profile the daemon; the profile is written to the results folder when it ends. */
    profile: { type: 'boolean', default: false },
    /** Only the named works and parts, comma-separated: also `start`, `beside logins`, `growth`. */
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

/** Shows a part of the report, and puts it into the page if that is asked for. */
const tell = (name: string, text: string): void => {
  process.stdout.write(`${text}\n\n`)
  if (values.publish) publish(name, text)
}

const setOf = (names: string | undefined): ReadonlySet<string> | undefined =>
  names === undefined ? undefined : new Set(names.split(','))
const [only, on] = [setOf(values.only), setOf(values.on)]
const isWanted = (part: string): boolean =>
  values.steady === undefined && (only === undefined || only.has(part))
const beside = values.beside === undefined ? undefined : resolve(values.beside)
const at = new Date().toISOString()
const machine = { cpus: availableParallelism(), model: cpus()[0]?.model, node: process.version }
const subtitle = `${machine.cpus} cores shared by load, daemon and floors, Node ${machine.node}, ${at.slice(0, 10)}; medians of ${rounds} rounds`

mkdirSync(RESULTS, { recursive: true })
const backends = await createBackends()
const load = await startWorker<Plan, Outcome>('load.ts')
if (values.steady !== undefined) {
  const plan = { minutes: Number(values.steady), on }
  tell('steady', steadyTable(await measureSteady(backends, load, plan, say)))
}

const checkouts = beside === undefined ? [ROOT] : [ROOT, beside]
const starts = isWanted('start') ? await measureStart(STARTS, checkouts) : []
const [start] = starts
if (start !== undefined)
  tell(
    'start',
    `Ready after ${start.readyMs.toFixed(0)} ms (aim ${AIMS.readyMs}); ${start.residentMb.toFixed(1)} MB resident when idle (aim ${AIMS.residentMb}).`,
  )

const nodeFlags = values.profile
  ? ['--cpu-prof', `--cpu-prof-dir=${RESULTS}profile`, '--cpu-prof-interval=500']
  : []
const rows =
  values.steady === undefined
    ? await measureRates(backends, load, { only, on, beside, seconds, rounds, nodeFlags, say })
    : []
const figures = figuresOf(rows)
if (figures.length > 0) {
  tell('figures', `${subtitle}.\n\n${tablesOf(figures)}`)
  const picture = pictureOf(figures, subtitle)
  writeFileSync(`${RESULTS}performance.svg`, picture)
  if (values.publish) writeFileSync(`${ROOT}docs/performance.svg`, picture)
}
const comparisons = comparisonsOf(rows)
if (comparisons.length > 0)
  tell('before and after', `${subtitle}.\n\n${comparisonTable(comparisons, starts)}`)

const besideLogins = isWanted('beside logins')
  ? await measureBesideLogins(backends, load, { seconds, rounds })
  : []
if (besideLogins.length > 0) tell('beside logins', besideLoginsTable(besideLogins))

const sizes = accounts === 'none' || !isWanted('growth') ? [] : accounts.split(',').map(Number)
const growth = []
for (const store of sizes.length === 0 ? [] : STORES)
  growth.push(...(await measureGrowth(backends, load, { store, sizes, seconds, rounds }, say)))
if (growth.length > 0) tell('growth', ['```text', growthTable(growth), '```'].join('\n'))
load.stop()

const all = { at, machine, seconds, rounds, start, figures, comparisons, besideLogins, growth }
writeFileSync(`${RESULTS}latest.json`, `${JSON.stringify(all, null, 2)}\n`)
say('written to bench-results/latest.json')
