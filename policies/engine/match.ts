// SPDX-License-Identifier: LGPL-3.0-or-later
const STAR = 42
const QUESTION = 63

/** In a pattern, a unit below zero is a wildcard: any run of characters, or exactly one. */
export const ANY_RUN = -1
/** Exactly one character; see {@link ANY_RUN}. */
export const ANY_ONE = -2

/**
 * A pattern in matching form: code units with `*` and `?` as negative numbers, so that a literal star, such
 * as one that came from a variable, is not a wildcard.
 */
export type Glob = readonly number[]

/** The code units of a text, none of them a wildcard. */
export const literalUnits = (text: string): number[] => {
  const units: number[] = []
  for (let i = 0; i < text.length; i++) units.push(text.charCodeAt(i))
  return units
}

/**
 * Whether a part stands in a text at a position: what `startsWith` says, which takes two to four times as
 * long. What is looked for backwards from the beginning is compared there and nowhere else.
 */
export const standsAt = (text: string, part: string, at = 0): boolean =>
  at === 0 ? text.lastIndexOf(part, 0) === 0 : text.slice(at, at + part.length) === part

/** The units of a text in which `*` and `?` are wildcards; runs of stars are one. */
export const globUnits = (text: string): number[] => {
  const units: number[] = []
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === QUESTION) units.push(ANY_ONE)
    else if (unit !== STAR) units.push(unit)
    else if (units.at(-1) !== ANY_RUN) units.push(ANY_RUN)
  }
  return units
}

/** Whether a unit of a pattern is a wildcard, not a character. */
export const isWildcard = (unit: number): boolean => unit < 0

/**
 * Whether the pattern matches the whole value, or all of it from a position on. `*` is any run of code units,
 * `/` and nothing included; `?` exactly one. Two pointers and the position after the last star: at most
 * pattern × value steps, without recursion or regular expressions.
 */
export const matchGlob = (glob: Glob, value: string, from = 0): boolean => {
  const last = glob.length === 0 ? ANY_RUN : (glob[glob.length - 1] as number)
  // Most patterns that do not match end in another character.
  if (last >= 0 && value.charCodeAt(value.length - 1) !== last) return false
  let g = 0
  let v = from
  let star = -1
  let resume = 0
  while (v < value.length) {
    const unit = glob[g]
    if (unit === ANY_RUN) {
      star = g++
      resume = v
    } else if (unit === ANY_ONE || unit === value.charCodeAt(v)) {
      g++
      v++
    } else if (star >= 0) {
      g = star + 1
      v = ++resume
    } else {
      return false
    }
  }
  while (glob[g] === ANY_RUN) g++
  return g === glob.length
}
