import { ANY_ONE, ANY_RUN } from './match.ts'
import type { Template } from './template.ts'

/** A pattern as units: characters, wildcards, and variables by their text, which only a star or the same variable covers. */
export type Symbols = readonly (number | string)[]

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
 * Whether everything that the second pattern can match is matched by the first. Conservative: what it says is so; where variables or several
 * wildcards meet, it may not see that it is.
 */
export const covers = (wide: Symbols, narrow: Symbols): boolean => {
  let [w, n, star, resume] = [0, 0, -1, 0]
  while (n < narrow.length) {
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
