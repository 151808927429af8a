import { AbortError } from './errors.ts'

// A longer timer would end at once.
const MAX_TIMER_MS = 2 ** 31 - 1

/** The part of an `AbortSignal` that work is ended by. */
export interface EndSignal {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** A signal for any number of calls at a time: of more than ten, older versions of Node warn as of a leak. */
export const createEnd = (): { readonly signal: EndSignal; readonly end: () => void } => {
  const listeners = new Set<() => void>()
  const signal = {
    aborted: false,
    addEventListener: (_type: string, listener: () => void) => void listeners.add(listener),
    removeEventListener: (_type: string, listener: () => void) => void listeners.delete(listener),
  }
  const end = (): void => {
    signal.aborted = true
    listeners.forEach((listener) => listener())
  }
  return { signal, end }
}

/** What ends a piece of work before its time. */
export interface Bounds {
  readonly signals: readonly (EndSignal | undefined)[]
  readonly ms?: number | undefined
}

/**
 * Does `work` until one of the signals ends it (`AbortError`) or the time is over: then it ends with what
 * `expire` says, an error or, by default, nothing. Made by hand: `AbortSignal.timeout` and `.any` are missing
 * in too many browsers and apps.
 */
export const bounded = <T>(
  { signals, ms }: Bounds,
  work: (signal: AbortSignal) => Promise<T>,
  expire: () => Error | undefined = () => undefined,
): Promise<T> => {
  const controller = new AbortController()
  let abort!: () => void
  let timer: ReturnType<typeof setTimeout> | undefined
  return new Promise<T>((resolve, reject) => {
    const stop = (error: Error | undefined): void => {
      if (error === undefined) resolve(undefined as T)
      else reject(error)
      controller.abort()
    }
    const ended = (): EndSignal | undefined => signals.find((signal) => signal?.aborted)
    abort = () => stop(new AbortError(ended()?.reason))
    if (ended() !== undefined) return abort()
    for (const signal of signals) signal?.addEventListener('abort', abort)
    if (ms !== undefined) timer = setTimeout(() => stop(expire()), Math.min(ms, MAX_TIMER_MS))
    work(controller.signal).then(resolve, reject)
  }).finally(() => {
    clearTimeout(timer)
    for (const signal of signals) signal?.removeEventListener('abort', abort)
  })
}

/** Waits, unless the signal ends it (`AbortError`). */
export const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  bounded({ signals: [signal], ms }, () => new Promise(() => undefined))
