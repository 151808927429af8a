import { ApiError, type Fields, isFields, NotSignedInError } from './errors.ts'
import { createListeners } from './notify.ts'
import type { Session, SessionStorage } from './storage.ts'
import type { Token } from './types.gen.ts'

/** A token is refreshed this long before it ends. */
const MARGIN_MS = 10_000

/** Access to the session of a client. */
export interface SessionControl {
  /** What is held; reading it never refreshes. */
  get(): Promise<Session | undefined>
  set(session: Session): Promise<void>
  /** Forgets the session here; `auth.logout()` ends it on the server as well. */
  clear(): Promise<void>
  /** The token to send to a server of yours, refreshed if it is about to end. Throws `NotSignedInError`. */
  accessToken(): Promise<string>
  /** Calls back after each sign-in, refresh and sign-out of this client. Returns how to stop that. */
  onChange(listener: (session: Session | undefined) => void): () => void
}

/** The session of a client as the sender uses it. */
export interface SessionKeeper extends SessionControl {
  /** Holds the token; what is not given stays as it was. */
  adopt(token: Token, about?: Pick<Session, 'account' | 'clientId'>): Promise<void>
  /** One refresh for all callers. `rejected` is the access token that the server refused, if any. */
  refresh(rejected?: string): Promise<Session>
}

/**
 * Whether a failed refresh means that the session is over. Any other refusal, such as a proxy's 403, may
 * pass.
 */
const isDefinitive = (error: unknown): boolean =>
  error instanceof ApiError && /^invalid_(?:grant|token)$/.test(error.code)

/** Whether there are a token and its time in an answer. */
export const isToken = ({ access_token: token, expires_in: seconds }: Fields): boolean =>
  typeof token === 'string' && typeof seconds === 'number'

/** Whether an answer brings a token to hold. */
export const hasToken = ({ token }: Fields): boolean => isFields(token) && isToken(token)

/** Asks the daemon for the successor of a session's token. */
export type RequestRefresh = (refreshToken: string, clientId: string | undefined) => Promise<Token>

/**
 * When a token that came just now ends, and when it is refreshed: so long before, or for the last tenth of a
 * life that is shorter. Times are those of this machine, counted from the moment that the token came: a clock
 * that is wrong by any amount is wrong by the same when it is read.
 */
export const timesOf = (
  { expires_in: seconds }: Pick<Token, 'expires_in'>,
  marginMs: number,
): Required<Pick<Session, 'expiresAt' | 'refreshAt'>> => {
  const lifeMs = seconds * 1000
  const expiresAt = Date.now() + lifeMs
  return { expiresAt, refreshAt: expiresAt - Math.min(marginMs, lifeMs / 10) }
}

const sessionOf = (token: Token, { account, clientId }: Pick<Session, 'account' | 'clientId'>): Session => ({
  accessToken: token.access_token,
  refreshToken: token.refresh_token,
  ...timesOf(token, MARGIN_MS),
  account,
  clientId,
})

/**
 * Keeps the session of one client: at most one refresh runs at a time, under the lock of the storage if it
 * has one, and a passing failure never loses the session. Listeners are told when the lock is free again.
 */
export const createSessionKeeper = (
  storage: SessionStorage,
  requestRefresh: RequestRefresh,
): SessionKeeper => {
  let refreshing: Promise<Session> | undefined
  const listeners = createListeners<Session | undefined>()
  const held = async (): Promise<Session | undefined> => storage.get()

  const write = async (session: Session | undefined): Promise<void> =>
    session === undefined ? storage.remove() : storage.set(session)

  const hold = async (session: Session | undefined): Promise<void> => {
    await write(session)
    listeners.tell(session)
  }

  const refreshOnce = async (
    known: string | undefined,
    changes: (Session | undefined)[],
  ): Promise<Session> => {
    const session = await held()
    if (session === undefined) throw new NotSignedInError()
    // Somebody else, such as another tab, has refreshed meanwhile.
    if (session.accessToken !== known) return session
    if (session.refreshToken === undefined) throw new NotSignedInError()
    const answer = await requestRefresh(session.refreshToken, session.clientId).catch((error: unknown) => ({
      error,
    }))
    const present = await held()
    const isSame = present?.refreshToken === session.refreshToken
    const put = async (next: Session | undefined): Promise<void> => {
      await write(next)
      changes.push(next)
    }
    if ('error' in answer) {
      // Another tab or sign-in may have put a live session in the place of the one that is over.
      if (!isDefinitive(answer.error) || present === undefined) throw answer.error
      if (!isSame) return present
      await put(undefined)
      throw answer.error
    }
    // Signed out while the refresh ran: it must not bring the session back.
    if (present === undefined) throw new NotSignedInError()
    if (!isSame) return present
    const next = sessionOf(answer, session)
    await put(next)
    return next
  }

  const refreshAlone = async (rejected: string | undefined): Promise<Session> => {
    const known = rejected ?? (await held())?.accessToken
    const changes: (Session | undefined)[] = []
    const work = (): Promise<Session> => refreshOnce(known, changes)
    try {
      return await (storage.lock === undefined ? work() : storage.lock(work, known))
    } finally {
      changes.forEach(listeners.tell)
    }
  }

  const refresh = (rejected?: string): Promise<Session> =>
    (refreshing ??= refreshAlone(rejected).finally(() => {
      refreshing = undefined
    }))

  return {
    get: held,
    set: (session) => hold(session),
    clear: () => hold(undefined),
    onChange: listeners.add,
    adopt: async (token, about) => hold(sessionOf(token, about ?? (await held()) ?? {})),
    refresh,
    accessToken: async () => {
      const session = await held()
      if (session === undefined) throw new NotSignedInError()
      const { accessToken, refreshToken, expiresAt } = session
      if (expiresAt === undefined || refreshToken === undefined) return accessToken
      if (Date.now() < (session.refreshAt ?? expiresAt - MARGIN_MS)) return accessToken
      try {
        return (await refresh(accessToken)).accessToken
      } catch (error) {
        if (error instanceof NotSignedInError || isDefinitive(error) || Date.now() >= expiresAt) throw error
        return accessToken
      }
    },
  }
}
