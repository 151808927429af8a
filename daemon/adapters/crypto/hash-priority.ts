import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

/** Steps of `nice`, each a share of a core that is four fifths of the one before: a tenth of it together. */
const STEPS_BELOW = 10
const THREADS = '/proc/self/task'

/** The ids of the threads of libuv's pool; none where the system does not tell them by name. */
export const poolThreads = (): readonly number[] => {
  try {
    // What is mounted there may be of another namespace, whose ids are those of others here.
    if (readlinkSync('/proc/self') !== String(process.pid)) return []
    return readdirSync(THREADS)
      .filter((id) => readFileSync(`${THREADS}/${id}/comm`, 'utf8').trim() === 'libuv-worker')
      .map(Number)
  } catch {
    return []
  }
}

/**
 * Lets the threads that hash passwords come after the main thread, and after a database on the same machine,
 * wherever all processors are taken: a request without a password passes each of them for microseconds, and
 * would wait behind a hash each time. The threads exist when they have done something. Linux only, elsewhere
 * and where it is not allowed nothing changes.
 */
export const lowerHashPriority = (): void => {
  try {
    const priority = Math.min(getPriority() + STEPS_BELOW, constants.priority.PRIORITY_LOW)
    for (const id of poolThreads()) setPriority(id, priority)
  } catch {
    // A sandbox that forbids it; nothing but latency rests on it.
  }
}
