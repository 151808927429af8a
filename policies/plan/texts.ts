import { ANY_ONE, ANY_RUN, type Glob } from '../engine/match.ts'
import type { Steps } from '../steps.ts'

/** Stands for any character that no pattern names; paths may have it and names rarely do. */
export const ANYTHING = '~'
const SLASH = 47
const DOT = 46

/** At most so many positions are visited: patterns of a policy need some hundreds. */
const MAX_STATES = 4000

/** Where reading a text may stand in a pattern. */
type Places = readonly number[]

/**
 * The places with those behind a star. What a star in front of the others can still match, the last star can
 * match too: those before it are left out.
 */
const closed = (glob: Glob, places: Iterable<number>): Places => {
  const all = new Set<number>()
  for (let place of places) {
    all.add(place)
    while (glob[place] === ANY_RUN) all.add(++place)
  }
  const star = Math.max(-1, ...[...all].filter((place) => glob[place] === ANY_RUN))
  return [...all].filter((place) => place >= star).sort((a, b) => a - b)
}

const after = (glob: Glob, places: Places, unit: number): Places => {
  const next: number[] = []
  for (const place of places) {
    const wanted = glob[place]
    if (wanted === ANY_RUN) next.push(place)
    else if (wanted === ANY_ONE || wanted === unit) next.push(place + 1)
  }
  return next.length === 0 ? next : closed(glob, next)
}

/** Beyond this many units behind its literal beginning, places do not fit into one number. */
const MAX_BITS = 30

/** Answers where a pattern stands after a beginning: two beginnings with the same are alike to it. */
export type Standing = (beginning: string) => string

const slowStanding =
  (glob: Glob): Standing =>
  (beginning) => {
    let places = closed(glob, [0])
    for (let i = 0; i < beginning.length && places.length > 0; i++)
      places = after(glob, places, beginning.charCodeAt(i))
    return places.join(',')
  }

/** See {@link Standing}. Places are the bits of a number where they fit: this is asked for every account. */
export const standingOf = (glob: Glob): Standing => {
  const end = glob.findIndex((unit) => unit < 0)
  const literal = String.fromCharCode(...glob.slice(0, end === -1 ? glob.length : end))
  const rest = glob.slice(literal.length)
  if (rest.length > MAX_BITS) return slowStanding(glob)
  const bitsOf = (wanted: number): number =>
    rest.reduce((bits, unit, place) => (unit === wanted ? bits | (1 << place) : bits), 0)
  const [stars, ones] = [bitsOf(ANY_RUN), bitsOf(ANY_ONE)]
  const units = new Map([...new Set(rest)].map((unit) => [unit, bitsOf(unit)]))
  return (beginning) => {
    if (beginning.length < literal.length) return literal.startsWith(beginning) ? `<${beginning.length}` : ''
    if (!beginning.startsWith(literal)) return ''
    let places = 1 | ((1 & stars) << 1)
    for (let i = literal.length; i < beginning.length && places !== 0; i++) {
      places = (places & stars) | ((places & (ones | (units.get(beginning.charCodeAt(i)) ?? 0))) << 1)
      places |= (places & stars) << 1
    }
    return places === 0 ? '' : String(places)
  }
}

/**
 * Reads texts in one pattern. Each set of places where it may stand has a number, which is 0 before the first
 * character; whatever was found out once is looked up.
 */
export class Reader {
  readonly #glob: Glob
  readonly #standing: Places[] = []
  readonly #numbers = new Map<string, number>()
  /** By the number of where it stands and the character that comes. */
  readonly #next: Map<number, number>[] = []
  readonly #wanted: (readonly number[])[] = []

  constructor(glob: Glob) {
    this.#glob = glob
    this.#numberOf(closed(glob, [0]))
  }

