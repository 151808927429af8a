import { robustSlope } from '../journeys/steady-load.ts'
import type { Backend, Backends } from './backends.ts'
import type { Worker } from './children.ts'
import type { Outcome, Plan } from './load.ts'
import { median } from './median.ts'
import { requireClean } from './outcomes.ts'
import { STORES, table } from './report.ts'
import { createSubjects, type SubjectName, subjectNamed } from './subjects.ts'

/** For how long each work is done in a cycle, in seconds, by as many connections as everywhere. */
const CYCLE: readonly (readonly [SubjectName, number])[] = [
  ['token check', 1],
  ['OTP send', 0.2],
  ['OTP verify', 1],
  ['token refresh', 1],
  ['password login', 0.5],
]
const CONNECTIONS = 64
/** Until then the engine still enlarges what it keeps for young objects, and caches fill. */
const WARM_SHARE = 1 / 3
/** What the resident memory may grow in the rest of the time, of itself. */
const MOST_GROWTH = 0.05

/** A daemon under a mixed load that saturates it. */
export interface Steady {
  readonly store: (typeof STORES)[number]
  readonly minutes: number
  readonly requests: number
  /** After the warm-up: the median, the growth by the robust slope, and the requests meanwhile. */
  readonly residentMb: number
  readonly growthMb: number
  readonly judgedRequests: number
  readonly isFlat: boolean
}

interface Sample {
  readonly residentMb: number
  readonly requests: number
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const figureOf = (store: Steady['store'], minutes: number, samples: readonly Sample[]): Steady => {
  const judged = samples.slice(Math.floor(samples.length * WARM_SHARE))
  const resident = judged.map(({ residentMb }) => residentMb)
  const growthMb = robustSlope(resident) * (resident.length - 1)
  return {
    store,
    minutes,
    requests: sum(samples.map(({ requests }) => requests)),
    residentMb: median(resident),
    growthMb,
    judgedRequests: sum(judged.map(({ requests }) => requests)),
    isFlat: growthMb <= MOST_GROWTH * median(resident),
  }
}

/** One cycle of all works; how many requests it was. */
const runCycle = async (
  subjects: Awaited<ReturnType<typeof createSubjects>>,
  load: Worker<Plan, Outcome>,
): Promise<number> => {
  let requests = 0
  for (const [name, seconds] of CYCLE) {
    const subject = subjectNamed(subjects, name)
    const outcome = requireClean(
      name,
      await load.ask(await subject.plan({ connections: CONNECTIONS, seconds })),
    )
    subject.after?.(outcome)
    requests += outcome.requests
  }
  return requests
}

const watch = async (
  backend: Backend,
  load: Worker<Plan, Outcome>,
  minutes: number,
  say: (text: string) => void,
): Promise<readonly Sample[]> => {
  const subjects = await createSubjects(backend)
  const samples: Sample[] = []
  const end = performance.now() + minutes * 60_000
  let saidAt = 0
  while (performance.now() < end) {
    const requests = await runCycle(subjects, load)
    const residentMb = backend.residentMb()
    samples.push({ residentMb, requests })
    if (performance.now() - saidAt > 30_000) {
      saidAt = performance.now()
      say(`cycle ${samples.length}: ${requests} requests, ${residentMb.toFixed(1)} MB`)
    }
  }
  return samples
}

/** Keeps a daemon of each store busy for some minutes, and says whether its resident memory grows. */
export const measureSteady = async (
  backends: Backends,
  load: Worker<Plan, Outcome>,
  { minutes, on }: { readonly minutes: number; readonly on: ReadonlySet<string> | undefined },
  say: (text: string) => void,
): Promise<readonly Steady[]> => {
  const figures: Steady[] = []
  for (const store of STORES) {
    if (on?.has(store) === false) continue
    const backend = await backends.start(store, { daemons: 1 })
    figures.push(figureOf(store, minutes, await watch(backend, load, minutes, say)))
    await backend.stop()
  }
  return figures
}

/** The figures as a table of Markdown. */
export const steadyTable = (figures: readonly Steady[]): string =>
  table<Steady>(
    [
      ['on', ({ store }) => store],
      ['minutes', ({ minutes }) => String(minutes)],
      ['requests', ({ requests }) => String(requests)],
      ['resident MB', ({ residentMb }) => residentMb.toFixed(1)],
      ['growth MB', ({ growthMb }) => growthMb.toFixed(1)],
      ['in requests', ({ judgedRequests }) => String(judgedRequests)],
      [`aim ≤ ${MOST_GROWTH * 100} %`, ({ isFlat }) => (isFlat ? 'flat' : 'grows')],
    ],
    figures,
  )
