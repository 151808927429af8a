import {
  AbortError,
  ApiError,
  AuthctlError,
  NetworkError,
  retryAfterSeconds,
  TimeoutError,
} from './errors.ts'
import type { Problem } from './types.gen.ts'

/** What one call may change. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** For one attempt, in milliseconds. */
  readonly timeoutMs?: number | undefined
  /** Attempts after the first. */
  readonly retries?: number | undefined
  /** Made up once per call if not given. */
  readonly idempotencyKey?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export interface TransportConfig {
  readonly baseUrl: string
  readonly fetch: typeof fetch
  readonly timeoutMs: number
  readonly retries: number
  readonly headers: Readonly<Record<string, string>>
}

export interface HttpCall {
  readonly method: string
  readonly path: string
  readonly query?: object | undefined
  readonly body?: unknown
  /** May be repeated without harm. */
  readonly repeatable: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly options: CallOptions
}

const FIRST_BACKOFF_MS = 200
const MAX_BACKOFF_MS = 5000
/** A server that asks for a longer wait gets no automatic retry. */
const MAX_RETRY_AFTER_SECONDS = 20

const urlOf = ({ baseUrl }: TransportConfig, { path, query = {} }: HttpCall): string => {
  const url = new URL(baseUrl.replace(/\/+$/, '') + path)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return url.href
}

const originOf = ({ baseUrl }: TransportConfig): string => new URL(baseUrl).origin

const readJson = async (response: Response): Promise<unknown> => {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isProblem = (value: unknown): value is Partial<Problem> => typeof value === 'object' && value !== null

const isPassing = (error: unknown): boolean =>
  error instanceof NetworkError ||
  error instanceof TimeoutError ||
  (error instanceof ApiError && (error.status === 408 || error.status === 429 || error.status >= 500))

/** Exponential with full jitter; never shorter than the server asked for, and nothing when it asked for too long. */
const backoffMs = (error: unknown, attempt: number): number | undefined => {
  const asked = error instanceof ApiError ? (retryAfterSeconds(error.headers) ?? 0) : 0
  if (asked > MAX_RETRY_AFTER_SECONDS) return undefined
  return Math.max(asked * 1000, Math.random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt))
}

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer)
      reject(new AbortError(signal?.reason))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })

const attemptOnce = async (config: TransportConfig, call: HttpCall, attempts: number): Promise<unknown> => {
  const { signal, timeoutMs = config.timeoutMs } = call.options
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await config.fetch(urlOf(config, call), {
      method: call.method,
      headers: {
        accept: 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...config.headers,
        ...call.headers,
        ...call.options.headers,
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    const body = await readJson(response)
    if (response.ok && body !== undefined) return body
    const problem =
      !response.ok && isProblem(body)
        ? body
        : { detail: `the server answered ${response.status} with a body that is not its own` }
    throw new ApiError({ status: response.status, headers: response.headers, problem, attempts })
  } catch (error) {
    if (error instanceof AuthctlError) throw error
    if (signal?.aborted === true) throw new AbortError(signal.reason)
    if (timeout.aborted) throw new TimeoutError(originOf(config), timeoutMs, attempts)
    throw new NetworkError(originOf(config), attempts, error)
  }
}

/**
 * Makes one call: bounded in time per attempt, repeated only where a repeat cannot do harm, and only after failures that may pass. The
 * longest it can take is `(retries + 1) × timeoutMs` and the pauses between.
 */
export const performCall = async (config: TransportConfig, call: HttpCall): Promise<unknown> => {
  const retries = call.repeatable ? (call.options.retries ?? config.retries) : 0
  if (call.options.signal?.aborted === true) throw new AbortError(call.options.signal.reason)
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptOnce(config, call, attempt + 1)
    } catch (error) {
      const wait = attempt < retries && isPassing(error) ? backoffMs(error, attempt) : undefined
      if (wait === undefined) throw error
      await pause(wait, call.options.signal)
    }
  }
}
