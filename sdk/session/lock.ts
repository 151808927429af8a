import { web } from './web.ts'

/** Longer than a refresh takes as a rule; the daemon forgives one that was made beside another. */
const WAIT_MS = 5000
/** For so long, what one tab has written may not be seen by another. */
const SETTLE_MS = 1000
const LOOK_MS = 20

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

type Locks = NonNullable<NonNullable<ReturnType<typeof web>['navigator']>['locks']>

const markOf = (name: string): string => `${name}.done`

/** Leaves a mark, a lock that nobody waits for, which others see as soon as they have the lock itself. */
const leaveMark = (locks: Locks, name: string): Promise<void> =>
  new Promise((resolve) => {
    const hold = (): Promise<void> => {
      resolve()
      return sleep(SETTLE_MS)
    }
    locks.request(markOf(name), { mode: 'shared' }, hold).catch(() => resolve())
  })

/** Whether another tab has done the work a moment ago. */
const isMarked = async (locks: Locks, name: string): Promise<boolean> => {
  const { held = [] } = await locks.query()
  return held.some((lock) => lock.name === markOf(name))
}

/**
 * Does `work` while no other tab of this origin does any under the same name (Web Locks). The wait is bounded
 * to five seconds; then the work is done without the lock, as it is where the browser has none or refuses it
 * to this page. The lock ends with the work, however that ends.
 *
 * Locks travel faster than `localStorage`: a browser runs tabs in processes of their own, and what one has
 * written reaches the next after it has the lock. So one that has done the work leaves a mark for a second,
 * and who finds it waits until `isSettled`, at most for that second.
 */
export const underLock = async <T>(
  name: string,
  isSettled: () => Promise<boolean>,
  work: () => Promise<T>,
): Promise<T> => {
  const locks = web().navigator?.locks
  if (locks === undefined) return work()
  const workInTurn = async (): Promise<T> => {
    if (await isMarked(locks, name).catch(() => false))
      for (let waited = 0; waited < SETTLE_MS && !(await isSettled()); waited += LOOK_MS) await sleep(LOOK_MS)
    const done = await work()
    await leaveMark(locks, name)
    return done
  }
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(), WAIT_MS)
  let doing: Promise<T> | undefined
  try {
    await locks.request(name, { signal: waiting.signal }, () => {
      clearTimeout(timer)
      return (doing = workInTurn())
    })
  } catch {
    // Given up, refused, or the failure of the work itself, which comes with it.
  } finally {
    clearTimeout(timer)
  }
  return doing ?? work()
}
