import { FORMS, requireForm } from '../input/forms.ts'
import { usageProblem } from '../problem.ts'

type Value = string | number | boolean

/** The two sides of a `NAME=VALUE` flag. Throws `Problem` `usage`. */
export const splitAttribute = (pair: string): readonly [name: string, text: string] => {
  const at = pair.indexOf('=')
  if (at < 1) throw usageProblem(`--attribute ${pair} must be NAME=VALUE`, FORMS.attribute.rule)
  return [requireForm('attribute', pair.slice(0, at)), pair.slice(at + 1)]
}

/** An attribute of a `NAME=VALUE` flag: numbers and booleans as such. */
export const parseAttribute = (pair: string): readonly [string, Value] => {
  const [name, text] = splitAttribute(pair)
  if (text === 'true' || text === 'false') return [name, text === 'true']
  const isNumber = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/.test(text)
  return [name, isNumber ? Number(text) : text]
}

/** The attributes with those of the flags set; one without a value is taken away. */
export const withAttributes = (
  present: Readonly<Record<string, Value>>,
  flags: readonly string[],
): Record<string, Value> => {
  const attributes = new Map(Object.entries(present))
  for (const [name, value] of flags.map(parseAttribute)) {
    if (value === '') attributes.delete(name)
    else attributes.set(name, value)
  }
  return Object.fromEntries(attributes)
}
