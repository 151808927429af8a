import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { measureStart, startDaemon, startWorker } from './children.ts'
import type { Outcome, Plan } from './load.ts'
import { summarise, type Row } from './report.ts'
import { createSubjects, type SubjectName } from './subjects.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    /** Profile the daemon; the profile is written to the results folder when it ends. */
    profile: { type: 'boolean', default: false },
    /** Only the named subjects, comma-separated; the start is then not measured. */
    only: { type: 'string' },
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

const measureRates = async (only: ReadonlySet<string> | undefined): Promise<Row[]> => {
  const load = await startWorker<Plan, Outcome>('load.ts')
  const floor = await startWorker<never, never>('floor.ts')
  const argon2 = await startWorker<{ seconds: number }, { rate: number }>('raw-argon2.ts')
  const daemon = await startDaemon(
    values.profile ? ['--cpu-prof', `--cpu-prof-dir=${RESULTS}profile`, '--cpu-prof-interval=500'] : [],
  )
  const { url } = floor.greeting as { url: string }
  const run = async (name: string, plan: Plan): Promise<Outcome> => requireClean(name, await load.ask(plan))
  const floorPlan = {
    url,
    connections: CONNECTIONS,
    seconds,
    method: 'POST',
    path: '/floor',
    bodies: { kind: 'repeat', body: '{"number":"+919876543210"}' },
  } as const satisfies Plan
  const subjects = await createSubjects(daemon, { connections: CONNECTIONS, seconds })
  const rows = new Map<SubjectName, Row>(
    subjects.map((subject) => [
      subject.name,
      { name: subject.name, aim: subject.aim, floor: subject.floor, runs: [] },
    ]),
  )
  await run('floor', { ...floorPlan, seconds: 1 })
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      // Codes must have been sent before they can be verified, so no subject is left out of the first steps of a chosen one.
      if (only !== undefined && !only.has(subject.name) && !subject.feeds?.some((fed) => only.has(fed)))
        continue
      const floorRate =
        subject.floor === 'raw argon2'
          ? (await argon2.ask({ seconds })).rate
          : (await run('floor', floorPlan)).rate
      const outcome = await run(subject.name, await subject.plan())
      await subject.after?.(outcome)
      rows.get(subject.name)?.runs.push({ floorRate, outcome })
      say(
        `round ${round + 1}: ${subject.name} ${outcome.rate.toFixed(0)}/s of ${floorRate.toFixed(0)}/s (${subject.floor})`,
      )
    }
  }
  await daemon.stop()
  for (const worker of [load, floor, argon2]) worker.stop()
  return [...rows.values()].filter(({ runs }) => runs.length > 0)
}

const only = values.only === undefined ? undefined : new Set(values.only.split(','))
mkdirSync(RESULTS, { recursive: true })
const start = only === undefined ? await measureStart(STARTS) : undefined
const report = summarise(await measureRates(only), start)
process.stdout.write(`${report.table}\n`)
const machine = { cpus: availableParallelism(), model: cpus()[0]?.model, node: process.version }
writeFileSync(
  `${RESULTS}latest.json`,
  `${JSON.stringify({ at: new Date().toISOString(), machine, seconds, rounds, figures: report.figures }, null, 2)}\n`,
)
say(`written to bench-results/latest.json`)
