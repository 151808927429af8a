import { statfsSync } from 'node:fs'

const MEMORY = '/dev/shm'
/** A replica set, a server for all suites, and what their databases hold. */
const NEEDED_BYTES = 6 * 1024 ** 3

/**
 * A directory in memory with room for everything that the suites store; undefined where there is none. Every
 * commit waits for its disk, and that is most of what the suites would wait for. What ends a process loses
 * nothing there either; power cuts are tested by the writes that were recorded.
 */
export const memoryDirectory = (): string | undefined => {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize >= NEEDED_BYTES ? MEMORY : undefined
  } catch {
    return undefined
  }
}
