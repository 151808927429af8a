import type { Log } from '../../ports/log.ts'

const MIN_GAP_MS = 250

/** Something made of what is stored, kept up to date. */
export interface Followed<T> {
  readonly current: () => T
  /**
   * Waits for a look that began after the call, and answers whether it could read. At most one begins every
   * quarter of a second, unless `atOnce` says that something was just written.
   */
  readonly refresh: (options?: { atOnce: boolean }) => Promise<boolean>
  readonly stop: () => Promise<void>
}

/**
 * Keeps something made of what is stored up to date: `look` is called at the start, every so often, and when
 * the store tells of a change. What was made before stays in use while that fails.
 */
export const follow = async <T>({
  look,
  watch,
  everyMs,
  what,
  log,
  changed,
}: {
  readonly look: (previous: T | undefined) => Promise<T>
  readonly watch: (changed: () => void) => () => Promise<void>
  readonly everyMs: number
  /** What the log says could not be read. */
  readonly what: string
  readonly log: Log
  /** Called when it is another thing than before. */
  readonly changed?: (() => void) | undefined
}): Promise<Followed<T>> => {
  let current = await look(undefined)
  let isFailing = false
  let running: Promise<boolean> | undefined
  let begunAt = 0

  const tryLook = async (): Promise<boolean> => {
    try {
      const before = current
      current = await look(before)
      isFailing = false
      if (current !== before) changed?.()
    } catch (error) {
      if (!isFailing)
        log.warn({ cause: error instanceof Error ? error.message : 'unknown' }, `${what} could not be read`)
      isFailing = true
    }
    return !isFailing
  }
  /** Begins a look, unless one runs. */
  const lookOnce = (): Promise<boolean> => {
    if (running === undefined) {
      begunAt = performance.now()
      running = tryLook().finally(() => (running = undefined))
    }
    return running
  }
  /** The outcome of a look that began after a moment: of one that runs, or of a new one. */
  const lookAfter = async (moment: number): Promise<boolean> => {
    // One that runs already may have read before the moment.
    if (running !== undefined && begunAt < moment) await running
    return lookOnce()
  }
  const timer = setInterval(() => void lookOnce(), everyMs).unref()
  const unwatch = watch(() => void lookOnce())
  return {
    current: () => current,
    refresh: async ({ atOnce } = { atOnce: false }) => {
      const asked = performance.now()
      if (atOnce) return lookAfter(asked)
      const wait = MIN_GAP_MS - (asked - begunAt)
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      // If several callers waited, the first of them has looked by now.
      return begunAt >= asked ? (running ?? !isFailing) : lookAfter(asked)
    },
    stop: async () => {
      clearInterval(timer)
      await unwatch()
      await running
    },
  }
}
