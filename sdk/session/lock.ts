import { web } from './web.ts'

/** Longer than a refresh takes as a rule; the daemon forgives one that was made beside another. */
const WAIT_MS = 5000

/**
 * Does `work` while no other tab of this origin does any under the same name (Web Locks). The wait is bounded
 * to five seconds; then the work is done without the lock, as it is where the browser has none or refuses it
 * to this page. The lock ends with the work, however that ends.
 */
export const underLock = async <T>(name: string, work: () => Promise<T>, waitMs = WAIT_MS): Promise<T> => {
  const locks = web().navigator?.locks
  if (locks === undefined) return work()
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(), waitMs)
  let doing: Promise<T> | undefined
  try {
    await locks.request(name, { signal: waiting.signal }, () => {
      clearTimeout(timer)
      return (doing = work())
    })
  } catch {
    // Given up, refused, or the failure of the work itself, which comes with it.
  } finally {
    clearTimeout(timer)
  }
  return doing ?? work()
}
