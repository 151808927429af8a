import { AbortError, TimeoutError } from './errors.ts'
import { createRandomId } from './identity.ts'

/** What is known of one call while it runs, over all its attempts. */
export interface Progress {
  /** Sent with every attempt, so that the daemon's log is found even when no answer came. */
  readonly requestId: string
  attempts: number
}

/** What ends a call before its answer. */
export interface Limits {
  readonly signal?: AbortSignal | undefined
  readonly deadlineMs?: number | undefined
}

/**
 * Does `work` until the caller's signal or the total deadline ends it; that ends it at once, whatever it
 * waits for (a refresh that other calls share goes on without it). Throws `AbortError` or `TimeoutError`.
 */
export const withinLimits = <T>(
  origin: string,
  { signal: given, deadlineMs }: Limits,
  work: (signal: AbortSignal | undefined, progress: Progress) => Promise<T>,
): Promise<T> => {
  const progress: Progress = { requestId: createRandomId(), attempts: 0 }
  const deadline = deadlineMs === undefined ? undefined : AbortSignal.timeout(deadlineMs)
  const signals = [given, deadline].filter((signal) => signal !== undefined)
  if (signals.length === 0) return work(undefined, progress)
  const signal = AbortSignal.any(signals)
  return new Promise((resolve, reject) => {
    const stop = (): void =>
      reject(
        deadlineMs === undefined || given?.aborted === true
          ? new AbortError(given?.reason)
          : new TimeoutError(origin, deadlineMs, progress),
      )
    if (signal.aborted) {
      stop()
      return
    }
    signal.addEventListener('abort', stop, { once: true })
    const release = (): void => signal.removeEventListener('abort', stop)
    void work(signal, progress).then(resolve, reject).then(release)
  })
}
