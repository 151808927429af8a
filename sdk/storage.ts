import type { Account } from './types.gen.ts'

/** What a client holds of a sign-in. */
export interface Session {
  readonly accessToken: string
  readonly refreshToken?: string | undefined
  /** Epoch milliseconds at which the access token ends, by this machine's clock. */
  readonly expiresAt?: number | undefined
  /** Epoch milliseconds from which it is refreshed, by this machine's clock. Default: 10 s before its end. */
  readonly refreshAt?: number | undefined
  readonly account?: Account | undefined
  /** The `client_id` that it was signed in with; a refresh must name the same. */
  readonly clientId?: string | undefined
}

/** A value, at once or later. */
export type MaybePromise<T> = T | Promise<T>

/** Where a session is kept. Every method may be asynchronous; what it throws fails the call. */
export interface SessionStorage {
  get(): MaybePromise<Session | undefined>
  set(session: Session): MaybePromise<void>
  remove(): MaybePromise<void>
  /**
   * Does `work`, a refresh of this access token, while no other client of the same store does any; missing
   * where nobody shares it. It must do the work in any case, and should not wait long for its turn: the
   * daemon forgives a refresh that was made twice.
   */
  lock?<T>(work: () => Promise<T>, accessToken: string | undefined): Promise<T>
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

/** The session that a text holds, if it is one. Throws `SyntaxError` for what is no JSON. */
export const parseSession = (text: string | null): Session | undefined => {
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
