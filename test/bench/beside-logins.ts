import type { Backends } from './backends.ts'
import { startWorker, type Worker } from './children.ts'
import type { Outcome, Plan } from './load.ts'
import { median } from './median.ts'
import { STORES, table } from './report.ts'
import { createSubjects, subjectNamed } from './subjects.ts'

/** What a check may take while passwords are hashed: times its median when idle, and milliseconds. */
const AIMS = { timesIdle: 2, p99Ms: 15 } as const
const CHECKERS = 1
const LOGINS = 64

/** Token checks one after the other, when nothing else is asked and while logins take all the processors. */
export interface BesideLogins {
  readonly store: (typeof STORES)[number]
  readonly idleP50Ms: number
  readonly besideP50Ms: number
  readonly besideP99Ms: number
  /** The ratio of the medians, within a round. */
  readonly timesIdle: number
  readonly loginsPerSecond: number
  readonly isReached: boolean
}

interface Pair {
  readonly idle: Outcome
  readonly beside: Outcome
  readonly logins: Outcome
}

const figureOf = (store: BesideLogins['store'], pairs: readonly Pair[]): BesideLogins => {
  const of = (pick: (pair: Pair) => number): number => Number(median(pairs.map(pick)).toFixed(2))
  const timesIdle = of(({ idle, beside }) => beside.p50 / idle.p50)
  const besideP99Ms = of(({ beside }) => beside.p99)
  return {
    store,
    idleP50Ms: of(({ idle }) => idle.p50),
    besideP50Ms: of(({ beside }) => beside.p50),
    besideP99Ms,
    timesIdle,
    loginsPerSecond: of(({ logins }) => logins.rate),
    isReached: timesIdle <= AIMS.timesIdle && besideP99Ms <= AIMS.p99Ms,
  }
}

/** Measures how long a check takes while logins saturate a daemon, in pairs with one that is idle. */
export const measureBesideLogins = async (
  backends: Backends,
  load: Worker<Plan, Outcome>,
  { seconds, rounds }: { readonly seconds: number; readonly rounds: number },
): Promise<readonly BesideLogins[]> => {
  const second = await startWorker<Plan, Outcome>('load.ts')
  const figures: BesideLogins[] = []
  for (const store of STORES) {
    const backend = await backends.start(store, { daemons: 1 })
    const subjects = await createSubjects(backend)
    const [check, login] = [subjectNamed(subjects, 'token check'), subjectNamed(subjects, 'password login')]
    const pairs: Pair[] = []
    for (let round = 0; round < rounds; round++) {
      const asked = await check.plan({ connections: CHECKERS, seconds })
      const idle = await load.ask(asked)
      const hashing = second.ask(await login.plan({ connections: LOGINS, seconds }))
      const beside = await load.ask(asked)
      pairs.push({ idle, beside, logins: await hashing })
    }
    figures.push(figureOf(store, pairs))
    await backend.stop()
  }
  second.stop()
  return figures
}

/** The figures as a table of Markdown. */
export const besideLoginsTable = (figures: readonly BesideLogins[]): string =>
  table<BesideLogins>(
    [
      ['token check on', ({ store }) => store],
      ['p50 ms, idle', ({ idleP50Ms }) => idleP50Ms.toFixed(2)],
      ['p50 ms, beside logins', ({ besideP50Ms }) => besideP50Ms.toFixed(2)],
      ['× idle', ({ timesIdle }) => timesIdle.toFixed(2)],
      ['aim', () => `≤ ${AIMS.timesIdle}`],
      ['p99 ms, beside logins', ({ besideP99Ms }) => besideP99Ms.toFixed(2)],
      ['aim', () => `≤ ${AIMS.p99Ms}`],
      ['', ({ isReached }) => (isReached ? 'reached' : 'missed')],
      ['logins/s', ({ loginsPerSecond }) => loginsPerSecond.toFixed(0)],
    ],
    figures,
  )
