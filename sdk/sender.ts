import { ApiError, ArgumentError, type Fields, NotSignedInError } from './errors.ts'
import { createRandomId } from './identity.ts'
import { withinLimits } from './limits.ts'
import { tokensRefresh, type Operation } from './operations.gen.ts'
import { createSessionKeeper, hasToken, type SessionKeeper } from './session-keeper.ts'
import type { Session, SessionStorage } from './storage.ts'
import {
  encodeText,
  performCall,
  type CallOptions,
  type HttpCall,
  type TransportConfig,
} from './transport.ts'
import type { TokenReply } from './types.gen.ts'

/** What fills the path, the query and the body of an operation. */
export interface OperationInput {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: object | undefined
  /** A text is JSON already, and is sent as it is. */
  readonly body?: object | string | undefined
  /** The answer is the stream of its bytes. */
  readonly isStream?: true
  /** What the SDK itself reads of the answer is there. */
  readonly isOwn?: (answer: Fields) => boolean
}

/** What a request to any path sends. */
export interface RawInput {
  readonly query?: object | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * Makes the calls of every resource: fills the path, authenticates, refreshes once, keeps idempotency keys.
 */
export interface Sender {
  readonly session: SessionKeeper
  readonly clientId: string | undefined
  send<T>(operation: Operation, input: OperationInput, options?: CallOptions): Promise<T>
  /** Refreshes the session, within the limits of this call. */
  refresh(options?: Pick<CallOptions, 'signal' | 'deadlineMs'>): Promise<Session>
  /**
   * Any path of the daemon, authenticated if there is a session; for what the typed methods do not cover.
   * Returns the parsed body, or the text of one that is not JSON.
   */
  raw(method: string, path: string, input?: RawInput, options?: CallOptions): Promise<unknown>
}

/** A lost reply is asked for again within the 10 s in which the daemon gives the same successor once more. */
export const REFRESH_TIMEOUT_MS = 8000

/** An id is one segment: an empty one or a dot would make the path that of another operation. */
const fillPath = (template: string, params: Readonly<Record<string, string>> = {}): string =>
  template.replace(/\{(\w+)\}/g, (_match, name: string) => {
    const value = params[name] ?? ''
    if (/^\.{0,2}$/.test(value)) throw new ArgumentError(`${name} must name one object`)
    return encodeText(value)
  })

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

/**
 * Whether the access token has ended. An answer to HEAD, or one through some proxies, says it in a header
 * alone.
 */
const isRefused = (error: unknown): boolean =>
  error instanceof ApiError &&
  error.status === 401 &&
  /invalid_token/.test(`${error.code} ${error.headers.get('www-authenticate')}`)

/** The headers by which the daemon knows a repeat, and what a change is to find. */
const headersOf = ({ idempotencyKey, ifMatch }: CallOptions): Record<string, string> => ({
  ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
  ...(ifMatch !== undefined && { 'if-match': ifMatch === '*' ? '*' : `"${ifMatch}"` }),
})

type Request = Omit<HttpCall, 'options' | 'progress'>
type Perform = (authorization: Record<string, string>) => Promise<unknown>

const createKeeper = (config: TransportConfig, storage: SessionStorage): SessionKeeper =>
  createSessionKeeper(storage, (refreshToken, clientId) =>
    withinLimits(config, { deadlineMs: Infinity }, async (signal, progress) => {
      const { token } = (await performCall(config, {
        method: 'POST',
        path: tokensRefresh[1],
        body: { client_id: clientId },
        repeatable: true,
        isOwn: hasToken,
        headers: bearer(refreshToken),
        options: { signal, timeoutMs: Math.min(config.timeoutMs, REFRESH_TIMEOUT_MS) },
        progress,
      })) as TokenReply
      return token
    }),
  )

/** Makes the call with the access token, and once more with a fresh one when the server says it has ended. */
const performWithAccess = async (session: SessionKeeper, perform: Perform): Promise<unknown> => {
  const token = await session.accessToken()
  try {
    return await perform(bearer(token))
  } catch (error) {
    if (!isRefused(error) || (await session.get())?.refreshToken === undefined) throw error
    return perform(bearer((await session.refresh(token)).accessToken))
  }
}

const performWithHeld = async (session: SessionKeeper, perform: Perform): Promise<unknown> => {
  const held = await session.get()
  if (held === undefined) throw new NotSignedInError()
  return perform(bearer(held.accessToken))
}

/** Makes the sender of a client, with the session that it keeps. */
export const createSender = (
  config: TransportConfig,
  storage: SessionStorage,
  clientId: string | undefined,
): Sender => {
  const session = createKeeper(config, storage)

  /** Runs one request under the limits of its call. */
  const run = (
    options: CallOptions,
    request: Request,
    authenticate: (perform: Perform) => Promise<unknown>,
  ) =>
    withinLimits(config, options, (signal, progress) =>
      authenticate((authorization) =>
        performCall(config, {
          ...request,
          headers: { ...authorization, ...request.headers },
          options: { ...options, signal },
          progress,
        }),
      ),
    )

  return {
    session,
    clientId,
    send: async <T>(operation: Operation, input: OperationInput, options: CallOptions = {}): Promise<T> => {
      const [method, template, auth = 'access', idempotent] = operation
      const { body } = input
      const { ifMatch } = options
      const idempotencyKey = options.idempotencyKey || createRandomId()
      const request: Request = {
        method,
        path: fillPath(template, input.params),
        query: input.query,
        isForm: auth === 'client',
        isStream: input.isStream,
        isOwn: input.isOwn,
        ...(typeof body === 'string'
          ? { text: body }
          : { body: body ?? (method === 'POST' ? {} : undefined) }),
        repeatable: idempotent === 1 || method !== 'POST',
        headers: headersOf(idempotent === 1 ? { idempotencyKey, ifMatch } : { ifMatch }),
      }
      const answer = await run(options, request, (perform) => {
        if (auth === 'none') return perform({})
        // One that does not name itself asks as the account that is signed in.
        if (auth === 'client' && (body as { client_id?: string }).client_id !== undefined) return perform({})
        return auth === 'access' ? performWithAccess(session, perform) : performWithHeld(session, perform)
      })
      return answer as T
    },
    refresh: (options = {}) => withinLimits(config, options, () => session.refresh()),
    raw: async (method, path, { query, body, headers } = {}, options = {}) => {
      // Anything else after the host could name another host.
      if (!path.startsWith('/')) throw new ArgumentError('a path begins with /')
      const verb = method.toUpperCase()
      if (body !== undefined && /^(?:GET|HEAD)$/.test(verb)) throw new ArgumentError(`${verb} has no body`)
      const request: Request = {
        method: verb,
        path,
        query,
        body,
        repeatable: (verb !== 'POST' && verb !== 'PATCH') || Boolean(options.idempotencyKey),
        anyBody: true,
        headers: { ...headersOf(options), ...headers },
      }
      return run(options, request, async (perform) =>
        (await session.get()) === undefined ? perform({}) : performWithAccess(session, perform),
      )
    },
  }
}
