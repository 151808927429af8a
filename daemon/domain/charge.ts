/** One window as counted: when it began, and what was counted since. */
export type Counted = readonly [startedAt: number, count: number]

/** At most `limit` in `windowMs`, which begins with the first event in it. */
export interface LimitWindow {
  readonly limit: number
  readonly windowMs: number
}

/** What one event costs of something that is limited. */
export type Charge =
  /** `amount` of each window: messages, or money. */
  | {
      readonly kind: 'amount'
      readonly key: string
      readonly amount: number
      readonly windows: readonly LimitWindow[]
    }
  /** One of the window for each member that is new in it, such as each number that an address asks about. */
  | { readonly kind: 'distinct'; readonly key: string; readonly member: string; readonly window: LimitWindow }
  /** One event that should be confirmed; refused while too few of the earlier ones were (F7). */
  | {
      readonly kind: 'conversion'
      readonly key: string
      readonly minEvents: number
      readonly minPercent: number
    }

/** How long events and confirmations count, and in what steps they are forgotten. */
export const CONVERSION_WINDOW_MS = 3_600_000
const BUCKET_MS = 150_000
/** From the begin of a step until all of its events have had 150 s at least to be confirmed. */
const MATURE_MS = 2 * BUCKET_MS

/** What is counted after an event: of each key that changes, its windows and when they may be forgotten. */
export type Tally = ReadonlyMap<string, { readonly windows: readonly Counted[]; readonly expiresAt: number }>

/** The stored windows by key; none for what was never counted. */
export type Stored = (key: string) => readonly Counted[]

type Verdict = { readonly retryAfterMs: number } | { readonly next: Tally }

/**
 * A window is over when its time has passed, and also when the clock was put back by more than its length.
 */
const isOver = (startedAt: number, windowMs: number, now: number): boolean =>
  now >= startedAt + windowMs || now < startedAt - windowMs

const memberKey = (key: string, member: string): string => `${key}:${member}`

/**
 * Counts `amount` in every window: what is counted then, and how long until there is room for it, 0 where
 * there is.
 */
export const countInWindows = (
  limits: readonly LimitWindow[],
  amount: number,
  counted: readonly Counted[],
  now: number,
): { readonly windows: readonly Counted[]; readonly retryAfterMs: number } => {
  let retryAfterMs = 0
  const windows = limits.map(({ limit, windowMs }, n): Counted => {
    const [startedAt, count] = counted[n] ?? [now, 0]
    const [from, before] = isOver(startedAt, windowMs, now) ? [now, 0] : [startedAt, count]
    if (before + amount > limit) retryAfterMs = Math.max(retryAfterMs, from + windowMs - now)
    return [from, before + amount]
  })
  return { windows, retryAfterMs }
}

/** When the last of the windows is over. */
export const windowsEnd = (limits: readonly LimitWindow[], windows: readonly Counted[]): number =>
  Math.max(...windows.map(([from], n) => from + (limits[n]?.windowMs ?? 0)))

const countAmount = (charge: Extract<Charge, { kind: 'amount' }>, stored: Stored, now: number): Verdict => {
  const { windows, retryAfterMs } = countInWindows(charge.windows, charge.amount, stored(charge.key), now)
  if (retryAfterMs > 0) return { retryAfterMs }
  const expiresAt = windowsEnd(charge.windows, windows)
  return { next: new Map([[charge.key, { windows, expiresAt }]]) }
}

const countDistinct = (
  { key, member, window: { limit, windowMs } }: Extract<Charge, { kind: 'distinct' }>,
  stored: Stored,
  now: number,
): Verdict => {
  const [startedAt, count] = stored(key)[0] ?? [now, 0]
  const [from, before] = isOver(startedAt, windowMs, now) ? [now, 0] : [startedAt, count]
  const [seenAt] = stored(memberKey(key, member))[0] ?? [-Infinity]
  if (before > 0 && seenAt >= from) return { next: new Map() }
  if (before >= limit) return { retryAfterMs: from + windowMs - now }
  const expiresAt = from + windowMs
  return {
    next: new Map([
      [key, { windows: [[from, before + 1]], expiresAt }],
      [memberKey(key, member), { windows: [[now, 1]], expiresAt }],
    ]),
  }
}

/** Events and confirmations of one step of time; kept as two windows that began together. */
interface Bucket {
  readonly startedAt: number
  readonly events: number
  readonly confirmed: number
}

