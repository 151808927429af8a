// SPDX-License-Identifier: LGPL-3.0-or-later
import { ANY_RUN, globUnits, isWildcard, literalUnits, matchGlob, standsAt, type Glob } from './match.ts'
import { isOfAccount } from '../language.ts'
import { VARIABLE_KEY } from '../names.ts'
import { numberText } from './values.ts'

/** `${key}` or `${key, 'default'}`: the text of a context key. */
export interface Variable {
  readonly key: string
  readonly fallback: string | undefined
}

/** A run of characters, a piece with wildcards, or a variable. */
type Part = string | Glob | Variable

/** A pattern or text with variables: its parts in order. */
export type Template = readonly Part[]

/** What the policies of one layer see of a request. */
export interface View {
  /**
   * The text of a context key, or its texts when it is a set; an absent key and an empty set are undefined.
   */
  values(key: string): string | readonly string[] | undefined
}

const LITERALS = '*?$'
const VARIABLE = new RegExp(`^\\s*(${VARIABLE_KEY})\\s*(?:,\\s*'([^'{}]*)'\\s*)?$`)

/** Whether a part is a variable. */
export const isVariable = (part: Part): part is Variable => typeof part === 'object' && !Array.isArray(part)

const placeholder = (inside: string): string | Variable | undefined => {
  if (inside.length === 1 && LITERALS.includes(inside)) return inside
  const found = VARIABLE.exec(inside)
  return found === null ? undefined : { key: found[1] ?? '', fallback: found[2] }
}

/** The parts of a piece without variables: what stands before its first wildcard, and the rest. */
const plainParts = (text: string, wildcards: 'glob' | 'text'): Part[] => {
  const first = wildcards === 'text' ? -1 : text.search(/[*?]/)
  if (first === -1) return [text]
  const rest = globUnits(text.slice(first))
  return first === 0 ? [rest] : [text.slice(0, first), rest]
}

/** Neighbouring runs of characters are one. */
const append = (parts: Part[], part: Part): void => {
  const last = parts.at(-1)
  if (typeof last === 'string' && typeof part === 'string') parts[parts.length - 1] = last + part
  else parts.push(part)
}

/**
 * Reads a pattern (`glob`: `*` and `?` are wildcards) or a text in which they are characters. `${*}`, `${?}`
 * and `${$}` are those characters themselves. Undefined if a `${` is not closed or holds neither a key nor a
 * literal.
 */
export const parseTemplate = (text: string, wildcards: 'glob' | 'text'): Template | undefined => {
  const parts: Part[] = []
  const plain = (piece: string): void => {
    if (piece !== '') for (const part of plainParts(piece, wildcards)) append(parts, part)
  }
  let from = 0
  for (let at = text.indexOf('${'); at !== -1; at = text.indexOf('${', from)) {
    const end = text.indexOf('}', at)
    const part = end === -1 ? undefined : placeholder(text.slice(at + 2, end))
    if (part === undefined) return undefined
    plain(text.slice(from, at))
    append(parts, part)
    from = end + 1
  }
  plain(text.slice(from))
  return parts
}

/** How many wildcards a template has; those in texts of variables and literal ones are none. */
export const countWildcards = (template: Template): number =>
  template.reduce(
    (count, part) =>
      typeof part === 'string' || isVariable(part) ? count : count + part.filter(isWildcard).length,
    0,
  )

/** The variables of a template, in order. */
export const variablesOf = (template: Template): Variable[] => template.filter(isVariable)

/** The text of a variable; undefined if it has neither a single value nor a default. */
export const textOf = ({ key, fallback }: Variable, view: View): string | undefined => {
  const value = view.values(key)
  return typeof value === 'string' ? value : value === undefined ? fallback : undefined
}

/** The rest of a pattern, from the part at `from` on, as one; undefined if a variable has no text. */
const globFrom = (template: Template, from: number, view: View): Glob | undefined => {
  if (from === template.length - 1) return template[from] as Glob
  const units: number[] = []
  for (let i = from; i < template.length; i++) {
    const part = template[i] as Part
    const piece = isVariable(part) ? textOf(part, view) : part
    if (piece === undefined) return undefined
    for (const unit of typeof piece === 'string' ? literalUnits(piece) : piece) units.push(unit)
  }
  return units
}

/**
 * Whether the pattern, with every variable replaced by its text, matches the whole value. No text of a
 * variable is a wildcard. A pattern with a variable that has neither a value nor a default matches nothing.
 */
export const matchTemplate = (template: Template, value: string, view: View): boolean => {
  let at = 0
  for (let i = 0; i < template.length; i++) {
    const part = template[i] as Part
    if (typeof part !== 'string' && !isVariable(part)) {
      if (i === template.length - 1 && part.length === 1 && part[0] === ANY_RUN) return true
      const rest = globFrom(template, i, view)
      return rest !== undefined && matchGlob(rest, value, at)
    }
    const text = typeof part === 'string' ? part : textOf(part, view)
    if (text === undefined) return false
    const last = text.length - 1
    // Most texts that do not stand there end in another character.
    if (last >= 0 && value.charCodeAt(at + last) !== text.charCodeAt(last)) return false
    if (!standsAt(value, text, at)) return false
    at += text.length
  }
  return at === value.length
}

/** The text of a template without wildcards; undefined if a variable has none. */
export const resolveText = (template: Template, view: View): string | undefined => {
  let text = ''
  for (const part of template) {
    const piece = typeof part === 'string' ? part : isVariable(part) ? textOf(part, view) : undefined
    if (piece === undefined) return undefined
    text += piece
  }
  return text
}

/** What is known of accounts when no request is there yet: `principal.*` and `caller.*`. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>

/**
 * The template with the variables of accounts replaced by what is known of them, or by their defaults; those
 * of services stay. Undefined if one has neither: then nothing matches.
 */
export const withFacts = (template: Template, facts: Facts): Template | undefined => {
  const parts: Part[] = []
  const view: View = {
    values: (key) => {
      const fact = Object.hasOwn(facts, key) ? facts[key] : undefined
      if (typeof fact === 'number') return numberText(fact)
      return fact === undefined || typeof fact === 'object' ? fact : String(fact)
    },
  }
  for (const part of template) {
    const piece = isVariable(part) && isOfAccount(part.key) ? textOf(part, view) : part
    if (piece === undefined) return undefined
    append(parts, piece)
  }
  return parts
}

/** What every match of the pattern begins with, and whether that is the whole pattern. */
export const literalPrefix = (template: Template): { prefix: string; isWhole: boolean } => {
  const [first] = template
  if (first === undefined) return { prefix: '', isWhole: true }
  return typeof first === 'string'
    ? { prefix: first, isWhole: template.length === 1 }
    : { prefix: '', isWhole: false }
}
