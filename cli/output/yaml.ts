import { toJson } from './json.ts'

// A letter comes first: what begins with a sign, a digit or a dot may be a number or a date to a YAML 1.1 or
// 1.2 reader.
const PLAIN = /^[A-Za-z_/][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*$/
// Words that such readers take for something else than text.
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i

/** YAML 1.1 wants a dot in a number with an exponent: without it, it is a text. */
const numeral = (value: number): string => JSON.stringify(value).replace(/^(-?\d+)e/, '$1.0e')

const scalar = (value: unknown): string => {
  if (typeof value === 'number') return numeral(value)
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'null'
  return PLAIN.test(value) && !RESERVED.test(value) ? value : toJson(value)
}

const isEmpty = (value: object): boolean => Object.keys(value).length === 0

const linesOf = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [scalar(value)]
  if (isEmpty(value)) return [Array.isArray(value) ? '[]' : '{}']
  if (Array.isArray(value))
    return value.flatMap((item) =>
      linesOf(item).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`)),
    )
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .flatMap(([key, item]) => {
      const isBlock = typeof item === 'object' && item !== null && !isEmpty(item)
      const lines = linesOf(item)
      return isBlock
        ? [`${scalar(key)}:`, ...lines.map((line) => `  ${line}`)]
        : [`${scalar(key)}: ${lines[0]}`]
    })
}

/** A JSON value as YAML 1.2 in block style; every text that could be read as something else is quoted. */
export const toYaml = (value: unknown): string => `${linesOf(value).join('\n')}\n`
