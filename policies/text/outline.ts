import type { Located } from './elements.ts'
import { parseJson, positionsOf, type JsonNode, type Parse, type Position } from './json.ts'
import { BOUNDS } from '../language.ts'

/** What can be said of a file before it is valid. */
export interface Outline {
  /** The name that it gives; undefined if none can be made out. */
  readonly name: Located | undefined
  /** Where each statement stands in the text, with its parts; none for what has no statements. */
  readonly statements: readonly StatementOutline[]
}

/**
 * Where a statement stands, and by `/`-pointers its parts: `/Action`, `/Action/0`,
 * `/Condition/Bool/request.mfa`.
 */
interface StatementOutline {
  readonly at: number
  readonly parts: ReadonlyMap<string, number>
}

const addParts = (node: JsonNode, pointer: string, parts: Map<string, number>): void => {
  if (node.kind === 'array')
    for (const [index, item] of node.items.entries()) {
      parts.set(`${pointer}/${index}`, item.at)
      addParts(item, `${pointer}/${index}`, parts)
    }
  if (node.kind === 'object')
    for (const { key, keyAt, value } of node.members) {
      parts.set(`${pointer}/${key}`, keyAt)
      addParts(value, `${pointer}/${key}`, parts)
    }
}

const outlineStatement = (node: JsonNode): StatementOutline => {
  const parts = new Map<string, number>()
  addParts(node, '', parts)
  return { at: node.at, parts }
}

/** The first text after the key, in a file that is no JSON. */
const guessName = (text: string, key: string): Located | undefined => {
  const found = new RegExp(`(?<![\\w.-])"?${key}"?\\s*:\\s*("?([^"\\\\\\s,}]+)"?)`, 'd').exec(
    text.slice(0, BOUNDS.documentBytes),
  )
  const at = found?.indices?.[1]?.[0]
  return found === null || at === undefined ? undefined : { text: found[2] ?? '', at }
}

/**
 * The name in `element` and the places of a file, valid or not: what other files say of it is checked by its
 * name even while something else in it is wrong.
 */
export const outlineOf = (
  text: string,
  element: 'Id' | 'service' | 'invariant',
  parse: Parse = parseJson,
): Outline => {
  const node = text.length > BOUNDS.documentBytes ? undefined : parse(text).node
  if (node?.kind !== 'object')
    return { name: node === undefined ? guessName(text, element) : undefined, statements: [] }
  const valueOf = (key: string): JsonNode | undefined =>
    node.members.findLast((member) => member.key === key)?.value
  const [name, statements] = [valueOf(element), valueOf('Statement')]
  return {
    name: name?.kind === 'string' ? { text: name.value, at: name.at } : undefined,
    statements: statements?.kind === 'array' ? statements.items.map(outlineStatement) : [],
  }
}

/** Where a part of a statement stands, by its number and a pointer; the statement, if it has no such part. */
export type PlaceOf = (statement: number, pointer: string) => Position

/** The places of the statements of a text. */
export const placesOf = ({ statements }: Outline, text: string): PlaceOf => {
  const positionOf = positionsOf(text)
  return (statement, pointer) => {
    const found = statements[statement]
    return positionOf(found?.parts.get(pointer) ?? found?.at ?? 0)
  }
}

/** Where the parts of a file stand, by their pointers; its beginning, for what is not there. */
export const partsOf = (text: string, parse: Parse = parseJson): ((pointer: string) => Position) => {
  let read: { parts: ReadonlyMap<string, number>; positionOf: (at: number) => Position } | undefined
  // Few ask, and a set is read on every change: the text is taken apart when somebody does.
  const partsAndPlaces = () => {
    const parts = new Map<string, number>()
    const { node } = parse(text)
    if (node !== undefined) addParts(node, '', parts)
    return { parts, positionOf: positionsOf(text) }
  }
  return (pointer) => {
    read ??= partsAndPlaces()
    return read.positionOf(read.parts.get(pointer) ?? 0)
  }
}