const readBuckets = (counted: readonly Counted[], now: number): Bucket[] =>
  counted
    .flatMap(([startedAt, events], n): Bucket[] =>
      n % 2 === 0 ? [{ startedAt, events, confirmed: counted[n + 1]?.[1] ?? 0 }] : [],
    )
    .filter(({ startedAt }) => !isOver(startedAt, CONVERSION_WINDOW_MS, now))

const writeBuckets = (buckets: readonly Bucket[], now: number) => ({
  windows: buckets.flatMap(({ startedAt, events, confirmed }): Counted[] => [
    [startedAt, events],
    [startedAt, confirmed],
  ]),
  expiresAt: now + CONVERSION_WINDOW_MS,
})

const addToLast = (buckets: readonly Bucket[], added: Omit<Bucket, 'startedAt'>, now: number): Bucket[] => {
  const last = buckets.at(-1)
  if (last === undefined || isOver(last.startedAt, BUCKET_MS, now))
    return [...buckets, { startedAt: now, ...added }]
  const sum = { events: last.events + added.events, confirmed: last.confirmed + added.confirmed }
  return [...buckets.slice(0, -1), { startedAt: last.startedAt, ...sum }]
}

/**
 * What of the last hour is judged: events that have had time to be confirmed, against all confirmations. A
 * rush of people who are typing their codes just now is no attack.
 */
export const conversionOf = (counted: readonly Counted[], now: number) => {
  const buckets = readBuckets(counted, now)
  const mature = buckets.filter(({ startedAt }) => now >= startedAt + MATURE_MS)
  return {
    events: mature.reduce((sum, bucket) => sum + bucket.events, 0),
    confirmed: buckets.reduce((sum, bucket) => sum + bucket.confirmed, 0),
    endsAt: (mature[0]?.startedAt ?? now) + CONVERSION_WINDOW_MS,
  }
}

const countConversion = (
  { key, minEvents, minPercent }: Extract<Charge, { kind: 'conversion' }>,
  stored: Stored,
  now: number,
): Verdict => {
  const counted = stored(key)
  const { events, confirmed, endsAt } = conversionOf(counted, now)
  if (events >= minEvents && confirmed * 100 < events * minPercent) return { retryAfterMs: endsAt - now }
  const buckets = addToLast(readBuckets(counted, now), { events: 1, confirmed: 0 }, now)
  return { next: new Map([[key, writeBuckets(buckets, now)]]) }
}

const judge = (charge: Charge, stored: Stored, now: number): Verdict => {
  if (charge.kind === 'amount') return countAmount(charge, stored, now)
  return charge.kind === 'distinct'
    ? countDistinct(charge, stored, now)
    : countConversion(charge, stored, now)
}

/** The keys that a charge is judged by, and writes. */
export const keysOf = (charge: Charge): string[] =>
  charge.kind === 'distinct' ? [charge.key, memberKey(charge.key, charge.member)] : [charge.key]

/** How an event ended: counted everywhere, or nowhere. */
export type ChargeOutcome =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly key: string; readonly retryAfterMs: number }

/**
 * Counts one event against all charges, or against none: `next` is empty when one has nothing left. Told is
 * the one that takes longest until it has, so that waiting it out works.
 */
export const judgeCharges = (
  charges: readonly Charge[],
  stored: Stored,
  now: number,
): { readonly outcome: ChargeOutcome; readonly next: Tally } => {
  const verdicts = charges.map((charge) => ({ key: charge.key, verdict: judge(charge, stored, now) }))
  const refusals = verdicts
    .flatMap(({ key, verdict }) => ('next' in verdict ? [] : [{ key, ...verdict }]))
    .sort((a, b) => b.retryAfterMs - a.retryAfterMs)
  const [longest] = refusals
  if (longest !== undefined) return { outcome: { allowed: false, ...longest }, next: new Map() }
  const next = new Map(verdicts.flatMap(({ verdict }) => ('next' in verdict ? [...verdict.next] : [])))
  return { outcome: { allowed: true }, next }
}

/** One confirmation more of an event that was charged to `key`. */
export const confirm = (counted: readonly Counted[], now: number) =>
  writeBuckets(addToLast(readBuckets(counted, now), { events: 0, confirmed: 1 }, now), now)
