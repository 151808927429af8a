import { ApiError, NotSignedInError } from './errors.ts'
import type { Account, Token } from './types.gen.ts'

/** What a client holds of a sign-in. */
export interface Session {
  readonly accessToken: string
  readonly refreshToken?: string | undefined
  /** Epoch milliseconds at which the access token ends, by this machine's clock. */
  readonly expiresAt?: number | undefined
  readonly account?: Account | undefined
}

type MaybePromise<T> = T | Promise<T>

/** Where a session is kept. Every method may be asynchronous. */
export interface SessionStorage {
  get(): MaybePromise<Session | undefined>
  set(session: Session): MaybePromise<void>
  remove(): MaybePromise<void>
}

/** Keeps the session for the life of the process. */
export const memoryStorage = (initial?: Session): SessionStorage => {
  let held = initial
  return {
    get: () => held,
    set: (session) => {
      held = session
    },
    remove: () => {
      held = undefined
    },
  }
}

/** Keeps the session as JSON in `localStorage`, `sessionStorage` or anything alike; a blocked or full store keeps nothing and never throws. */
export const webStorage = (
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
  key = 'authctl.session',
): SessionStorage => {
  const attempt = <T>(run: () => T): T | undefined => {
    try {
      return run()
    } catch {
      return undefined
    }
  }
  return {
    get: () => attempt(() => JSON.parse(storage.getItem(key) ?? 'null') as Session | null) ?? undefined,
    set: (session) => attempt(() => storage.setItem(key, JSON.stringify(session))),
    remove: () => attempt(() => storage.removeItem(key)),
  }
}

/** A token is refreshed this long before it ends. */
const SKEW_MS = 10_000

/** Access to the session of a client. Reading it never refreshes. */
export interface SessionControl {
  get(): Promise<Session | undefined>
  set(session: Session): Promise<void>
  /** Forgets the session here; `auth.logout()` ends it on the server as well. */
  clear(): Promise<void>
}

export interface SessionKeeper extends SessionControl {
  adopt(token: Token, account?: Account): Promise<void>
  /** The token to send, refreshed if it is about to end. Throws `NotSignedInError`. */
  accessToken(): Promise<string>
  /** One refresh for all callers. `rejected` is the access token that the server refused, if any. */
  refresh(rejected?: string): Promise<Session>
}

/** Whether a failed refresh means that the session is over, rather than that it could not be asked now. */
const isDefinitive = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 401 || error.status === 403)

/** Keeps the session of one client: at most one refresh runs at a time, and a passing failure never loses the session. */
export const createSessionKeeper = (
  storage: SessionStorage,
  requestRefresh: (refreshToken: string) => Promise<Token>,
): SessionKeeper => {
  let refreshing: Promise<Session> | undefined
  const held = async (): Promise<Session | undefined> => storage.get()

  const keep = async (token: Token, account: Account | undefined): Promise<Session> => {
    const session: Session = {
      accessToken: token.access_token,
      refreshToken: token.refresh_token,
      expiresAt: Date.now() + token.expires_in * 1000,
      account,
    }
    await storage.set(session)
    return session
  }

  const refreshOnce = async (rejected: string | undefined): Promise<Session> => {
    const session = await held()
    if (session === undefined) throw new NotSignedInError()
    // Somebody else, such as another tab, has refreshed meanwhile.
    if (rejected !== undefined && session.accessToken !== rejected) return session
    if (session.refreshToken === undefined) throw new NotSignedInError()
    try {
      return await keep(await requestRefresh(session.refreshToken), session.account)
    } catch (error) {
      if (isDefinitive(error)) await storage.remove()
      throw error
    }
  }

  const refresh = (rejected?: string): Promise<Session> =>
    (refreshing ??= refreshOnce(rejected).finally(() => {
      refreshing = undefined
    }))

  return {
    get: held,
    set: async (session) => storage.set(session),
    clear: async () => storage.remove(),
    adopt: async (token, account) => void (await keep(token, account ?? (await held())?.account)),
    refresh,
    accessToken: async () => {
      const session = await held()
      if (session === undefined) throw new NotSignedInError()
      const { accessToken, refreshToken, expiresAt } = session
      if (expiresAt === undefined || refreshToken === undefined || Date.now() < expiresAt - SKEW_MS)
        return accessToken
      try {
        return (await refresh(accessToken)).accessToken
      } catch (error) {
        if (!isDefinitive(error) && Date.now() < expiresAt) return accessToken
        throw error
      }
    },
  }
}
