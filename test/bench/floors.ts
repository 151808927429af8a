import { startWorker, type Worker } from './children.ts'
import type { Outcome, Plan } from './load.ts'

/** What a work is compared with: what it must do at least, without anything that a product adds. */
export type FloorName = 'bare express' | 'signed + committed' | 'raw argon2'

/** Requests a second of each floor, measured when it is asked. */
export interface Floors {
  readonly measure: (name: FloorName) => Promise<number>
  readonly stop: () => void
}

const PATHS = { 'bare express': '/floor', 'signed + committed': '/signed' } as const

/** Starts the floors, each in a process of its own. */
export const startFloors = async (
  load: Worker<Plan, Outcome>,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Floors> => {
  const routes = await startWorker<never, never>('floor.ts')
  const argon2 = await startWorker<{ seconds: number }, { rate: number }>('raw-argon2.ts')
  const { url } = routes.greeting as { url: string }
  const measure = async (name: FloorName): Promise<number> => {
    if (name === 'raw argon2') return (await argon2.ask({ seconds })).rate
    const outcome = await load.ask({
      urls: [url],
      connections,
      seconds,
      method: 'POST',
      path: PATHS[name],
      bodies: { kind: 'repeat', body: '{"number":"+919876543210"}' },
    })
    return outcome.rate
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