  #numberOf(places: Places): number {
    const key = String(places)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#standing.push(places) - 1
    this.#numbers.set(key, number)
    this.#next.push(new Map())
    this.#wanted.push(places.flatMap((place) => this.#glob[place] ?? []).filter((unit) => unit >= 0))
    return number
  }

  /** Where it stands after one more character. */
  after(at: number, unit: number): number {
    const known = this.#next[at]?.get(unit)
    if (known !== undefined) return known
    const next = this.#numberOf(after(this.#glob, this.#standing[at] ?? [], unit))
    this.#next[at]?.set(unit, next)
    return next
  }

  /** The characters that it waits for. */
  wanted(at: number): readonly number[] {
    return this.#wanted[at] ?? []
  }

  /** Whether it has read a text that matches. */
  matches(at: number): boolean {
    return this.#standing[at]?.includes(this.#glob.length) === true
  }
}

/** A text so far: where it stands in every pattern, and in the segment of a path. */
interface State {
  readonly text: string
  /** The number of each reader, as a character: texts are compared faster than lists. */
  readonly places: string
  /** The present segment: nothing, `.`, `..`, or what may end there. */
  readonly segment: 0 | 1 | 2 | 3
}

/** What paths are made of. */
const OF_PATHS = /[A-Za-z0-9._~@:+=,/-]/
/** No resource is longer. */
const MAX_LENGTH = 512

const segmentAfter = ({ segment }: State, unit: number): State['segment'] | undefined => {
  if (unit === SLASH) return segment === 3 ? 0 : undefined
  if (unit !== DOT) return 3
  return segment === 0 ? 1 : segment === 1 ? 2 : 3
}

/** The characters that tell the patterns apart here, and one that none of them names. */
const nextUnits = ({ places }: State, readers: readonly Reader[]): Set<number> => {
  const units = new Set<number>([ANYTHING.charCodeAt(0)])
  for (const [i, reader] of readers.entries())
    for (const unit of reader.wanted(places.charCodeAt(i))) units.add(unit)
  return units
}

const keyOf = ({ places, segment }: State): string => `${segment}${places}`

const step = (state: State, unit: number, { readers, isPath }: Telling): State | undefined => {
  const character = String.fromCharCode(unit)
  if (isPath && (!OF_PATHS.test(character) || state.text.length >= MAX_LENGTH)) return undefined
  const segment = isPath ? segmentAfter(state, unit) : 3
  if (segment === undefined) return undefined
  let places = ''
  for (const [i, reader] of readers.entries())
    places += String.fromCharCode(reader.after(state.places.charCodeAt(i), unit))
  return { text: state.text + character, places, segment }
}

/** What texts are wanted. */
export interface Telling {
  readonly readers: readonly Reader[]
  /** What each text begins with, such as `order/`; one of them. */
  readonly beginnings: readonly string[]
  /** Whether the texts are canonical paths: no segment is empty, `.` or `..`. */
  readonly isPath: boolean
  readonly most: number
}

/**
 * Texts that tell patterns apart: for every combination of patterns that one text can match together, the
 * shortest such text. Complete up to `most` texts and some thousand states; never empty texts. It stops after
 * each state, so that others may be served.
 */
export function* tellingTexts(telling: Telling): Steps<string[]> {
  const { readers, beginnings, most } = telling
  const start: State = { text: '', places: '\0'.repeat(readers.length), segment: 0 }
  const queue = beginnings.flatMap((beginning) => {
    let state: State | undefined = start
    for (let i = 0; i < beginning.length && state !== undefined; i++)
      state = step(state, beginning.charCodeAt(i), telling)
    return state ?? []
  })
  const seen = new Set(queue.map(keyOf))
  const found = new Map<string, string>()
  for (let at = 0; at < queue.length && found.size < most; at++) {
    yield
    const state = queue[at] as State
    if (state.segment === 3) {
      const matched = readers
        .map((reader, i) => (reader.matches(state.places.charCodeAt(i)) ? 1 : 0))
        .join('')
      const kind = `${beginnings.find((each) => state.text.startsWith(each)) ?? ''} ${matched}`
      if (!found.has(kind)) found.set(kind, state.text)
    }
    for (const unit of nextUnits(state, readers)) {
      const next = step(state, unit, telling)
      if (next === undefined || seen.size >= MAX_STATES) continue
      const key = keyOf(next)
      if (seen.has(key)) continue
      seen.add(key)
      queue.push(next)
    }
  }
  return [...found.values()]
}
