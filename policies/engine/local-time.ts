// SPDX-License-Identifier: LGPL-3.0-or-later
const ZONE = '[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*'
const CLOCK = '(?:[01]\\d|2[0-3]):[0-5]\\d|24:00'
const TIME = new RegExp(`^(${CLOCK})-(${CLOCK}) (${ZONE})$`)
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const WEEKDAY = new RegExp(`^(${DAYS.join('|')})(?:-(${DAYS.join('|')}))? (${ZONE})$`)

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const DAY_MINUTES = 1440
/** The first of January 1970 was a Thursday. */
const FIRST_DAY = 4

const modulo = (value: number, by: number): number => ((value % by) + by) % by

/** Tells how far local time is ahead of UTC at an instant, both in milliseconds. */
type OffsetAt = (instant: number) => number

/** For how many days the offset of a zone is remembered. */
const MOST_DAYS = 256

/** Offsets change seldom: a day at whose ends they are the same has one. */
const createOffsets = (zone: string): OffsetAt => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  const ask: OffsetAt = (instant) => {
    const name = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = '0', minutes = '0', seconds = '0'] =
      /([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name) ?? []
    const offset = Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * 1000
    return sign === '-' ? -offset : offset
  }
  const days = new Map<number, number | undefined>()
  const offsetOn = (day: number): number | undefined => {
    const known = days.get(day)
    if (known !== undefined || days.has(day)) return known
    if (days.size >= MOST_DAYS) days.clear()
    const first = ask(day * DAY)
    const offset = first === ask((day + 1) * DAY - 1) ? first : undefined
    days.set(day, offset)
    return offset
  }
  return (instant) => offsetOn(Math.floor(instant / DAY)) ?? ask(instant)
}

/** The zones that were asked for, of about six hundred; what is no zone is not kept. */
const zones = new Map<string, OffsetAt>()

/**
 * The offsets of a zone of the IANA database, one for all policies whatever the case of its name; undefined:
 * there is none of this name.
 */
const offsetsOf = (zone: string): OffsetAt | undefined => {
  const name = zone.toLowerCase()
  const known = zones.get(name)
  if (known !== undefined) return known
  try {
    const offsets = createOffsets(zone)
    zones.set(name, offsets)
    return offsets
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return undefined
  }
}

/** Some times of the day, or some days of the week, in a zone. */
export interface LocalTime {
  /** Whether an instant, in milliseconds since 1970, is one of them. */
  readonly contains: (instant: number) => boolean
  /** Minutes of the day at which it begins and ends to be. */
  readonly edges: readonly number[]
  readonly offsetAt: OffsetAt
}

const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))

/**
 * From the first to the last of a cycle, the last included or not; around its end if the last comes first.
 */
const isAround = (value: number, [from, to]: readonly [number, number]): boolean =>
  from < to ? from <= value && value < to : value >= from || value < to

/**
 * Times of the day: `08:00-18:00 Asia/Kolkata`, the second not included; over midnight if it is the earlier
 * one. Undefined if it is none, or nothing.
 */
export const parseTimeOfDay = (text: string): LocalTime | undefined => {
  const [, from = '', to = '', zone = ''] = TIME.exec(text) ?? []
  const offsetAt = offsetsOf(zone)
  const edges = [minuteOf(from), minuteOf(to)] as const
  if (offsetAt === undefined || edges[0] === edges[1] || from === '24:00') return undefined
  return {
    contains: (instant) => isAround(Math.floor(modulo(instant + offsetAt(instant), DAY) / MINUTE), edges),
    edges: edges.map((minute) => minute % DAY_MINUTES),
    offsetAt,
  }
}

/**
 * Days of the week: `Mon-Fri Asia/Kolkata`, both included, or `Sat Europe/Berlin`. Undefined if it is none.
 */
export const parseWeekdays = (text: string): LocalTime | undefined => {
  const [, first = '', last = first, zone = ''] = WEEKDAY.exec(text) ?? []
  const offsetAt = offsetsOf(zone)
  if (offsetAt === undefined) return undefined
  const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)]
  return {
    contains: (instant) => {
      const day = modulo(Math.floor((instant + offsetAt(instant)) / DAY) + FIRST_DAY, DAYS.length)
      return from <= to ? from <= day && day <= to : day >= from || day <= to
    },
    edges: [0],
    offsetAt,
  }
}

/** The parser of the values of each operator that looks at the local time of an instant. */
export const LOCAL_TIMES = { time: parseTimeOfDay, weekday: parseWeekdays } as const

/** So many edges are told apart; of more, some from everywhere. */
const MOST_EDGES = 128

/** The edges of values, each in its zone, once. */
const edgesOf = (values: readonly LocalTime[]): { offsetAt: OffsetAt; minute: number }[] => {
  const byZone = new Map<OffsetAt, Set<number>>()
  for (const { offsetAt, edges } of values) {
    const minutes = byZone.get(offsetAt) ?? new Set()
    for (const minute of edges) minutes.add(minute)
    byZone.set(offsetAt, minutes)
  }
  const all = [...byZone].flatMap(([offsetAt, minutes]) =>
    [...minutes].map((minute) => ({ offsetAt, minute })),
  )
  const stride = Math.ceil(all.length / MOST_EDGES)
  return all.filter((_edge, n) => n % stride === 0)
}

/**
 * Instants from one on that tell such values apart: on each day of a week, at the edges of all of them and a
 * minute before. Very many values are told apart as far as can be asked about.
 */
export const tellingInstants = (values: readonly LocalTime[], from: number): number[] =>
  edgesOf(values).flatMap(({ offsetAt, minute }) => {
    const today = Math.floor((from + offsetAt(from)) / DAY)
    return Array.from({ length: 8 }, (_none, day) => (today + day) * DAY)
      .flatMap((midnight) => [minute, minute - 1].map((at) => midnight + at * MINUTE))
      .map((local) => local - offsetAt(local - offsetAt(local)))
      .filter((instant) => instant >= from)
  })
