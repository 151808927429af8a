import { ApiError, NotSignedInError } from './errors.ts'
import { operations, type OperationId } from './operations.gen.ts'
import { createSessionKeeper, type SessionKeeper, type SessionStorage } from './session.ts'
import { performCall, type CallOptions, type TransportConfig } from './transport.ts'
import type { TokenReply } from './types.gen.ts'

export interface OperationInput {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: object | undefined
  readonly body?: object | undefined
}

/** Makes the calls of every resource: fills the path, authenticates, refreshes once, keeps idempotency keys. */
export interface Sender {
  readonly session: SessionKeeper
  readonly clientId: string | undefined
  send<T>(operation: OperationId, input: OperationInput, options?: CallOptions): Promise<T>
  /** Any path, authenticated if there is a session; for what the typed methods do not cover. */
  raw(
    method: string,
    path: string,
    input?: { query?: object; body?: unknown; headers?: Record<string, string> },
    options?: CallOptions,
  ): Promise<unknown>
}

const fillPath = (template: string, params: Readonly<Record<string, string>> = {}): string =>
  template.replace(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(params[name] ?? ''))

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

const isExpiredToken = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 401 && error.code === 'invalid_token'

export const createSender = (
  config: TransportConfig,
  storage: SessionStorage,
  clientId: string | undefined,
): Sender => {
  const session = createSessionKeeper(storage, async (refreshToken) => {
    const body = clientId === undefined ? {} : { client_id: clientId }
    const call = {
      method: 'POST',
      path: operations['tokens.refresh'][1],
      body,
      repeatable: true,
      headers: bearer(refreshToken),
      options: {},
    }
    return ((await performCall(config, call)) as TokenReply).token
  })

  /** Makes the call with the access token, and once more with a fresh one when the server says it has ended. */
  const withAccessToken = async (
    perform: (headers: Record<string, string>) => Promise<unknown>,
  ): Promise<unknown> => {
    const token = await session.accessToken()
    try {
      return await perform(bearer(token))
    } catch (error) {
      const held = await session.get()
      if (!isExpiredToken(error) || held?.refreshToken === undefined) throw error
      return perform(bearer((await session.refresh(token)).accessToken))
    }
  }

  const heldToken = async (): Promise<string> => {
    const held = await session.get()
    if (held === undefined) throw new NotSignedInError()
    return held.accessToken
  }

  return {
    session,
    clientId,
    send: async <T>(operation: OperationId, input: OperationInput, options: CallOptions = {}): Promise<T> => {
      const [method, template, auth, idempotent] = operations[operation]
      const key = idempotent === 1 ? { 'idempotency-key': options.idempotencyKey ?? crypto.randomUUID() } : {}
      const perform = (headers: Record<string, string>) =>
        performCall(config, {
          method,
          path: fillPath(template, input.params),
          query: input.query,
          body: method === 'POST' ? (input.body ?? {}) : undefined,
          repeatable: method !== 'POST' || idempotent === 1,
          headers: { ...key, ...headers },
          options,
        })
      if (auth === 'access') return (await withAccessToken(perform)) as T
      return (await perform(auth === 'none' ? {} : bearer(await heldToken()))) as T
    },
    raw: async (method, path, { query, body, headers = {} } = {}, options = {}) => {
      const perform = (authorization: Record<string, string>) =>
        performCall(config, {
          method,
          path,
          query,
          body,
          repeatable: method === 'GET',
          headers: { ...authorization, ...headers },
          options,
        })
      return (await session.get()) === undefined ? perform({}) : withAccessToken(perform)
    },
  }
}
