/**
 * Remembers which deliveries are done. Receivers of several processes share one, such as a table with a
 * unique key or `SET id NX PX` of a cache.
 */
export interface DeliveryRecord {
  /**
   * Takes an id for `ms` milliseconds in one step; false if it is taken. Never two callers get true for one
   * id.
   */
  readonly take: (id: string, ms: number) => boolean | Promise<boolean>
  /** Gives an id back whose work has failed, so that the next try of the daemon is worked on. */
  readonly release: (id: string) => void | Promise<void>
}

const MAX_IDS = 100_000

/** A record for one process. It holds 100,000 ids at most: then the oldest is forgotten. */
export const memoryRecord = (now: () => number = Date.now): DeliveryRecord => {
  const until = new Map<string, number>()
  const forget = (time: number): void => {
    for (const [id, end] of until) {
      if (end > time && until.size < MAX_IDS) return
      until.delete(id)
    }
  }
  return {
    take: (id, ms) => {
      const time = now()
      if ((until.get(id) ?? 0) > time) return false
      until.delete(id)
      forget(time)
      until.set(id, time + ms)
      return true
    },
    release: (id) => void until.delete(id),
  }
}
