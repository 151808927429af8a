import {
  confirm,
  countInWindows,
  judgeCharges,
  windowsEnd,
  type Counted,
  type Tally,
} from '../../domain/charge.ts'
import { waitAfter, type Throttle } from '../../domain/throttle.ts'
import type { Limit, LimitOutcome, LimitStore } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'

const CURRENT = 'SELECT windows, expires_at FROM limits WHERE key = :key'
const PUT = `INSERT INTO limits VALUES (:key, :windows, :expires_at)
  ON CONFLICT (key) DO UPDATE SET windows = excluded.windows, expires_at = excluded.expires_at`

/** What is stored of limits, for use inside `write`. */
const createTallies = (db: Database) => {
  const current = db.writing(CURRENT)
  const put = db.writing(PUT)
  return {
    storedOf: (key: string): Counted[] => {
      const row = current.get<{ windows: string }>({ key })
      return row ? (JSON.parse(row.windows) as Counted[]) : []
    },
    putAll: (tally: Tally): void => {
      for (const [key, { windows, expiresAt }] of tally)
        put.run({ key, windows: JSON.stringify(windows), expires_at: expiresAt })
    },
  }
}

/** Notes that codes were used, for use inside `write`. */
export const createConfirmation = (db: Database): ((keys: readonly string[], now: number) => void) => {
  const { storedOf, putAll } = createTallies(db)
  return (keys, now) => putAll(new Map(keys.map((key) => [key, confirm(storedOf(key), now)])))
}

/** The store of limits on SQLite. */
export const createLimitStore = (db: Database): LimitStore => {
  const current = db.writing(CURRENT)
  const put = db.writing(PUT)
  const { storedOf, putAll } = createTallies(db)
  const note = createConfirmation(db)
  const forget = db.writing('DELETE FROM limits WHERE key = :key')

  const underPrefix = db.reading(
    'SELECT key, windows FROM limits WHERE key >= :prefix AND key < :end ORDER BY key',
  )

  const takeOne = ({ key, windows }: Limit, now: number): ReturnType<typeof countInWindows> => {
    const counted = countInWindows(windows, 1, storedOf(key), now)
    if (counted.retryAfterMs === 0) {
      const expiresAt = windowsEnd(windows, counted.windows)
      put.run({ key, windows: JSON.stringify(counted.windows), expires_at: expiresAt })
    }
    return counted
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
        const counted: (readonly Counted[])[] = []
        for (const limit of limits) {
          const { windows, retryAfterMs } = takeOne(limit, now)
          if (retryAfterMs > 0) return { allowed: false, key: limit.key, retryAfterMs, counted }
          counted.push(windows)
        }
        return { allowed: true, counted }
      }),
    takeAll: (charges, now) =>
      db.write(() => {
        const { outcome, next } = judgeCharges(charges, storedOf, now)
        putAll(next)
        return outcome
      }),
    confirm: (keys, now) => db.write(() => note(keys, now)),
    list: (prefix) =>
      db.read(() =>
        underPrefix
          .all<{ key: string; windows: string }>({ prefix, end: `${prefix}\u{10FFFF}` })
          .map(({ key, windows }) => ({ key, windows: JSON.parse(windows) as Counted[] })),
      ),
    forget: (key) => db.write(() => void forget.run({ key })),
  }
}
