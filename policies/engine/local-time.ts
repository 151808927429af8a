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

/** Offsets change seldom: an hour at whose ends they are the same has one. */
const createOffsets = (zone: string): OffsetAt => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  const ask: OffsetAt = (instant) => {
    const name = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = '0', minutes = '0', seconds = '0'] =
      /([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name) ?? []
    const offset = Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * 1000
    return sign === '-' ? -offset : offset
  }
  let hour = NaN
  let offset: number | undefined
  return (instant) => {
    const own = Math.floor(instant / HOUR)
    if (own !== hour) {
      const [first, last] = [ask(own * HOUR), ask((own + 1) * HOUR - 1)]
      hour = own
      offset = first === last ? first : undefined
    }
    return offset ?? ask(instant)
  }
}

const zones = new Map<string, OffsetAt | undefined>()
/** There are about six hundred; nobody fills the memory with others. */
const MOST_ZONES = 1024

/** The offsets of a zone of the IANA database; undefined: there is none of this name. */
const offsetsOf = (zone: string): OffsetAt | undefined => {
  if (zones.has(zone)) return zones.get(zone)
  if (zones.size >= MOST_ZONES) zones.clear()
  let offsets: OffsetAt | undefined
  try {
    offsets = createOffsets(zone)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  zones.set(zone, offsets)
  return offsets
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

/**
 * Instants from one on that tell such values apart: on each day of a week, at the edges of all of them and a
 * minute before.
 */
export const tellingInstants = (values: readonly LocalTime[], from: number): number[] => {
  const edges = [...new Set(values.flatMap((value) => value.edges))]
  const offsets = [...new Set(values.map(({ offsetAt }) => offsetAt))]
  return offsets.flatMap((offsetAt) =>
    Array.from({ length: 8 }, (_none, day) => (Math.floor((from + offsetAt(from)) / DAY) + day) * DAY)
      .flatMap((midnight) =>
        edges.flatMap((minute) => [minute, minute - 1]).map((at) => midnight + at * MINUTE),
      )
      .map((local) => local - offsetAt(local - offsetAt(local)))
      .filter((instant) => instant >= from),
  )
}
