import { parseJson, positionsOf, type JsonNode } from '../../policies/validate/index.ts'

const textOf = (node: JsonNode): string | undefined => {
  switch (node.kind) {
    case 'string':
    case 'boolean':
      return String(node.value)
    case 'number':
      return node.source
    case 'array': {
      const items = node.items.map((item) => (item.kind === 'array' ? undefined : textOf(item)))
      return items.includes(undefined) ? undefined : items.join(',')
    }
    case 'object':
    case 'null':
      return undefined
  }
}

/**
 * Reads a JSON object of settings; a byte order mark at its head is passed over, a list stands for its items
 * between commas. What cannot be understood is told by line and column, never by its text: it may hold a
 * secret.
 */
export const parseSettingsFile = (content: string): { values: Map<string, string>; problems: string[] } => {
  const text = content.replace(/^\uFEFF/, '')
  const { node, problems } = parseJson(text)
  const positionOf = positionsOf(text)
  const told = problems.map(({ at, message }) => {
    const { line, column } = positionOf(at)
    return `line ${line}, column ${column}: ${message}`
  })
  const values = new Map<string, string>()
  if (node === undefined) return { values, problems: told }
  if (node.kind !== 'object') return { values, problems: ['it must hold one JSON object'] }
  for (const { key, keyAt, value } of node.members) {
    const setting = textOf(value)
    if (setting === undefined)
      told.push(
        `line ${positionOf(keyAt).line}: ${key} must be a text, a number, true, false or a list of them`,
      )
    else values.set(key, setting)
  }
  return { values, problems: told }
}
