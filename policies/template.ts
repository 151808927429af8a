import { globUnits, isWildcard, literalUnits, type Glob } from './match.ts'

/** `${key}` or `${key, 'default'}`: the text of a context key. */
export interface Variable {
  readonly key: string
  readonly fallback: string | undefined
}

/** A pattern or text with variables: `parts` in order; `constant` when there are none. */
export interface Template {
  readonly parts: readonly (Glob | Variable)[]
  readonly constant: Glob | undefined
}

/** Finds the text of a context key; undefined when the key is absent or has several values. */
export type Lookup = (key: string) => string | undefined

const LITERALS = '*?$'
const VARIABLE = /^\s*([A-Za-z][A-Za-z0-9_.:-]*)\s*(?:,\s*'([^'{}]*)'\s*)?$/

const isVariable = (part: Glob | Variable): part is Variable => 'key' in part

const placeholder = (inside: string): Glob | Variable | undefined => {
  if (inside.length === 1 && LITERALS.includes(inside)) return literalUnits(inside)
  const found = VARIABLE.exec(inside)
  return found === null ? undefined : { key: found[1] ?? '', fallback: found[2] }
}

/**
 * Reads a pattern (`glob`: `*` and `?` are wildcards) or a text in which they are characters. `${*}`, `${?}` and `${$}` are those characters
 * themselves. Undefined if a `${` is not closed or holds neither a key nor a literal.
 */
export const parseTemplate = (text: string, wildcards: 'glob' | 'text'): Template | undefined => {
  const plain = wildcards === 'glob' ? globUnits : literalUnits
  const parts: (Glob | Variable)[] = []
  let from = 0
  for (let at = text.indexOf('${'); at !== -1; at = text.indexOf('${', from)) {
    const end = text.indexOf('}', at)
    const part = end === -1 ? undefined : placeholder(text.slice(at + 2, end))
    if (part === undefined) return undefined
    if (at > from) parts.push(plain(text.slice(from, at)))
    parts.push(part)
    from = end + 1
  }
  if (from < text.length) parts.push(plain(text.slice(from)))
  const constant = parts.some(isVariable) ? undefined : (parts as Glob[]).flat()
  return { parts, constant }
}

/** The variables of a template, in order. */
export const variablesOf = ({ parts }: Template): Variable[] => parts.filter(isVariable)

/**
 * The pattern with every variable replaced by its text, none of which is a wildcard. Undefined if a variable has neither a value nor a default:
 * such a pattern matches nothing.
 */
export const resolveTemplate = (template: Template, lookup: Lookup): Glob | undefined => {
  if (template.constant !== undefined) return template.constant
  const units: number[] = []
  for (const part of template.parts) {
    if (!isVariable(part)) {
      for (const unit of part) units.push(unit)
      continue
    }
    const text = lookup(part.key) ?? part.fallback
    if (text === undefined) return undefined
    for (let i = 0; i < text.length; i++) units.push(text.charCodeAt(i))
  }
  return units
}

/** The same for a template without wildcards, as text. */
export const resolveText = (template: Template, lookup: Lookup): string | undefined => {
  const units = resolveTemplate(template, lookup)
  return units === undefined ? undefined : String.fromCharCode(...units)
}

/** What every match of the pattern begins with, and whether that is the whole pattern. */
export const literalPrefix = ({ parts, constant }: Template): { prefix: string; isWhole: boolean } => {
  const first = constant ?? parts[0]
  if (first === undefined || isVariable(first)) return { prefix: '', isWhole: first === undefined }
  const end = first.findIndex(isWildcard)
  const prefix = String.fromCharCode(...(end === -1 ? first : first.slice(0, end)))
  return { prefix, isWhole: end === -1 && constant !== undefined }
}
