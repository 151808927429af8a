import type { Located } from './elements.ts'
import { parseJson, type JsonNode } from './json.ts'
import { BOUNDS } from '../language.ts'

/** What can be said of a file before it is valid. */
interface Outline {
  /** The name that it gives; undefined if none can be made out. */
  readonly name: Located | undefined
  /** Where each statement stands in the text; none for what has no statements. */
  readonly statements: readonly number[]
}

/** The first text after the key, in a file that is no JSON. */
const guessName = (text: string, key: string): Located | undefined => {
  const found = new RegExp(`"${key}"\\s*:\\s*("([^"\\\\]*)")`, 'd').exec(text.slice(0, BOUNDS.documentBytes))
  const at = found?.indices?.[1]?.[0]
  return found === null || at === undefined ? undefined : { text: found[2] ?? '', at }
}

/**
 * The name in `element` and the places of a file, valid or not: what other files say of it is checked by its
 * name even while something else in it is wrong.
 */
export const outlineOf = (text: string, element: 'Id' | 'service'): Outline => {
  const node = text.length > BOUNDS.documentBytes ? undefined : parseJson(text).node
  if (node?.kind !== 'object')
    return { name: node === undefined ? guessName(text, element) : undefined, statements: [] }
  const valueOf = (key: string): JsonNode | undefined =>
    node.members.findLast((member) => member.key === key)?.value
  const [name, statements] = [valueOf(element), valueOf('Statement')]
  return {
    name: name?.kind === 'string' ? { text: name.value, at: name.at } : undefined,
    statements: statements?.kind === 'array' ? statements.items.map(({ at }) => at) : [],
  }
}
