import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { type Backend, createBackends, type Backends, type StoreName } from './backends.ts'
import { measureStart, startWorker, type Worker } from './children.ts'
import { growthTable, measureGrowth } from './growth.ts'
import type { Outcome, Plan } from './load.ts'
import { summarise, type Row } from './report.ts'
import { createSubjects, type Subject } from './subjects.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    /** Profile the daemon; the profile is written to the results folder when it ends. */
    profile: { type: 'boolean', default: false },
    /** Only the named subjects, comma-separated; the start is then not measured. */
    only: { type: 'string' },
    /** Numbers of accounts at which latencies are compared, comma-separated; `none`: not at all. */
    accounts: { type: 'string', default: '1000,100000,1000000' },
  },
})
const seconds = values.quick ? 1 : Number(values.seconds)
const rounds = values.quick ? 3 : Number(values.rounds)
if (!(seconds > 0 && rounds > 0)) throw new Error('--seconds and --rounds must be positive numbers')

const RESULTS = fileURLToPath(new URL('../../bench-results/', import.meta.url))
const CONNECTIONS = 64
const STARTS = 7

const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** A run in which any answer was not a success, or any connection failed, measures nothing. */
const requireClean = (name: string, outcome: Outcome): Outcome => {
  const bad = Object.keys(outcome.statuses).filter((status) => !status.startsWith('2'))
  if (bad.length > 0 || outcome.failed > 0 || outcome.requests === 0)
    throw new Error(`${name}: ${JSON.stringify(outcome.statuses)}, ${outcome.failed} failed`)
  return outcome
}

/** What is measured side by side in each round. */
const SETUPS: readonly { readonly name: string; readonly store: StoreName; readonly daemons: number }[] = [
  { name: 'SQLite', store: 'SQLite', daemons: 1 },
  { name: 'MongoDB', store: 'MongoDB', daemons: 1 },
  { name: 'MongoDB, 2 daemons', store: 'MongoDB', daemons: 2 },
]

const measureRates = async (
  only: ReadonlySet<string> | undefined,
  backends: Backends,
  load: Worker<Plan, Outcome>,
): Promise<Row[]> => {
  const floor = await startWorker<never, never>('floor.ts')
  const argon2 = await startWorker<{ seconds: number }, { rate: number }>('raw-argon2.ts')
  const nodeFlags = values.profile
    ? ['--cpu-prof', `--cpu-prof-dir=${RESULTS}profile`, '--cpu-prof-interval=500']
    : []
  const { url } = floor.greeting as { url: string }
  const run = async (name: string, plan: Plan): Promise<Outcome> => requireClean(name, await load.ask(plan))
  const floorPlan = {
    urls: [url],
    connections: CONNECTIONS,
    seconds,
    method: 'POST',
    path: '/floor',
    bodies: { kind: 'repeat', body: '{"number":"+919876543210"}' },
  } as const satisfies Plan
  const setups: { name: string; backend: Backend; subjects: Subject[] }[] = []
  for (const { name, store, daemons } of SETUPS) {
    const backend = await backends.start(store, { daemons, nodeFlags })
    setups.push({
      name,
      backend,
      subjects: await createSubjects(backend, { connections: CONNECTIONS, seconds }),
    })
  }
  const rows = new Map<string, Row>(
    setups.flatMap(({ name: setup, subjects }) =>
      subjects.map(({ name, aim, floor: of }) => [
        `${name}: ${setup}`,
        { name, setup, aim, floor: of, runs: [] },
      ]),
    ),
  )
  await run('floor', { ...floorPlan, seconds: 1 })
  for (let round = 0; round < rounds; round++) {
    for (const index of setups[0]?.subjects.keys() ?? []) {
      for (const { name: setup, subjects } of setups) {
        const subject = subjects[index] as Subject
        // Codes must have been sent before they can be verified, so no subject is left out of the first steps
        // of a chosen one.
        if (only !== undefined && !only.has(subject.name) && !subject.feeds?.some((fed) => only.has(fed)))
          continue
        const floorRate =
          subject.floor === 'raw argon2'
            ? (await argon2.ask({ seconds })).rate
            : (await run('floor', floorPlan)).rate
        const outcome = await run(subject.name, await subject.plan())
        await subject.after?.(outcome)
        rows.get(`${subject.name}: ${setup}`)?.runs.push({ floorRate, outcome })
        say(
          `round ${round + 1}: ${subject.name} on ${setup}: ${outcome.rate.toFixed(0)}/s of ${floorRate.toFixed(0)}/s (${subject.floor})`,
        )
      }
    }
  }
  await Promise.all(setups.map(({ backend }) => backend.stop()))
  for (const worker of [floor, argon2]) worker.stop()
  return [...rows.values()].filter(({ runs }) => runs.length > 0)
}

const only = values.only === undefined ? undefined : new Set(values.only.split(','))
mkdirSync(RESULTS, { recursive: true })
const start = only === undefined ? await measureStart(STARTS) : undefined
const sizes = values.accounts === 'none' ? [] : values.accounts.split(',').map(Number)
const backends = await createBackends()
const load = await startWorker<Plan, Outcome>('load.ts')
const report = summarise(await measureRates(only, backends, load), start)
process.stdout.write(`${report.table}\n`)
const growth = []
for (const store of sizes.length === 0 ? [] : (['SQLite', 'MongoDB'] as const))
  growth.push(...(await measureGrowth(backends, load, { store, sizes, seconds, rounds }, say)))
if (growth.length > 0) process.stdout.write(`\n${growthTable(growth)}\n`)
load.stop()
await backends.stop()
const machine = { cpus: availableParallelism(), model: cpus()[0]?.model, node: process.version }
const results = { at: new Date().toISOString(), machine, seconds, rounds, figures: report.figures, growth }
writeFileSync(`${RESULTS}latest.json`, `${JSON.stringify(results, null, 2)}\n`)
say(`written to bench-results/latest.json`)
