import { AuthctlError } from '../errors.ts'
import { fetchWithin } from './fetch-within.ts'
import { fetchOf, timeoutOf, type KeySetOptions } from './key-set.ts'

/** The daemon cannot say whether a token has ended before its time. Answer 503, not 401. */
export class DaemonUnavailableError extends AuthctlError {
  constructor(url: string, cause: unknown) {
    super('daemon_unavailable', `${url} does not say whether the token has ended`, { cause })
  }
}

/** A request to the daemon, in the name of who has the token. */
export interface CallAs {
  readonly token: string
  readonly path: string
  /** Sent as JSON, by POST; undefined: GET. */
  readonly body?: object
}

/**
 * Makes what calls the daemon with a token that was sent here. `read` makes the result of its answer; what it
 * throws, no answer, and one that comes too late reject with {@link DaemonUnavailableError}. Throws
 * `ArgumentError`.
 */
export const createCallAs = (options: KeySetOptions) => {
  const { issuer } = options
  const timeoutMs = timeoutOf(options)
  return async <T>(
    { token, path, body }: CallAs,
    read: (response: Response) => T | Promise<T>,
  ): Promise<T> => {
    const url = `${issuer.replace(/\/$/, '')}${path}`
    const authorization = `Bearer ${token}`
    const init =
      body === undefined
        ? { headers: { authorization } }
        : {
            method: 'POST',
            headers: { authorization, 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }
    try {
      return await fetchWithin({ url, fetch: fetchOf(options), timeoutMs, init }, read)
    } catch (error) {
      throw new DaemonUnavailableError(url, error)
    }
  }
}

/** What the daemon says of a token. */
export interface Word {
  readonly isLive: boolean
  /** Where the account of the token stands, if the policies let it know. */
  readonly path?: string | undefined
}

const wordOf = async (response: Response): Promise<Word> => {
  const { status, body } = response
  if (status === 200) {
    const { path } = (await response.json()) as { readonly path?: unknown }
    return { isLive: true, path: typeof path === 'string' ? path : undefined }
  }
  body?.cancel().catch(() => undefined)
  // With 403 the daemon knows who asks, and its policies do not let them.
  if (status === 403 || status === 401) return { isLive: status === 403 }
  throw new Error(`status ${status}`)
}

/** Makes what asks the daemon whether a token lives. It rejects with {@link DaemonUnavailableError}. */
export const createAsk = (options: KeySetOptions): ((token: string) => Promise<Word>) => {
  const call = createCallAs(options)
  return (token) => call({ token, path: '/auth/me' }, wordOf)
}
