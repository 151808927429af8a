/** One request, and how long it may take with its answer, in milliseconds. */
export interface TimedRequest {
  readonly url: string
  readonly fetch: typeof globalThis.fetch
  readonly timeoutMs: number
  readonly init?: RequestInit | undefined
}

/**
 * Makes a request and reads its answer; rejects when the time is over. A redirect is not followed, and is an
 * answer like any other: edge runtimes know no `redirect: 'error'`.
 */
export const fetchWithin = async <T>(
  { url, fetch, timeoutMs, init }: TimedRequest,
  read: (answer: Response) => T | Promise<T>,
): Promise<T> => {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), timeoutMs)
  try {
    return await read(await fetch(url, { ...init, signal: controller.signal, redirect: 'manual' }))
  } finally {
    clearTimeout(timer)
  }
}
