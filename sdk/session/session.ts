import { createClient, type AuthctlClient } from '../client.ts'
import type { ClientOptions } from '../core-client.ts'
import { asyncDisposal, type AsyncDisposal } from '../disposal.ts'
import { isAuthctlError } from '../errors.ts'
import { webStorage, type SessionStorage } from '../storage.ts'
import type { CallOptions } from '../transport.ts'
import type { OtpSent, SignedIn } from '../types.gen.ts'
import { followSession, type AuthListener } from './auth-state.ts'
import { underLock } from './lock.ts'
import { patientStorage } from './patient-storage.ts'
import { receiveCode } from './receive-code.ts'
import { joinTabs } from './tabs.ts'
import { whileShown } from './wakefulness.ts'

/** What a session of a page is made of; only `baseUrl` is required. */
export interface SessionOptions extends Omit<ClientOptions, 'accessToken' | 'storage'> {
  /** Where it is kept. Default: `localStorage`, which the tabs of an origin share. */
  readonly storage?: SessionStorage | undefined
  /**
   * Names it among the tabs of an origin, and in `localStorage`; two sessions on one page need two. Default
   * `authctl.session`.
   */
  readonly key?: string | undefined
  /** Keeps the token fresh while the page is shown. Default true; calls refresh it in any case. */
  readonly autoRefresh?: boolean | undefined
}

/** The session of one person in all tabs of a browser. */
export interface BrowserSession extends AsyncDisposal {
  /** Every operation of the daemon, as the person that is signed in. */
  readonly client: AuthctlClient
  /** Sends a one-time code to a phone. */
  readonly sendCode: (number: string, options?: CallOptions) => Promise<OtpSent>
  /**
   * The code of the SMS, where the browser hands it over and the person agrees (WebOTP); undefined otherwise,
   * and when it is asked for again. Ask before the code is sent, and end it by the signal when one was typed.
   */
  readonly receiveCode: (options?: {
    readonly signal?: AbortSignal | undefined
  }) => Promise<string | undefined>
  /** Signs an end user in by phone and code; the first time creates the account. */
  readonly signIn: (by: { number: string; otp: string }, options?: CallOptions) => Promise<SignedIn>
  /**
   * Ends the session on the daemon and in all tabs. Without an answer of the daemon within 5 s it ends here
   * alone, and the error says so.
   */
  readonly signOut: (options?: CallOptions) => Promise<void>
  /** The token for calls to a server of yours, refreshed if it is about to end; undefined when signed out. */
  readonly accessToken: () => Promise<string | undefined>
  /**
   * Calls back with the state as it is, soon, and then after each change in any tab. No lock is held
   * meanwhile. Returns how to stop that.
   */
  readonly onAuthStateChange: (listener: AuthListener) => () => void
  /** Removes timers and listeners, leaves the channel of the tabs, ends calls; the session stays stored. */
  readonly dispose: () => void
}

const SIGN_OUT_MS = 5000

/** Whether there was no session to end, any more. */
const isOver = (error: unknown): boolean =>
  isAuthctlError(error) && /^(?:not_signed_in|invalid_grant|invalid_token)$/.test(error.code)

/**
 * Makes the session of a page: kept over page loads, shared by its tabs, refreshed by one of them at a time.
 * On a server make one for each request, or none.
 */
export const createSession = (options: SessionOptions): BrowserSession => {
  const { key = 'authctl.session', autoRefresh = true } = options
  const patient = patientStorage(options.storage ?? webStorage(() => localStorage, key))
  const storage: SessionStorage = {
    ...patient,
    lock: (work, accessToken) => {
      const isSettled = async (): Promise<boolean> => (await patient.get())?.accessToken !== accessToken
      return underLock(key, isSettled, work)
    },
  }
  const client = createClient({ ...options, storage })
  const { look, listen, stop } = followSession(client.session.get)
  const tabs = joinTabs(key, () => void look())
  const unfollow = client.session.onChange(() => {
    void look()
    tabs.tell()
  })

  const accessToken = async (): Promise<string | undefined> => {
    try {
      return await client.session.accessToken()
    } catch (error) {
      if (isOver(error)) return undefined
      throw error
    }
  }
  const rest = whileShown(() => {
    void look()
    if (autoRefresh) void accessToken().catch(() => undefined)
  })

  let waiting: AbortController | undefined
  const receive: BrowserSession['receiveCode'] = async ({ signal } = {}) => {
    waiting?.abort()
    const own = (waiting = new AbortController())
    const abort = (): void => own.abort()
    if (signal?.aborted === true) abort()
    signal?.addEventListener('abort', abort)
    try {
      return await receiveCode(own.signal)
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  const dispose = (): void => {
    rest()
    unfollow()
    tabs.close()
    stop()
    waiting?.abort()
    client.dispose()
  }

  return {
    client,
    sendCode: (number, call) => client.otp.send({ number }, call),
    receiveCode: receive,
    signIn: (by, call) => client.users.login(by, call),
    signOut: async (call) => {
      try {
        await client.auth.logout({ deadlineMs: SIGN_OUT_MS, ...call })
      } catch (error) {
        if (!isOver(error)) throw error
      }
    },
    accessToken,
    onAuthStateChange: listen,
    dispose,
    ...asyncDisposal(dispose),
  }
}
