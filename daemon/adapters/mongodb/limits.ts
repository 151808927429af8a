import type { Document } from 'mongodb'
import type { Limit, LimitOutcome, LimitStore } from '../../ports/stores/index.ts'
import type { Collections, LimitDoc } from './collections.ts'
import { upserting, type Connection } from './connection.ts'

type Window = Limit['windows'][number]

const isOver = (startedAt: number, { windowMs }: Window, now: number): boolean =>
  now >= startedAt + windowMs || now < startedAt - windowMs

/** How long until every full window of what was counted has room; 0 when the event is allowed. */
const waitFor = (counted: LimitDoc | null, windows: readonly Window[], now: number): number =>
  Math.max(
    0,
    ...windows.map((window, n) => {
      const startedAt = counted?.[`s${n}`]
      const isFull =
        startedAt !== undefined &&
        !isOver(startedAt, window, now) &&
        (counted?.[`c${n}`] ?? 0) >= window.limit
      return isFull ? startedAt + window.windowMs - now : 0
    }),
  )

/**
 * The same rule as an update that the server evaluates, so that parallel events on one key never have to try
 * again: counts the event in every window, or changes nothing when one is full.
 */
const countEvent = (windows: readonly Window[], now: number): Document[] => {
  const over = windows.map(({ windowMs }, n) => ({
    $or: [
      { $eq: [{ $type: `$s${n}` }, 'missing'] },
      { $gte: [now, { $add: [`$s${n}`, windowMs] }] },
      { $lt: [now, { $subtract: [`$s${n}`, windowMs] }] },
    ],
  }))
  const isFull = {
    $or: windows.map(({ limit }, n) => ({ $and: [{ $not: [over[n]] }, { $gte: [`$c${n}`, limit] }] })),
  }
  const unlessFull = (field: string, value: Document) => ({ $cond: ['$$full', `$${field}`, value] })
  const started = windows.map((_, n) => ({ $cond: [over[n], now, `$s${n}`] }))
  const next = Object.fromEntries(
    windows.flatMap((_, n) => [
      [`s${n}`, unlessFull(`s${n}`, started[n] ?? {})],
      [`c${n}`, unlessFull(`c${n}`, { $cond: [over[n], 1, { $add: [`$c${n}`, 1] }] })],
    ]),
  )
  const expiresAt = unlessFull('expiresAt', {
    $max: windows.map(({ windowMs }, n) => ({ $add: [started[n], windowMs] })),
  })
  const merged = { $mergeObjects: ['$$ROOT', { ...next, expiresAt }] }
  return [{ $replaceWith: { $let: { vars: { full: isFull }, in: merged } } }]
}

/** The store of limits on MongoDB. */
export const createLimitStore = (connection: Connection, { limits }: Collections): LimitStore => {
  const takeOne = async ({ key, windows }: Limit, now: number): Promise<LimitOutcome> => {
    const before = await upserting(() =>
      limits.findOneAndUpdate({ _id: key }, countEvent(windows, now), {
        upsert: true,
        returnDocument: 'before',
      }),
    )
    const retryAfterMs = waitFor(before, windows, now)
    return retryAfterMs === 0 ? { allowed: true } : { allowed: false, key, retryAfterMs }
  }

  return {
    take: (wanted, now) =>
      connection.run(async () => {
        for (const limit of wanted) {
          const outcome = await takeOne(limit, now)
          if (!outcome.allowed) return outcome
        }
        return { allowed: true }
      }),
    forget: (key) => connection.run(async () => void (await limits.deleteOne({ _id: key }))),
  }
}
