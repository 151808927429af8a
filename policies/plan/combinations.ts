import type { Context, ContextValue } from '../engine/decide.ts'
import type { Steps } from '../steps.ts'
import type { Worth } from './worth.ts'

/** At most this many requests are made for one action of one account. */
const MAX_REQUESTS = 1024

/** A condition of a statement, as far as requests are concerned. */
export interface Bearing {
  /** The statement, by its place among all; the same for all of its conditions. */
  readonly statement: number
  /** What of a request it looks at. */
  readonly keys: readonly string[]
  readonly holds: (said: Context) => boolean
}

/** The values of each key that are worth a question; undefined: the request does not say it. */
export type Options = ReadonlyMap<string, readonly (ContextValue | undefined)[]>

/** What a request says, and the statements that do not hold with it, as bits. */
export interface Circumstance {
  readonly said: Context
  readonly failing: bigint
}

/** What a request says by some of its keys. */
interface Part extends Circumstance {
  readonly size: number
}

/** A value of a key with the statements that fail by it alone. */
interface Choice {
  readonly value: ContextValue | undefined
  readonly failing: bigint
}

/** Which statements fail by one of these conditions, as bits. */
const failingOf = (bearings: readonly Bearing[], said: Context): bigint => {
  let failing = 0n
  for (const { statement, holds } of bearings) {
    const bit = 1n << BigInt(statement)
    if ((failing & bit) === 0n && !holds(said)) failing |= bit
  }
  return failing
}

/** The statements that look at a key by one of these conditions, as bits. */
const statementsOn = (key: string, bearings: readonly Bearing[]): bigint =>
  bearings.reduce(
    (bits, { statement, keys }) => (keys.includes(key) ? bits | (1n << BigInt(statement)) : bits),
    0n,
  )

const withValue = (said: Context, key: string, value: ContextValue | undefined): Context =>
  value === undefined ? said : { ...said, [key]: value }

/**
 * The values of a key, each with what it says by itself; `isTold`: what is looked at later tells each of them
 * apart.
 */
function* choicesOf(
  key: string,
  values: readonly (ContextValue | undefined)[],
  { alone, isTold }: { alone: readonly Bearing[]; isTold: boolean },
): Steps<Choice[]> {
  const choices: Choice[] = []
  const kinds = new Set<bigint>()
  for (const value of values) {
    yield
    const failing = failingOf(alone, withValue({}, key, value))
    if (!isTold && kinds.has(failing)) continue
    kinds.add(failing)
    choices.push({ value, failing })
  }
  return choices
}

/** The simplest, as many as there is room for in one half, and others from everywhere. */
const bounded = (all: readonly Part[]): readonly Part[] => {
  const sorted = all.toSorted((one, other) => one.size - other.size)
  if (sorted.length <= MAX_REQUESTS) return sorted
  const half = MAX_REQUESTS / 2
  const stride = (sorted.length - half) / half
  return sorted.filter((_one, n) => n < half || Math.floor((n - half) % stride) === 0)
}

/**
 * Requests by which every set of statements that can fail together does, for each value of a key by which one
 * of the others names resources, up to a bound; the simplest come first. `naming` has the statements of each
 * such key, as bits. What is not worth a question is left out. It goes from key to key and keeps one of the
 * parts that are alike to all conditions, so that not every combination is tried. It stops between values, so
 * that others may be served.
 */
export function* combinationsOf(
  options: Options,
  {
    bearings,
    naming,
    isWorth,
  }: { bearings: readonly Bearing[]; naming: ReadonlyMap<string, bigint>; isWorth: Worth },
): Steps<readonly Circumstance[]> {
  const order = [...options.keys()]
  const lastOf = ({ keys }: Bearing): number => Math.max(-1, ...keys.map((key) => order.indexOf(key)))
  const byLast = Map.groupBy(bearings, lastOf)
  const always = failingOf(byLast.get(-1) ?? [], {})
  let parts: readonly Part[] = isWorth(always) ? [{ said: {}, size: 0, failing: always }] : []
  for (const [at, [key, values]] of [...options].entries()) {
    const settled = byLast.get(at) ?? []
    const [alone, together] = [
      settled.filter(({ keys }) => keys.every((each) => each === key)),
      settled.filter(({ keys }) => keys.some((each) => each !== key)),
    ]
    const later = bearings.filter((each) => lastOf(each) > at)
    const open = order
      .slice(0, at + 1)
      .map((each) => ({ key: each, lookedAtBy: (naming.get(each) ?? 0n) | statementsOn(each, later) }))
      .filter(({ lookedAtBy }) => lookedAtBy !== 0n)
    const isTold = together.length > 0 || open.some((each) => each.key === key)
    const choices = yield* choicesOf(key, values, { alone, isTold })
    const alike = new Map<string, Part>()
    for (const part of parts)
      for (const choice of choices) {
        yield
        const said = withValue(part.said, key, choice.value)
        const size = part.size + (choice.value === undefined ? 0 : 1)
        const failing = part.failing | choice.failing | failingOf(together, said)
        if (!isWorth(failing)) continue
        const told = open.map(
          ({ key: each, lookedAtBy }) => (lookedAtBy & ~failing) !== 0n && (said[each] ?? null),
        )
        const kind = `${failing} ${JSON.stringify(told)}`
        const known = alike.get(kind)
        if (known === undefined || size < known.size) alike.set(kind, { said, size, failing })
      }
    parts = bounded([...alike.values()])
  }
  return parts
}
