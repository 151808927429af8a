import { ANY_ONE, ANY_RUN } from './match.ts'
import type { Template } from './template.ts'

/**
 * A pattern as units: characters, wildcards, and variables by their text, which only a star or the same
 * variable covers.
 */
export type Symbols = readonly (number | string)[]

/** How many comparisons may still be made; when none is left, nothing is seen to be covered any more. */
export interface Work {
  left: number
}

/** The units of a pattern with variables. */
export const symbolsOf = (template: Template): Symbols =>
  template.flatMap((part): (number | string)[] => {
    if (typeof part === 'string')
      return Array.from({ length: part.length }, (_value, i) => part.charCodeAt(i))
    return 'key' in part ? [`\${${part.key}, '${part.fallback ?? ''}'}`] : [...part]
  })

const isOneCharacter = (unit: number | string | undefined): boolean =>
  typeof unit === 'number' && unit !== ANY_RUN

/**
 * Whether everything that the second pattern can match is matched by the first. Conservative: true is
 * certain; where variables or several wildcards meet, it may answer false for what is covered.
 */
export const covers = (wide: Symbols, narrow: Symbols, work: Work = { left: Infinity }): boolean => {
  let [w, n, star, resume] = [0, 0, -1, 0]
  while (n < narrow.length) {
    if (--work.left < 0) return false
    const unit = wide[w]
    if (unit === ANY_RUN) {
      star = w++
      resume = n
    } else if (unit === narrow[n] || (unit === ANY_ONE && isOneCharacter(narrow[n]))) {
      w++
      n++
    } else if (star >= 0) {
      w = star + 1
      n = ++resume
    } else {
      return false
    }
  }
  while (wide[w] === ANY_RUN) w++
  return w === wide.length
}

/**
 * Patterns of one list by their literal beginnings: what covers a pattern begins as it does, up to its own
 * first wildcard.
 */
interface Branch {
  readonly next: Map<number | string, Branch>
  /** The patterns, by number, whose literal beginning ends here. */
  readonly ending: number[]
}

/** A list of patterns in which those that cover another are found without asking each. */
export class PatternList {
  readonly patterns: readonly Symbols[]
  readonly #root: Branch = { next: new Map(), ending: [] }

  constructor(patterns: readonly Symbols[]) {
    this.patterns = patterns
    for (const [number, pattern] of patterns.entries()) {
      let branch = this.#root
      for (const unit of pattern) {
        if (unit === ANY_RUN || unit === ANY_ONE) break
        let next = branch.next.get(unit)
        if (next === undefined) branch.next.set(unit, (next = { next: new Map(), ending: [] }))
        branch = next
      }
      branch.ending.push(number)
    }
  }

  /** The numbers of the patterns that cover the given one. */
  *coverersOf(narrow: Symbols, work: Work): Generator<number> {
    let branch: Branch | undefined = this.#root
    for (let n = 0; branch !== undefined && work.left > 0; n++) {
      work.left -= 1
      for (const number of branch.ending) if (covers(this.patterns[number] ?? [], narrow, work)) yield number
      branch = branch.next.get(narrow[n] ?? '')
    }
  }

  /** Whether each of these patterns is covered by one of the list. */
  coversAll(narrow: readonly Symbols[], work: Work): boolean {
    return narrow.every((pattern) => this.coverersOf(pattern, work).next().done === false)
  }
}
