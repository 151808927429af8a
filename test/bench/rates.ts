import type { Backend, Backends } from './backends.ts'
import type { Worker } from './children.ts'
import { startFloors, type FloorFigure, type FloorName } from './floors.ts'
import type { Outcome, Plan } from './load.ts'
import { requireClean } from './outcomes.ts'
import { SETUPS, type Row, type Run, type SetupName } from './report.ts'
import { createPeerSubjects, createSubjects, FLOORS, ORDER, type Subject } from './subjects.ts'

const CONNECTIONS = 64
const MICROSECONDS = 1e6

interface Setup {
  readonly name: SetupName
  readonly backend: Backend
  readonly subjects: readonly Subject[]
}

/** What is asked of a measurement of rates. */
export interface RatesPlan {
  readonly only: ReadonlySet<string> | undefined
  /** The setups that are measured; all, if it is not said. */
  readonly on: ReadonlySet<string> | undefined
  /** A checkout whose daemon is measured beside this one. */
  readonly beside: string | undefined
  readonly seconds: number
  readonly rounds: number
  readonly nodeFlags: readonly string[]
  readonly say: (text: string) => void
}

type SetupPlan = Pick<RatesPlan, 'on' | 'beside' | 'nodeFlags'>

const startSetup = async (
  backends: Backends,
  name: SetupName,
  { beside, nodeFlags }: SetupPlan,
): Promise<Setup> => {
  if (name === 'better-auth') {
    const backend = await backends.startPeer()
    return { name, backend, subjects: await createPeerSubjects(backend) }
  }
  const store = name.startsWith('SQLite') ? 'SQLite' : 'MongoDB'
  const backend = await backends.start(store, {
    daemons: name.endsWith('2 daemons') ? 2 : 1,
    nodeFlags,
    checkout: name.endsWith('before') ? beside : undefined,
  })
  return { name, backend, subjects: await createSubjects(backend) }
}

/** One after the other: on a busy machine two that make their schema at once would miss a deadline. */
const startSetups = async (backends: Backends, plan: SetupPlan): Promise<Setup[]> => {
  const setups: Setup[] = []
  for (const name of SETUPS) {
    const isBefore = name.endsWith('before')
    const isWanted = plan.on?.has(name.replace(', before', '')) ?? true
    if (isWanted && (!isBefore || plan.beside !== undefined))
      setups.push(await startSetup(backends, name, plan))
  }
  return setups
}

/** Measures every work on every setup beside its floors, in rounds, each setup in turn. */
export const measureRates = async (
  backends: Backends,
  load: Worker<Plan, Outcome>,
  { only, seconds, rounds, say, ...setupPlan }: RatesPlan,
): Promise<readonly Row[]> => {
  const works = ORDER.filter((names) => only === undefined || names.some((name) => only.has(name)))
  if (works.length === 0) return []
  const setups = await startSetups(backends, setupPlan)
  const floors = await startFloors(load, { connections: CONNECTIONS, seconds })
  const runs = new Map<string, Run[]>()

  const measure = async (
    { name, backend }: Setup,
    subject: Subject,
    floorRates: Run['floors'],
  ): Promise<Run> => {
    const before = backend.cpuSeconds()
    const plan = await subject.plan({ connections: CONNECTIONS, seconds })
    const many = requireClean(subject.name, await load.ask(plan))
    const after = backend.cpuSeconds()
    subject.after?.(many)
    const alone = await subject.plan({ connections: 1, seconds: seconds / 4 })
    const one = requireClean(subject.name, await load.ask(alone))
    subject.after?.(one)
    const per = (from: number, to: number): number => ((to - from) * MICROSECONDS) / many.requests
    say(`${subject.name} on ${name}: ${many.rate.toFixed(0)}/s, ${one.p50.toFixed(2)} ms alone`)
    return {
      floors: floorRates,
      many,
      one,
      cpuUs: {
        daemons: per(before.daemons, after.daemons),
        database: per(before.database, after.database),
      },
    }
  }

  const measureFloors = async (names: readonly FloorName[]): Promise<Run['floors']> => {
    const rates: Partial<Record<FloorName, FloorFigure>> = {}
    for (const name of names) rates[name] = await floors.measure(name)
    return rates
  }

  const back = setups.toReversed()
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`)
    for (const [name] of works) {
      const floorRates = await measureFloors(FLOORS[name])
      for (const setup of round % 2 === 0 ? setups : back) {
        const subject = setup.subjects.find((one) => one.name === name)
        if (subject === undefined) continue
        const key = `${name}|${setup.name}`
        runs.set(key, [...(runs.get(key) ?? []), await measure(setup, subject, floorRates)])
      }
    }
  }
  await Promise.all(setups.map(({ backend }) => backend.stop()))
  floors.stop()
  return SETUPS.flatMap((setup) =>
    ORDER.flatMap(([name]) => {
      const measured = runs.get(`${name}|${setup}`)
      return measured === undefined ? [] : [{ name, setup, runs: measured }]
    }),
  )
}
