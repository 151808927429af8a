import { asyncDisposal, type AsyncDisposal } from './disposal.ts'
import type { Middleware, Send } from './middleware.ts'
import { requireAtLeast } from './numbers.ts'
import { requirePlatform } from './platform.ts'
import { createSender, type Sender } from './sender.ts'
import type { SessionControl } from './session-keeper.ts'
import { createEnd } from './signals.ts'
import { memoryStorage, type SessionStorage } from './storage.ts'
import type { TransportConfig } from './transport.ts'

/** What a client is made of; only `baseUrl` is required. */
export interface ClientOptions {
  /** Where the daemon is reached, such as `https://auth.example.com`. */
  readonly baseUrl: string
  /** The name of this application; becomes the `client_id` claim. Default: the daemon's. */
  readonly clientId?: string | undefined
  /** Where the session is kept. Default: in memory. */
  readonly storage?: SessionStorage | undefined
  /** Acts with this access token and keeps nothing in `storage`; for scripts. It is never refreshed. */
  readonly accessToken?: string | undefined
  /** For one attempt, in milliseconds, at least 1. Default 15,000. */
  readonly timeoutMs?: number | undefined
  /**
   * For a whole call, with its repeats and pauses and a refresh before it, in milliseconds, at least 1.
   * Default: none.
   */
  readonly deadlineMs?: number | undefined
  /** Attempts after the first, where a repeat cannot do harm, at least 0. Default 2. */
  readonly retries?: number | undefined
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** Stands between the client and `fetch`; the first is the outermost. `@authctl/sdk/hooks` has some. */
  readonly middleware?: readonly Middleware[] | undefined
}

/** Makes the methods of one resource. */
export type Resource = (sender: Sender) => object

/** What every client has beside its resources. */
export interface ClientParts {
  readonly session: SessionControl
  /** Any path of the daemon, for what the typed methods do not cover. */
  readonly raw: Sender['raw']
  /** Ends every call that runs, and every later one at once, with an `AbortError`; `await using` does it. */
  readonly dispose: () => void
}

/** A client with the resources that it was made with. */
export type CoreClient<Resources extends Readonly<Record<string, Resource>>> = {
  readonly [Name in keyof Resources]: ReturnType<Resources[Name]>
} & ClientParts &
  AsyncDisposal

/** Scheme, host and port; then the path. */
const BASE_URL = /^(https?:\/\/[^\s/?#@\\]+)(\/[^\s?#]*)?([?#]\S*)?$/i

const baseOf = (baseUrl: string): Pick<TransportConfig, 'baseUrl' | 'origin'> => {
  const [, origin, path = ''] = BASE_URL.exec(baseUrl) ?? []
  // The URL is not repeated: it may hold a password.
  if (origin === undefined) throw new TypeError('baseUrl must be an http or https URL without credentials')
  return { baseUrl: origin + path.replace(/\/+$/, ''), origin }
}

/**
 * Makes a client of chosen resources: `createCoreClient({ baseUrl }, { otp, users, auth })`. What is not
 * named is not in the bundle of the application. Nothing is sent before the first call; tokens never show in
 * its printed or serialised form. Throws `TypeError` for a `baseUrl` that is none, `ArgumentError` for a
 * number that is none or too low, and `UnsupportedPlatformError`.
 */
export const createCoreClient = <Resources extends Readonly<Record<string, Resource>>>(
  options: ClientOptions,
  resources: Resources,
): CoreClient<Resources> => {
  const { accessToken, storage = memoryStorage(), middleware = [], headers = {} } = options
  const { timeoutMs = 15_000, deadlineMs, retries = 2, fetch: given } = options
  requirePlatform(given)
  requireAtLeast(1, { timeoutMs, deadlineMs })
  requireAtLeast(0, { retries })
  const { signal: closing, end: dispose } = createEnd()
  // Not called as a method of another object, which browsers refuse.
  const send: Send = (url, request) => (given ?? fetch)(url, request as RequestInit)
  const sender = createSender(
    {
      ...baseOf(options.baseUrl),
      send: middleware.reduceRight((next, wrap) => wrap(next), send),
      timeoutMs,
      deadlineMs,
      retries,
      headers,
      closing,
    },
    accessToken === undefined ? storage : memoryStorage({ accessToken }),
    options.clientId,
  )
  const { get, set, clear, accessToken: current, onChange } = sender.session
  const made = Object.entries(resources).map(([name, make]) => [name, make(sender)])
  return {
    ...(Object.fromEntries(made) as { [Name in keyof Resources]: ReturnType<Resources[Name]> }),
    session: { get, set, clear, accessToken: current, onChange },
    raw: sender.raw,
    dispose,
    ...asyncDisposal(dispose),
  }
}
