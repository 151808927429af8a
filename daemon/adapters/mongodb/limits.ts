import type { Document } from 'mongodb'
import { countInWindows, type Counted } from '../../domain/charge.ts'
import type { Throttle } from '../../domain/throttle.ts'
import type { Limit, LimitOutcome, LimitStore } from '../../ports/stores/index.ts'
import { createLedger, toWindows } from './charges.ts'
import type { Collections, LimitDoc } from './collections.ts'
import { upserting, type Connection } from './connection.ts'
import { createWriter } from './writer.ts'

type Window = Limit['windows'][number]

/**
 * The rule of `countInWindows` as an update that the server evaluates, so that parallel events on one key
 * never have to try again: counts the event in every window, or changes nothing when one is full.
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

/**
 * How long the next event of a throttle has to wait; a wait longer than the longest comes from a clock that
 * was set back.
 */
const throttledFor = (counted: LimitDoc | null, { maxWaitMs }: Throttle, now: number): number => {
  if (counted === null || counted.expiresAt <= now) return 0
  const left = (counted.s0 ?? now) - now
  return left > 0 && left <= maxWaitMs ? left : 0
}

/**
 * The same rule, and `waitAfter`, as an update that the server evaluates: `s0` is when the next event may
 * come.
 */
const countThrottled = (throttle: Throttle, now: number): Document[] => {
  const { free, firstWaitMs, maxWaitMs, forgottenAfterMs } = throttle
  const isKept = { $gt: ['$expiresAt', now] }
  const left = { $subtract: ['$s0', now] }
  const isWaiting = { $and: [isKept, { $gt: [left, 0] }, { $lte: [left, maxWaitMs] }] }
  const events = { $cond: [isKept, { $add: ['$c0', 1] }, 1] }
  const doubled = { $multiply: [firstWaitMs, { $pow: [2, { $subtract: ['$$events', free] }] }] }
  const wait = { $cond: [{ $lt: ['$$events', free] }, 0, { $min: [maxWaitMs, doubled] }] }
  const next = {
    s0: { $add: [now, wait] },
    c0: '$$events',
    expiresAt: { $add: [now, wait, forgottenAfterMs] },
  }
  const counted = { $let: { vars: { events }, in: { $mergeObjects: ['$$ROOT', next] } } }
  return [{ $replaceWith: { $cond: [isWaiting, '$$ROOT', counted] } }]
}

/** The store of limits on MongoDB. */
export const createLimitStore = (connection: Connection, { limits }: Collections): LimitStore => {
  const ledger = createLedger(connection, limits)
  const write = createWriter(limits)

  const takeOne = async (
    { key, windows }: Limit,
    now: number,
  ): Promise<ReturnType<typeof countInWindows>> => {
    const before = await upserting(() =>
      limits.findOneAndUpdate({ _id: key }, countEvent(windows, now), {
        upsert: true,
        returnDocument: 'before',
      }),
    )
    return countInWindows(windows, 1, before === null ? [] : toWindows(before), now)
  }

  const waitOne = async (throttle: Throttle, now: number): Promise<LimitOutcome> => {
    const { key } = throttle
    const before = await upserting(() =>
      limits.findOneAndUpdate({ _id: key }, countThrottled(throttle, now), {
        upsert: true,
        returnDocument: 'before',
      }),
    )
    const retryAfterMs = throttledFor(before, throttle, now)
    return retryAfterMs === 0 ? { allowed: true } : { allowed: false, key, retryAfterMs }
  }

  return {
    wait: (throttle, now) => connection.run(() => waitOne(throttle, now)),
    take: (wanted, now) =>
      connection.run(async () => {
        const counted: (readonly Counted[])[] = []
        for (const limit of wanted) {
          const { windows, retryAfterMs } = await takeOne(limit, now)
          if (retryAfterMs > 0) return { allowed: false, key: limit.key, retryAfterMs, counted }
          counted.push(windows)
        }
        return { allowed: true, counted }
      }),
    takeAll: (charges, now) => ledger.takeAll(charges, now),
    confirm: (keys, now) => ledger.confirm(keys, now),
    list: (prefix) =>
      connection.run(async () => {
        const counted = await limits
          .find({ _id: { $gte: prefix, $lt: `${prefix}\u{10FFFF}` } })
          .sort({ _id: 1 })
          .toArray()
        return counted.map((doc) => ({ key: doc._id, windows: toWindows(doc) }))
      }),
    forget: (key) => connection.run(() => write({ deleteOne: { filter: { _id: key } } })),
  }
}
