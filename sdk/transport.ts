import {
  ApiError,
  ArgumentError,
  AuthctlError,
  type Fields,
  isFields,
  NetworkError,
  retryAfterSeconds,
  TimeoutError,
  UnansweredError,
} from './errors.ts'
import { userAgentHeader } from './identity.ts'
import type { Limits, Progress } from './limits.ts'
import type { Send } from './middleware.ts'
import { bounded, pause, type EndSignal } from './signals.ts'

/** What one call may change. */
export interface CallOptions extends Limits {
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined
  /** For one attempt, in milliseconds. */
  readonly timeoutMs?: number | undefined
  /** For the whole call with its repeats and pauses and a refresh before it, in milliseconds. */
  readonly deadlineMs?: number | undefined
  /** Attempts after the first. */
  readonly retries?: number | undefined
  /** Made up once per call if not given. */
  readonly idempotencyKey?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * Change only what still is as it was read: the `hash`, `version` or `revision` of it; `*` for whatever is
   * there.
   */
  readonly ifMatch?: string | number | undefined
}

/** Where and how requests are sent. */
export interface TransportConfig {
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly origin: string
  readonly send: Send
  readonly timeoutMs: number
  readonly deadlineMs: number | undefined
  readonly retries: number
  readonly headers: Readonly<Record<string, string>>
  /** Ends every call. */
  readonly closing: EndSignal
}

/** One call, ready to be sent. */
export interface HttpCall {
  readonly method: string
  readonly path: string
  readonly query?: object | undefined
  readonly body?: unknown
  /** A body that is text already, sent as it is. */
  readonly text?: string | undefined
  /** The body is sent as a form and not as JSON. */
  readonly isForm?: boolean | undefined
  /** May be repeated without harm. */
  readonly repeatable: boolean
  /** A success need not have a JSON body. */
  readonly anyBody?: boolean
  /** Whether a success is the daemon's own, and not of a portal in between. Default: an object is. */
  readonly isOwn?: ((answer: Fields) => boolean) | undefined
  /** A success is the stream of its bytes; the limits end when it begins. */
  readonly isStream?: true | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly options: CallOptions
  readonly progress: Progress
}

const FIRST_BACKOFF_MS = 200
const MAX_BACKOFF_MS = 5000
/** The longest pause after an attempt when the server asks for none. */
const backoffCapMs = (attempt: number): number => Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt)
/** A server that asks for a longer wait gets no automatic retry. */
export const MAX_RETRY_AFTER_SECONDS = 20

const sendable = (write: () => string): string => {
  try {
    return write()
  } catch (error) {
    throw new ArgumentError('only JSON and whole characters can be sent', error)
  }
}

/**
 * A `principal` that is there and undefined, as `accountId` of an application's token is, goes as null, which
 * the daemon refuses: one that is left out is the caller.
 */
const withNobody = (name: string, value: unknown): unknown => (name === 'principal' ? (value ?? null) : value)

/** A text as a part of a URL. Throws `ArgumentError` for one that ends in the middle of a character. */
export const encodeText = (text: string): string => sendable(() => encodeURIComponent(text))

/** By hand: React Native's `URL` has only a part of it. */
const pairsOf = (values: object): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map((pair) => (pair as [string, string]).map(encodeText).join('='))
    .join('&')

const urlOf = ({ baseUrl }: TransportConfig, { path, query = {} }: HttpCall): string => {
  const pairs = pairsOf(query)
  return `${baseUrl}${path}${pairs && (path.includes('?') ? '&' : '?')}${pairs}`
}

/**
 * Later headers win, whatever their case. The platform's own error would print the value, which may be a
 * token.
 */
const headersOf = (
  config: TransportConfig,
  { body, text, isForm, headers, options, progress }: HttpCall,
): Headers => {
  const merged = new Headers()
  const own = {
    accept: 'application/json',
    ...((text ?? body) === undefined
      ? {}
      : { 'content-type': `application/${isForm === true ? 'x-www-form-urlencoded' : 'json'}` }),
    'x-request-id': progress.requestId,
    ...userAgentHeader(),
  }
  for (const group of [own, config.headers, headers, options.headers ?? {}]) {
    for (const [name, value] of Object.entries(group)) {
      try {
        merged.set(name, value)
      } catch {
        throw new ArgumentError(`the value of the header ${name} cannot be sent`)
      }
    }
  }
  return merged
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const readBody = async (response: Response, call: HttpCall): Promise<unknown> => {
  if (call.isStream && response.ok) return response.body
  const text = await response.text()
  const body = parse(text)
  const { ok, status, headers } = response
  if (ok && call.anyBody === true) return body === undefined && text !== '' ? text : body
  if (ok && isFields(body) && call.isOwn?.(body) !== false) return body
  throw new ApiError({ ...call.progress, status, headers, body: ok ? undefined : body })
}

const attemptOnce = async (config: TransportConfig, call: HttpCall): Promise<unknown> => {
  const { method, options, progress } = call
  const { signal, timeoutMs = config.timeoutMs } = options
  const url = urlOf(config, call)
  const headers = headersOf(config, call)
  progress.attempts++
  // The caller's own, if it gave one.
  progress.requestId = headers.get('x-request-id') as string
  const send = async (limited: AbortSignal): Promise<unknown> => {
    try {
      const response = await config.send(url, {
        method,
        headers,
        // Undefined without a body.
        body:
          call.text ??
          (call.isForm === true
            ? pairsOf(call.body as object)
            : sendable(() => JSON.stringify(call.body, withNobody))),
        // A token never follows a redirect. Not `error`: not every edge runtime knows it.
        redirect: 'manual',
        signal: limited,
        attempt: progress.attempts,
      })
      return await readBody(response, call)
    } catch (error) {
      throw error instanceof AuthctlError ? error : new NetworkError(config.origin, progress, error)
    }
  }
  return bounded(
    { signals: [signal], ms: timeoutMs },
    send,
    () => new TimeoutError(config.origin, timeoutMs, progress),
  )
}

const isPassing = (error: unknown): boolean =>
  error instanceof UnansweredError ||
  (error instanceof ApiError && (error.status === 408 || error.status === 429 || error.status >= 500))

/**
 * Exponential with full jitter; never shorter than the server asked for, and nothing when it asked for too
 * long.
 */
const backoffMs = (error: unknown, attempt: number): number | undefined => {
  const asked = error instanceof ApiError ? (retryAfterSeconds(error.headers) ?? 0) : 0
  if (asked > MAX_RETRY_AFTER_SECONDS) return undefined
  return Math.max(asked * 1000, Math.random() * backoffCapMs(attempt))
}

/**
 * Makes one call: bounded in time per attempt, repeated only where a repeat cannot do harm, and only after
 * failures that may pass. `longestCallMs` says how long it can take.
 */
export const performCall = async (config: TransportConfig, call: HttpCall): Promise<unknown> => {
  // A repeat of a conditional change that was made would say that it failed.
  const isRepeatable = call.repeatable && !headersOf(config, call).has('if-match')
  const retries = isRepeatable ? (call.options.retries ?? config.retries) : 0
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptOnce(config, call)
    } catch (error) {
      const waitMs = attempt < retries && isPassing(error) ? backoffMs(error, attempt) : undefined
      if (waitMs === undefined) throw error
      await pause(waitMs, call.options.signal)
    }
  }
}
