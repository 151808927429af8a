/** Numbers of chance that are the same for the same seed. */
export interface Chance {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number
  /** Whether something happens that happens once in so many times. */
  once(inSoMany: number): boolean
  pick<T>(items: readonly T[]): T
}

/** Mulberry32: small, fast, and good enough to choose by. */
export const createChance = (seed: number): Chance => {
  let state = seed >>> 0
  const below = (bound: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
  return {
    below,
    once: (inSoMany) => below(inSoMany) === 0,
    pick: (items) => {
      if (items.length === 0) throw new Error('nothing to pick from')
      return items[below(items.length)] as (typeof items)[number]
    },
  }
}
