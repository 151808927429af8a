import { rename } from 'node:fs/promises'
import type { Log } from '../../ports/log.ts'
import type { Recorder } from '../../ports/recorder.ts'
import { openPrivately } from './open-privately.ts'

const FLUSH_MS = 250
/** What waits to be written; more is lost. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024

/**
 * A recording in a file (mode 0600): lines of JSON, appended whole. When it would grow beyond half of
 * `maxBytes` it becomes `<path>.1`, in place of the one before, so that both together stay below. Several
 * daemons may append to one file. What cannot be written is lost, and told of once.
 */
export const createRecording = ({
  path,
  percent,
  maxBytes,
  log,
  random = Math.random,
}: {
  readonly path: string
  /** The share of all decisions. */
  readonly percent: number
  readonly maxBytes: number
  readonly log: Log
  readonly random?: () => number
}): Recorder => {
  let waiting: string[] = []
  let waitingBytes = 0
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let isTold = false

  const tell = (cause: string): void => {
    if (!isTold) log.warn({ path, cause }, 'decisions are not recorded')
    isTold = true
  }
  const append = async (bytes: Buffer): Promise<void> => {
    let handle = await openPrivately(path)
    try {
      const { size } = await handle.stat()
      if (size > 0 && size + bytes.length > maxBytes / 2) {
        await rename(path, `${path}.1`)
        await handle.close()
        handle = await openPrivately(path)
      }
      await handle.write(bytes)
    } finally {
      await handle.close()
    }
  }
  const flush = async (): Promise<void> => {
    timer = undefined
    if (waiting.length === 0) return
    const bytes = Buffer.from(`${waiting.join('\n')}\n`)
    waiting = []
    waitingBytes = 0
    try {
      await append(bytes)
      isTold = false
    } catch (error) {
      tell((error as NodeJS.ErrnoException).code ?? 'unknown')
    }
  }
  const flushNext = (): void => void (running = running.then(flush))

  return {
    isWanted: () => percent >= 100 || random() * 100 < percent,
    write: (line) => {
      if (waitingBytes + line.length > MAX_WAITING_BYTES) return tell('more is decided than can be written')
      waiting.push(line)
      waitingBytes += line.length + 1
      timer ??= setTimeout(flushNext, FLUSH_MS).unref()
    },
    close: async () => {
      clearTimeout(timer)
      flushNext()
      await running
    },
  }
}
