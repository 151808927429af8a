import { keyOrder } from './key-order.ts'
import { parseJson, type JsonNode, type Member, type Parse } from './json.ts'

/** Lines that would be longer are broken. */
const WIDTH = 110
const INDENT = '  '

const inOrder = (members: readonly Member[]): readonly Member[] => {
  const order = keyOrder(members.map(({ key }) => key))
  return order === undefined
    ? members
    : members.toSorted((a, b) => order.indexOf(a.key) - order.indexOf(b.key))
}

/** Numbers as they are written, texts with no more escapes than they need. */
const scalarText = (node: JsonNode): string => {
  if (node.kind === 'number') return node.source
  if (node.kind === 'string' || node.kind === 'boolean') return JSON.stringify(node.value)
  return 'null'
}

const partsOf = (node: JsonNode): readonly { label: string; value: JsonNode }[] => {
  if (node.kind === 'array') return node.items.map((value) => ({ label: '', value }))
  if (node.kind !== 'object') return []
  return inOrder(node.members).map(({ key, value }) => ({ label: `${JSON.stringify(key)}: `, value }))
}

/** Whether somebody has put the first member of an object on a line of its own: that is kept. */
const isExpanded = (node: JsonNode, text: string): boolean => {
  if (node.kind === 'array') return node.items.some((item) => isExpanded(item, text))
  if (node.kind !== 'object') return false
  const [first] = node.members
  return (
    (first !== undefined && text.slice(node.at, first.keyAt).includes('\n')) ||
    node.members.some(({ value }) => isExpanded(value, text))
  )
}

const onOneLine = (node: JsonNode): string => {
  if (node.kind !== 'array' && node.kind !== 'object') return scalarText(node)
  const parts = partsOf(node).map(({ label, value }) => label + onOneLine(value))
  if (parts.length === 0) return node.kind === 'array' ? '[]' : '{}'
  return node.kind === 'array' ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`
}

const layOut = (
  node: JsonNode,
  { text, indent, used }: { text: string; indent: string; used: number },
): string => {
  const line = onOneLine(node)
  const parts = partsOf(node)
  if (parts.length === 0 || (indent.length + used + line.length <= WIDTH && !isExpanded(node, text)))
    return line
  const inner = indent + INDENT
  const lines = parts.map(({ label, value }, index) => {
    const comma = index === parts.length - 1 ? 0 : 1
    return inner + label + layOut(value, { text, indent: inner, used: label.length + comma })
  })
  const [open, close] = node.kind === 'array' ? '[]' : '{}'
  return `${open ?? ''}\n${lines.join(',\n')}\n${indent}${close ?? ''}`
}

/** A value with the keys of its objects in one order: two texts of the same value give the same. */
const canonical = (node: JsonNode): unknown => {
  if (node.kind === 'array') return node.items.map(canonical)
  if (node.kind !== 'object') return scalarText(node)
  return node.members
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, value }) => [key, canonical(value)])
}

/**
 * Whether two texts say the same: they are read without a problem, as the same values. The order of the keys
 * of an object means nothing, everything else does.
 */
export const saysTheSame = (one: string, other: string, parse: Parse): boolean => {
  const [a, b] = [parse(one), parse(other)]
  if (a.node === undefined || b.node === undefined || a.problems.length + b.problems.length > 0) return false
  return JSON.stringify(canonical(a.node)) === JSON.stringify(canonical(b.node))
}

/**
 * A JSON file of a set in its one form: elements in the order of the reference, two blanks a level, 110
 * columns; an object that was spread over lines stays so. Undefined if it cannot be read, or if what came out
 * would not say the same.
 */
export const formatJson = (text: string): string | undefined => {
  const { node, problems } = parseJson(text)
  if (node === undefined || problems.length > 0) return undefined
  const formatted = `${layOut(node, { text, indent: '', used: 0 })}\n`
  return saysTheSame(text, formatted, parseJson) ? formatted : undefined
}
