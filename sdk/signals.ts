import { AbortError } from './errors.ts'

// A longer timer would end at once.
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * Does `work` until the caller's signal ends it (`AbortError`) or the time is over: then it ends with what
 * `expire` says, an error or nothing. Made by hand, as `AbortSignal.timeout` and `AbortSignal.any` are
 * missing
 * in too many browsers and apps.
 */
export const bounded = <T>(
  { signal, ms }: { readonly signal: AbortSignal | undefined; readonly ms: number | undefined },
  expire: () => Error | undefined,
  work: (signal: AbortSignal) => Promise<T>,
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
    abort = () => stop(new AbortError(signal?.reason))
    if (signal?.aborted === true) return abort()
    signal?.addEventListener('abort', abort)
    if (ms !== undefined) timer = setTimeout(() => stop(expire()), Math.min(ms, MAX_TIMER_MS))
    work(controller.signal).then(resolve, reject)
  }).finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  })
}
