import { cpuSecondsOf, startWorker, type Worker } from './children.ts'
import type { Outcome, Plan } from './load.ts'

/** What a work is compared with: what it must do at least, without anything that a product adds. */
export type FloorName = 'bare express' | 'signed + committed' | 'raw argon2'

/** What a floor does: requests a second, and microseconds of processor time for each. */
export interface FloorFigure {
  readonly rate: number
  readonly cpuUs: number
}

/** The floors, each measured when it is asked for. */
export interface Floors {
  readonly measure: (name: FloorName) => Promise<FloorFigure>
  readonly stop: () => void
}

const MICROSECONDS = 1e6
const PATHS = { 'bare express': '/floor', 'signed + committed': '/signed' } as const

type Done = Pick<Outcome, 'rate' | 'requests'>

/** Starts the floors, each in a process of its own. */
export const startFloors = async (
  load: Worker<Plan, Outcome>,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Floors> => {
  const routes = await startWorker<never, never>('floor.ts')
  const argon2 = await startWorker<{ seconds: number }, Done>('raw-argon2.ts')
  const { url } = routes.greeting as { url: string }
  const run = (name: FloorName): Promise<Done> => {
    if (name === 'raw argon2') return argon2.ask({ seconds })
    return load.ask({
      urls: [url],
      connections,
      seconds,
      method: 'POST',
      path: PATHS[name],
      bodies: { kind: 'repeat', body: '{"number":"+919876543210"}' },
    })
  }
  const measure = async (name: FloorName): Promise<FloorFigure> => {
    const { pid } = name === 'raw argon2' ? argon2 : routes
    const before = cpuSecondsOf(pid)
    const { rate, requests } = await run(name)
    return { rate, cpuUs: ((cpuSecondsOf(pid) - before) * MICROSECONDS) / requests }
  }
  // The first run warms both routes.
  await measure('bare express')
  await measure('signed + committed')
  return {
    measure,
    stop: () => {
      routes.stop()
      argon2.stop()
    },
  }
}
