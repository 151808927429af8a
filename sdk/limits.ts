import { TimeoutError } from './errors.ts'
import { createRandomId } from './identity.ts'
import { bounded } from './signals.ts'
import type { TransportConfig } from './transport.ts'

/** What is known of one call while it runs, over all its attempts. */
export interface Progress {
  /** Sent with every attempt, so that the daemon's log is found even when no answer came. */
  requestId: string
  attempts: number
}

/** What ends a call before its answer. */
export interface Limits {
  readonly signal?: AbortSignal | undefined
  readonly deadlineMs?: number | undefined
}

/**
 * Does `work` until the caller's signal, the total deadline or the end of the client; that ends it at
 * once, whatever it waits for (a refresh that other calls share goes on without it). Throws `AbortError` or
 * `TimeoutError`.
 */
export const withinLimits = <T>(
  { origin, closing, deadlineMs: usual }: TransportConfig,
  { signal, deadlineMs = usual }: Limits,
  work: (signal: AbortSignal, progress: Progress) => Promise<T>,
): Promise<T> => {
  const progress: Progress = { requestId: createRandomId(), attempts: 0 }
  return bounded(
    { signals: [signal, closing], ms: deadlineMs },
    (limited) => work(limited, progress),
    () => new TimeoutError(origin, deadlineMs as number, progress),
  )
}
