import { formatJson } from './format.ts'
import { parseJson, plainValue, type JsonNode } from './json.ts'
import { continueList, continueObject, isPlainObject, meansTheSame } from './same-meaning.ts'

/** A part of an object or a list with the blanks before it. */
interface Piece {
  /** What stands before it in the text, without a comma; undefined for what is new. */
  readonly gap: string | undefined
  readonly text: string
}

const BLANKS = /^[ \t\r\n]*/

/** The blanks of a gap: the comma is written anew. */
const blanksOf = (gap: string): string => gap.replace(',', '').match(BLANKS)?.[0] ?? ''

/** Pieces between brackets; what is new stands as its neighbours do. */
const assemble = (
  [open, close]: readonly [string, string],
  pieces: readonly Piece[],
  { first, end }: { first: string; end: string },
): string => {
  if (pieces.length === 0) return open + close
  const own = pieces.slice(1).findLast(({ gap }) => gap !== undefined)?.gap
  const usual = own ?? (first.includes('\n') ? first : ' ')
  const lines = pieces.map(({ gap = usual, text }, index) => (index === 0 ? first : gap) + text)
  return `${open}${lines.join(',')}${end}${close}`
}

const isSpread = (node: JsonNode | undefined, text: string): boolean =>
  node?.kind === 'object' && text.slice(node.at, node.members[0]?.keyAt ?? node.end).includes('\n')

/** A value that no text has yet, in a line for each member if those beside it are so. */
const freshText = (value: unknown, beside: { spread: boolean; indent: string }): string => {
  if (!isPlainObject(value) || !beside.spread) return JSON.stringify(value)
  const inner = `\n${beside.indent}  `
  const members = Object.entries(value).flatMap(([key, each]) =>
    each === undefined ? [] : [`${JSON.stringify(key)}: ${JSON.stringify(each)}`],
  )
  return `{${inner}${members.join(`,${inner}`)}\n${beside.indent}}`
}

const indentAt = (text: string, at: number): string => {
  const start = text.lastIndexOf('\n', at - 1) + 1
  return /^[ \t]*/.exec(text.slice(start, at))?.[0] ?? ''
}

const rewriteList = (
  node: Extract<JsonNode, { kind: 'array' }>,
  wanted: readonly unknown[],
  text: string,
): string => {
  const { items } = node
  const gaps = items.map(({ at }, index) => blanksOf(text.slice(items[index - 1]?.end ?? node.at + 1, at)))
  const beside = { spread: isSpread(items[0], text), indent: indentAt(text, items[0]?.at ?? node.at) }
  const pieces = continueList(items.map(plainValue), wanted).map(({ from, value }): Piece => {
    const item = from === undefined ? undefined : items[from]
    return item === undefined
      ? { gap: undefined, text: freshText(value, beside) }
      : { gap: gaps[from ?? 0], text: rewriteNode(item, value, text) }
  })
  const end = blanksOf(text.slice(items.at(-1)?.end ?? node.at + 1, node.end - 1))
  return assemble(['[', ']'], pieces, { first: gaps[0] ?? '', end })
}

const rewriteObject = (
  node: Extract<JsonNode, { kind: 'object' }>,
  wanted: Readonly<Record<string, unknown>>,
  text: string,
): string => {
  const { members } = node
  const gaps = members.map(({ keyAt }, index) =>
    blanksOf(text.slice(members[index - 1]?.value.end ?? node.at + 1, keyAt)),
  )
  const { kept, added } = continueObject(
    members.map(({ key }) => key),
    wanted,
  )
  const pieces = [
    ...members.flatMap(({ key, keyAt, value }, index): Piece[] =>
      kept.includes(key)
        ? [{ gap: gaps[index], text: text.slice(keyAt, value.at) + rewriteNode(value, wanted[key], text) }]
        : [],
    ),
    ...added.map((key): Piece => ({
      gap: undefined,
      text: `${JSON.stringify(key)}: ${JSON.stringify(wanted[key])}`,
    })),
  ]
  const end = blanksOf(text.slice(members.at(-1)?.value.end ?? node.at + 1, node.end - 1))
  return assemble(['{', '}'], pieces, { first: gaps[0] ?? ' ', end })
}

const rewriteNode = (node: JsonNode, wanted: unknown, text: string): string => {
  if (meansTheSame(plainValue(node), wanted)) return text.slice(node.at, node.end)
  if (node.kind === 'array') return rewriteList(node, Array.isArray(wanted) ? wanted : [wanted], text)
  if (node.kind === 'object' && isPlainObject(wanted)) return rewriteObject(node, wanted, text)
  return JSON.stringify(wanted)
}

/**
 * A JSON file of a set, changed so that it says a value: what says it already stays as it is written, in its
 * order and layout; what is new stands as its neighbours do. A file in the one form of `fmt` stays in it.
 * Undefined if the text cannot be read.
 */
export const rewriteJson = (text: string, value: object): string | undefined => {
  const { node, problems } = parseJson(text)
  if (node === undefined || problems.length > 0) return undefined
  const written = text.slice(0, node.at) + rewriteNode(node, value, text) + text.slice(node.end)
  const rewritten = formatJson(text) === text ? (formatJson(written) ?? written) : written
  const read = parseJson(rewritten).node
  return read !== undefined && meansTheSame(plainValue(read), value) ? rewritten : undefined
}
