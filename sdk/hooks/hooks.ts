import type { Middleware } from '../middleware.ts'
import { notify } from '../notify.ts'
import { tokensRefresh } from '../operations.gen.ts'

/** What an attempt of a call says of itself. */
export interface AttemptInfo {
  readonly method: string
  readonly url: string
  /** The same for all attempts of a call. */
  readonly requestId: string
  /** 1 for the first. */
  readonly attempt: number
}

/** What an answer says of itself, apart from its body. */
export interface ResponseInfo extends AttemptInfo {
  readonly status: number
}

/** An attempt that failed: with an error status, or without an answer. */
export interface ErrorInfo extends AttemptInfo {
  readonly status: number | undefined
  /** Why there is no answer. */
  readonly cause: unknown
}

/** An attempt after the first. */
export type RetryInfo = AttemptInfo

/** A refresh of the session that succeeded. */
export type TokenRefreshInfo = AttemptInfo

/**
 * What a client tells of its work. Listeners are called soon and apart from the call that runs: they change
 * nothing, and what they throw is their own uncaught error. Nothing that they are told holds a token or a
 * body.
 */
export interface Hooks {
  /** Before each attempt. */
  readonly onRequest?: ((info: AttemptInfo) => void) | undefined
  /** For each answer, whatever its status. */
  readonly onResponse?: ((info: ResponseInfo) => void) | undefined
  /** For each attempt that fails, also where another follows; the error of a call is thrown to its caller. */
  readonly onError?: ((info: ErrorInfo) => void) | undefined
  /** Before each attempt that repeats one. */
  readonly onRetry?: ((info: RetryInfo) => void) | undefined
  /** For each refresh of the session that this client has made. */
  readonly onTokenRefresh?: ((info: TokenRefreshInfo) => void) | undefined
}

/** Tells of every attempt of a client: `createClient({ middleware: [hooks({ onRetry })] })`. */
export const hooks = (listeners: Hooks): Middleware => {
  const { onRequest, onResponse, onError, onRetry, onTokenRefresh } = listeners
  return (next) => async (url, request) => {
    const { method, headers, attempt } = request
    const info: AttemptInfo = { method, url, requestId: headers.get('x-request-id') ?? '', attempt }
    if (info.attempt > 1) notify(onRetry, info)
    notify(onRequest, info)
    let response: Response
    try {
      response = await next(url, request)
    } catch (cause) {
      notify(onError, { ...info, status: undefined, cause })
      throw cause
    }
    const { ok, status } = response
    const answered = { ...info, status, requestId: response.headers.get('x-request-id') ?? info.requestId }
    notify(onResponse, answered)
    if (!ok) notify(onError, { ...answered, cause: undefined })
    else if (url.endsWith(tokensRefresh[1])) notify(onTokenRefresh, info)
    return response
  }
}
