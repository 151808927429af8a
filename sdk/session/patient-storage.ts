import { bounded } from '../signals.ts'
import type { MaybePromise, Session, SessionStorage } from '../storage.ts'

const LIMIT_MS = 2000

/**
 * A storage that never fails and never hangs: what takes longer than two seconds, or throws, costs
 * persistence only. The session is then kept in memory, until it can be stored again.
 */
export const patientStorage = (storage: SessionStorage, limitMs = LIMIT_MS): SessionStorage => {
  let known: Session | undefined
  let isUnstored = false

  /** The result in a box; null if it failed, and undefined if it did not end in time. */
  const attempt = <T>(work: () => MaybePromise<T>): Promise<{ readonly value: T } | null | undefined> =>
    bounded<{ readonly value: T } | undefined>({ signals: [], ms: limitMs }, async () => ({
      value: await work(),
    })).catch(() => null)

  return {
    get: async () => {
      if (isUnstored) return known
      const read = await attempt(() => storage.get())
      if (read) known = read.value
      // One that hangs is not asked again before something is to be stored; a failure may pass.
      isUnstored = read === undefined
      return known
    },
    set: async (session) => {
      known = session
      isUnstored = !(await attempt(() => storage.set(session)))
      // An older session must not come back: its refresh token has been used.
      if (isUnstored) await attempt(() => storage.remove())
    },
    remove: async () => {
      known = undefined
      isUnstored = !(await attempt(() => storage.remove()))
    },
  }
}
