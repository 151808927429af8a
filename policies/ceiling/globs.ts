import { covers, type Symbols } from '../engine/covers.ts'
import { ANY_ONE, ANY_RUN } from '../engine/match.ts'
import type { Budget } from './grant.ts'

type Symbol = Symbols[number]

/** How many steps one question may take before it is answered with "not covered". */
const MAX_STEPS = 5000

const isVariable = (symbol: Symbol | undefined): boolean => typeof symbol === 'string'

/** Whether a pattern matches exactly one text, which is known. */
export const isLiteral = (pattern: Symbols): boolean =>
  pattern.every((symbol) => typeof symbol === 'number' && symbol >= 0)

/** The pattern with ASCII letters in lower case. */
export const folded = (pattern: Symbols): Symbols =>
  pattern.map((symbol) => (typeof symbol === 'number' && symbol >= 65 && symbol <= 90 ? symbol + 32 : symbol))

const isLetter = (symbol: Symbol | undefined): boolean => typeof symbol === 'number' && symbol >= 0

/** Whether two patterns begin with letters that differ: most that have nothing in common do. */
const beginApart = (one: Symbols, other: Symbols): boolean => {
  let n = 0
  while (isLetter(one[n]) && one[n] === other[n]) n++
  return isLetter(one[n]) && isLetter(other[n])
}

/** Whether two patterns can match nothing in common; a variable may stand for any text. */
export const areDisjoint = (one: Symbols, other: Symbols, spend: Budget): boolean => {
  spend(1)
  if (beginApart(one, other)) return true
  spend(one.length * other.length)
  const isRun = (symbol: Symbol | undefined): boolean => symbol === ANY_RUN || isVariable(symbol)
  const width = other.length + 1
  const reached = new Uint8Array((one.length + 1) * width)
  reached[0] = 1
  for (let i = 0; i <= one.length; i++)
    for (let j = 0; j <= other.length; j++) {
      if (reached[i * width + j] === 0) continue
      const [a, b] = [one[i], other[j]]
      if (isRun(a)) reached[(i + 1) * width + j] = 1
      if (isRun(b)) reached[i * width + j + 1] = 1
      if (a === undefined || b === undefined) continue
      if (isRun(a) && !isRun(b)) reached[i * width + j + 1] = 1
      if (isRun(b) && !isRun(a)) reached[(i + 1) * width + j] = 1
      if (!isRun(a) && !isRun(b) && (a === b || a === ANY_ONE || b === ANY_ONE))
        reached[(i + 1) * width + j + 1] = 1
    }
  return reached[one.length * width + other.length] === 0
}

/** Where each of several patterns may stand after what was read; a position is pattern × 1024 + unit. */
type Places = readonly number[]
const STRIDE = 1024

const closed = (places: Iterable<number>, wide: readonly Symbols[]): Places => {
  const all = new Set(places)
  for (const place of all)
    if (wide[Math.floor(place / STRIDE)]?.[place % STRIDE] === ANY_RUN) all.add(place + 1)
  return [...all].sort((a, b) => a - b)
}

/**
 * A character that no pattern names: where it may stand, what is covered with it is covered with any other.
 */
const OTHER = 0x110000

const read = (places: Places, letter: Symbol, wide: readonly Symbols[]): Places => {
  const next: number[] = []
  for (const place of places) {
    const unit = wide[Math.floor(place / STRIDE)]?.[place % STRIDE]
    if (unit === ANY_RUN) next.push(place)
    else if (unit === letter || (unit === ANY_ONE && !isVariable(letter))) next.push(place + 1)
  }
  return closed(next, wide)
}

/**
 * Whether everything that the pattern can match is matched by one or another of the list: exact over
 * characters and wildcards, by both as automata at once. A variable is covered by itself or by a star.
 * Conservative beyond that, and when it would take too long: true is certain.
 */
export const isCovered = (narrow: Symbols, wide: readonly Symbols[], spend: Budget): boolean => {
  spend(1 + wide.length)
  if (wide.some((pattern) => covers(pattern, narrow))) return true
  if (isLiteral(narrow) || wide.length === 0) return false
  if (wide.some(({ length }) => length >= STRIDE)) return false
  const start = closed(
    wide.map((_pattern, n) => n * STRIDE),
    wide,
  )
  const open: [number, Places][] = [[0, start]]
  const seen = new Set<string>()
  for (let steps = 0; open.length > 0; steps++) {
    const [at, places] = open.pop() ?? [0, []]
    if (places.length === 0 || steps > MAX_STEPS) return false
    const key = `${at} ${places.join(' ')}`
    if (seen.has(key)) continue
    seen.add(key)
    spend(places.length)
    const unit = narrow[at]
    if (unit === undefined) {
      if (!places.some((place) => place % STRIDE === wide[Math.floor(place / STRIDE)]?.length)) return false
    } else if (unit === ANY_RUN || unit === ANY_ONE) {
      if (unit === ANY_RUN) open.push([at + 1, places])
      const then = unit === ANY_RUN ? at : at + 1
      open.push([then, read(places, OTHER, wide)])
    } else open.push([at + 1, read(places, unit, wide)])
  }
  return true
}
