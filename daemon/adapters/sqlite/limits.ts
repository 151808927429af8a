import { waitAfter, type Throttle } from '../../domain/throttle.ts'
import type { Limit, LimitOutcome, LimitStore } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'

/**
 * One window as stored: when it began and how many events it has. Of a throttle: when the next event may
 * come, and how many there were.
 */
type Counted = readonly [startedAt: number, count: number]

/** The store of limits on SQLite. */
export const createLimitStore = (db: Database): LimitStore => {
  const current = db.writing('SELECT windows, expires_at FROM limits WHERE key = :key')
  const put = db.writing(
    `INSERT INTO limits VALUES (:key, :windows, :expires_at)
     ON CONFLICT (key) DO UPDATE SET windows = excluded.windows, expires_at = excluded.expires_at`,
  )
  const forget = db.writing('DELETE FROM limits WHERE key = :key')

  const takeOne = (limit: Limit, now: number): LimitOutcome => {
    const row = current.get<{ windows: string }>({ key: limit.key })
    const stored = row ? (JSON.parse(row.windows) as Counted[]) : []
    let retryAfterMs = 0
    const next = limit.windows.map(({ limit: most, windowMs }, index): Counted => {
      const [startedAt, count] = stored[index] ?? [now, 0]
      const isOver = now >= startedAt + windowMs || now < startedAt - windowMs
      if (isOver) return [now, 1]
      if (count >= most) retryAfterMs = Math.max(retryAfterMs, startedAt + windowMs - now)
      return [startedAt, count + 1]
    })
    if (retryAfterMs > 0) return { allowed: false, key: limit.key, retryAfterMs }
    const expiresAt = Math.max(
      ...next.map(([startedAt], index) => startedAt + (limit.windows[index]?.windowMs ?? 0)),
    )
    put.run({ key: limit.key, windows: JSON.stringify(next), expires_at: expiresAt })
    return { allowed: true }
  }

  const waitOne = (throttle: Throttle, now: number): LimitOutcome => {
    const { key, maxWaitMs, forgottenAfterMs } = throttle
    const row = current.get<{ windows: string; expires_at: number }>({ key })
    const [stored] = row && row.expires_at > now ? (JSON.parse(row.windows) as Counted[]) : []
    const [allowedAt, count] = stored ?? [now, 0]
    // A wait longer than the longest comes from a clock that was set back.
    const retryAfterMs = allowedAt - now
    if (retryAfterMs > 0 && retryAfterMs <= maxWaitMs) return { allowed: false, key, retryAfterMs }
    const next: Counted = [now + waitAfter(throttle, count + 1), count + 1]
    put.run({ key, windows: JSON.stringify([next]), expires_at: next[0] + forgottenAfterMs })
    return { allowed: true }
  }

  return {
    wait: (throttle, now) => db.write(() => waitOne(throttle, now)),
    take: (limits, now) =>
      db.write(() => {
        for (const limit of limits) {
          const outcome = takeOne(limit, now)
          if (!outcome.allowed) return outcome
        }
        return { allowed: true }
      }),
    forget: (key) => db.write(() => void forget.run({ key })),
  }
}
