import type { Report } from './diagnostics.ts'
import type { JsonNode, Member } from './json.ts'
import { BOUNDS } from '../language.ts'

/** A text of a document and where it stands. */
export interface Located {
  readonly text: string
  readonly at: number
}

/** The elements of an object by name. */
export type Elements = ReadonlyMap<string, Member>

/**
 * The elements of an object whose keys must be among `names`; of keys that are there twice, the last.
 * Undefined if it is no object. A key that is misspelt is reported where it stands, and counts as what it was
 * meant to be, so that what is under it is checked as well.
 */
export const elementsOf = (
  node: JsonNode,
  { names, what, report }: { names: readonly string[]; what: string; report: Report },
): Elements | undefined => {
  if (node.kind !== 'object') {
    report.add('E_VALUE', node.at, `${what} must be an object`)
    return undefined
  }
  const elements = new Map(node.members.map((member) => [member.key, member]))
  for (const member of node.members) {
    const { key, keyAt } = member
    if (names.includes(key)) continue
    const near = report.nearest(key, names)
    report.add('E_UNKNOWN_KEY', keyAt, `${what} has no element ${JSON.stringify(key)}`, near)
    if (near !== undefined && !elements.has(near)) elements.set(near, member)
  }
  return elements
}

/** The text of an element; undefined if it is absent, or no text, which is reported. */
export const textOf = (
  elements: Elements,
  name: string,
  {
    isValid = () => true,
    rule,
    report,
  }: { isValid?: (text: string) => boolean; rule: string; report: Report },
): Located | undefined => {
  const member = elements.get(name)
  if (member === undefined) return undefined
  const { value } = member
  if (value.kind === 'string' && isValid(value.value)) return { text: value.value, at: value.at }
  report.add('E_VALUE', value.at, `${name} must be ${rule}`)
  return undefined
}

/**
 * Checks what a file has that is called by one of its elements: that name, `$schema` and `description`. The
 * name must be there.
 */
export const checkNamed = (
  elements: Elements,
  {
    name,
    isValid,
    at,
    report,
  }: { name: string; isValid: (text: string) => boolean; at: number; report: Report },
): void => {
  const rule = 'a name of small letters, digits, ., _ and -, 64 at most'
  if (!elements.has(name)) report.add('E_VALUE', at, `${name} must be ${rule}`)
  textOf(elements, name, { isValid, rule, report })
  textOf(elements, '$schema', { rule: 'a string', report })
  textOf(elements, 'description', { rule: 'a string', report })
}

/**
 * A number counts as its text only if that is how it is written: `1.10` and more digits than a double holds
 * would become another.
 */
const isAsWritten = (node: JsonNode): boolean => node.kind !== 'number' || String(node.value) === node.source

/**
 * One text or several, as documents write them. Numbers and booleans count as their text where `scalars` says
 * so.
 */
export const textsOf = (
  { key, value: node }: Member,
  { scalars, report }: { scalars: boolean; report: Report },
): Located[] => {
  const items = node.kind === 'array' ? node.items : [node]
  if (items.length === 0) report.add('E_EMPTY_LIST', node.at, `${key} is an empty list`)
  if (items.length > BOUNDS.patternsPerElement)
    report.add(
      'E_LIMIT',
      node.at,
      `${key} has ${items.length} entries, of at most ${BOUNDS.patternsPerElement}`,
    )
  const located: Located[] = []
  for (const item of items) {
    const isScalar = scalars && (item.kind === 'number' || item.kind === 'boolean')
    if (!isAsWritten(item))
      report.add(
        'E_VALUE',
        item.at,
        `${key} holds a number that must be a string: in quotes it stays as it is`,
      )
    else if (item.kind === 'string' || isScalar) located.push({ text: String(item.value), at: item.at })
    else report.add('E_VALUE', item.at, `${key} holds something that is no text`)
  }
  return located
}
