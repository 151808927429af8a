import { ApiError, NotSignedInError } from './errors.ts'
import { notify } from './notify.ts'
import type { Account, Token } from './types.gen.ts'

/** What a client holds of a sign-in. */
export interface Session {
  readonly accessToken: string
  readonly refreshToken?: string | undefined
  /** Epoch milliseconds at which the access token ends, by this machine's clock. */
  readonly expiresAt?: number | undefined
  readonly account?: Account | undefined
  /** The `client_id` that it was signed in with; a refresh must name the same. */
  readonly clientId?: string | undefined
}

type MaybePromise<T> = T | Promise<T>

/** Where a session is kept. Every method may be asynchronous; what it throws fails the call. */
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

type WebStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const parseSession = (text: string | null): Session | undefined => {
  const value = JSON.parse(text ?? 'null') as Partial<Session> | null
  return typeof value?.accessToken === 'string' ? (value as Session) : undefined
}

/**
 * Keeps the session as JSON in `localStorage`, `sessionStorage` or anything alike. A store that is blocked or
 * full costs persistence only: the session then lives in memory. Give the store as a function where naming it
 * can throw: `webStorage(() => localStorage)`.
 */
export const webStorage = (store: WebStore | (() => WebStore), key = 'authctl.session'): SessionStorage => {
  const attempt = <T>(use: (store: WebStore) => T): T | undefined => {
    try {
      return use(typeof store === 'function' ? store() : store)
    } catch {
      return undefined
    }
  }
  let unstored: Session | undefined
  const remove = (): void => {
    unstored = undefined
    attempt((web) => web.removeItem(key))
  }
  return {
    get: () => unstored ?? attempt((web) => parseSession(web.getItem(key))),
    set: (session) => {
      const isStored = attempt((web) => (web.setItem(key, JSON.stringify(session)), true))
      // An older session must not come back: its refresh token has been used.
      if (isStored !== true) remove()
      unstored = isStored === true ? undefined : session
    },
    remove,
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
  /** Calls back after each sign-in, refresh and sign-out of this client. Returns how to stop that. */
  onChange(listener: (session: Session | undefined) => void): () => void
}

/** The session of a client as the sender uses it. */
export interface SessionKeeper extends SessionControl {
  /** Holds the token; what is not given stays as it was. */
  adopt(token: Token, about?: Pick<Session, 'account' | 'clientId'>): Promise<void>
  /** The token to send, refreshed if it is about to end. Throws `NotSignedInError`. */
  accessToken(): Promise<string>
  /** One refresh for all callers. `rejected` is the access token that the server refused, if any. */
  refresh(rejected?: string): Promise<Session>
}

/**
 * Whether a failed refresh means that the session is over. Any other refusal, such as a proxy's 403, may
 * pass.
 */
const isDefinitive = (error: unknown): boolean =>
  error instanceof ApiError && /^invalid_(?:grant|token)$/.test(error.code)

/** Asks the daemon for the successor of a session's token. */
export type RequestRefresh = (refreshToken: string, clientId: string | undefined) => Promise<Token>

/**
 * Keeps the session of one client: at most one refresh runs at a time, and a passing failure never loses the
 * session.
 */
export const createSessionKeeper = (
  storage: SessionStorage,
  requestRefresh: RequestRefresh,
): SessionKeeper => {
  let refreshing: Promise<Session> | undefined
  const listeners = new Set<(session: Session | undefined) => void>()
  const held = async (): Promise<Session | undefined> => storage.get()

  const hold = async (session: Session | undefined): Promise<void> => {
    await (session === undefined ? storage.remove() : storage.set(session))
    for (const listener of listeners) notify(listener, session)
  }

  const keep = async (token: Token, about: Pick<Session, 'account' | 'clientId'>): Promise<Session> => {
    const session: Session = {
      accessToken: token.access_token,
      refreshToken: token.refresh_token,
      expiresAt: Date.now() + token.expires_in * 1000,
      account: about.account,
      clientId: about.clientId,
    }
    await hold(session)
    return session
  }

  const refreshOnce = async (rejected: string | undefined): Promise<Session> => {
    const session = await held()
    if (session === undefined) throw new NotSignedInError()
    // Somebody else, such as another tab, has refreshed meanwhile.
    if (rejected !== undefined && session.accessToken !== rejected) return session
    if (session.refreshToken === undefined) throw new NotSignedInError()
    const answer = await requestRefresh(session.refreshToken, session.clientId).catch((error: unknown) => ({
      error,
    }))
    const present = await held()
    const isSame = present?.refreshToken === session.refreshToken
    if ('error' in answer) {
      // Another tab or sign-in may have put a live session in the place of the one that is over.
      if (!isDefinitive(answer.error) || present === undefined) throw answer.error
      if (!isSame) return present
      await hold(undefined)
      throw answer.error
    }
    if (isSame) return keep(answer, session)
    // Signed out while the refresh ran: it must not bring the session back.
    if (present === undefined) throw new NotSignedInError()
    return present
  }

  const refresh = (rejected?: string): Promise<Session> =>
    (refreshing ??= refreshOnce(rejected).finally(() => {
      refreshing = undefined
    }))

  return {
    get: held,
    set: (session) => hold(session),
    clear: () => hold(undefined),
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    adopt: async (token, about) => void (await keep(token, about ?? (await held()) ?? {})),
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
        if (error instanceof NotSignedInError || isDefinitive(error) || Date.now() >= expiresAt) throw error
        return accessToken
      }
    },
  }
}
