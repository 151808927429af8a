import { createListeners, notify } from '../notify.ts'
import type { Session } from '../storage.ts'
import type { Account } from '../types.gen.ts'

/**
 * What happened: `initial` is the first that every listener hears, whatever the state is; `signed_in` also
 * when another account takes the place of the one before.
 */
export type AuthEvent = 'initial' | 'signed_in' | 'signed_out' | 'token_refreshed'

/** The state after an event. It holds no token: `accessToken()` gives one. */
export interface AuthState {
  readonly event: AuthEvent
  readonly isSignedIn: boolean
  /** Who is signed in, as it was at the sign-in; `client.auth.me()` asks again. */
  readonly account: Account | undefined
}

/** Hears of sign-ins, refreshes and sign-outs, also those of other tabs. */
export type AuthListener = (state: AuthState) => void

const eventBetween = (before: Session | undefined, after: Session | undefined): AuthEvent | undefined => {
  if (after === undefined) return before && 'signed_out'
  if (before === undefined || before.account?.id !== after.account?.id) return 'signed_in'
  return before.accessToken === after.accessToken ? undefined : 'token_refreshed'
}

/**
 * Follows a session by reading it: whatever hints at a change, what counts is what is stored. `read` must
 * not fail.
 */
export const followSession = (read: () => Promise<Session | undefined>) => {
  const listeners = createListeners<AuthState>()
  let known: Session | undefined
  let isKnown = false
  let reading: Promise<void> | undefined
  let isStale = false
  let isOver = false

  const stateAt = (event: AuthEvent): AuthState => ({
    event,
    isSignedIn: known !== undefined,
    account: known?.account,
  })

  const learn = (session: Session | undefined): void => {
    const event = isKnown ? eventBetween(known, session) : undefined
    known = session
    isKnown = true
    if (event !== undefined) listeners.tell(stateAt(event))
  }

  const readOn = async (): Promise<void> => {
    do {
      isStale = false
      const session = await read()
      // What was written meanwhile is not in it.
      if (!isStale) learn(session)
    } while (isStale)
  }

  /** Reads the session again, and tells what has become of it. */
  const look = (): Promise<void> => {
    isStale = true
    return (reading ??= readOn().finally(() => {
      reading = undefined
    }))
  }

  return {
    look,
    listen: (listener: AuthListener): (() => void) => {
      let stop: () => void = () => undefined
      let isListening = true
      void (isKnown ? Promise.resolve() : look()).then(() => {
        if (!isListening || isOver) return
        notify(listener, stateAt('initial'))
        stop = listeners.add(listener)
      })
      return () => {
        isListening = false
        stop()
      }
    },
    stop: (): void => {
      isOver = true
      listeners.clear()
    },
  }
}
