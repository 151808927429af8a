import type { Operator } from '../language.ts'
import { readAddress, readDate, readNumber, type Ordinal } from './lines.ts'
import { networksTest } from './networks.ts'
import { matchTemplate, parseTemplate, resolveText, type Template, type View } from './template.ts'
import { parseBool, parseNetwork } from './values.ts'

/** Whether one value of the request meets one or another of the policy. */
export type ValueTest = (actual: string, view: View) => boolean

/** ASCII letters in lower case; others have no one folding that two sides would agree on. */
const fold = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

const never: ValueTest = () => false

const present = <T>(values: readonly (T | undefined)[]): T[] => values.filter((value) => value !== undefined)

const largest = (values: readonly Ordinal[]): Ordinal => values.reduce((a, b) => (b > a ? b : a))
const smallest = (values: readonly Ordinal[]): Ordinal => values.reduce((a, b) => (b < a ? b : a))

/** Of several bounds the widest counts. */
const boundTest = (
  compare: NonNullable<Operator['compare']>,
  limits: readonly Ordinal[],
): ((value: Ordinal) => boolean) => {
  const [top, bottom] = [largest(limits), smallest(limits)]
  switch (compare) {
    case 'lt':
      return (value) => value < top
    case 'le':
      return (value) => value <= top
    case 'gt':
      return (value) => value > bottom
    case 'ge':
      return (value) => value >= bottom
    case 'eq':
      return limits.length === 1 ? (value) => value === top : (value) => limits.includes(value)
  }
}

const orderedTest = (
  family: 'number' | 'date',
  compare: NonNullable<Operator['compare']>,
  expected: readonly string[],
): ValueTest => {
  const read = family === 'number' ? readNumber : readDate
  const limits = present(expected.map(read))
  if (limits.length === 0) return never
  const meets = boundTest(compare, limits)
  return (actual) => {
    const value = read(actual)
    return value !== undefined && meets(value)
  }
}

const networkTest = (expected: readonly string[]): ValueTest => {
  const lies = networksTest(present(expected.map(parseNetwork)))
  return (actual) => {
    const address = readAddress(actual)
    return address !== undefined && lies(address)
  }
}

const templatesOf = (expected: readonly string[], wildcards: 'glob' | 'text'): Template[] =>
  present(expected.map((text) => parseTemplate(text, wildcards)))

/** The text of a template that is nothing but text; undefined: it has wildcards or variables. */
export const literalOf = (template: Template): string | undefined => {
  const [only = ''] = template
  return template.length < 2 && typeof only === 'string' ? only : undefined
}

/** Fewer texts than this are compared one by one. */
const FEW = 4

const oneOfTest = (texts: readonly string[]): ((text: string) => boolean) => {
  if (texts.length > FEW) {
    const all = new Set(texts)
    return (text) => all.has(text)
  }
  const [only] = texts
  return texts.length === 1 ? (text) => text === only : (text) => texts.includes(text)
}

const stringTest = (expected: readonly string[], ignoreCase: boolean): ValueTest => {
  const comparable = (text: string): string => (ignoreCase ? fold(text) : text)
  const templates = templatesOf(expected, 'text')
  const variable = templates.filter((template) => literalOf(template) === undefined)
  const isOne = oneOfTest(present(templates.map(literalOf)).map(comparable))
  if (variable.length === 0) return ignoreCase ? (actual) => isOne(fold(actual)) : isOne
  return (actual, view) => {
    const text = comparable(actual)
    return (
      isOne(text) ||
      variable.some((template) => {
        const other = resolveText(template, view)
        return other !== undefined && comparable(other) === text
      })
    )
  }
}

const likeTest = (expected: readonly string[]): ValueTest => {
  const templates = templatesOf(expected, 'glob')
  const [only] = templates
  if (templates.length === 1 && only !== undefined) return (actual, view) => matchTemplate(only, actual, view)
  return (actual, view) => templates.some((template) => matchTemplate(template, actual, view))
}

/**
 * The test of the expected values of an operator, without its negation. What does not parse on either side is
 * not met: a negated operator then holds.
 */
export const valueTest = (operator: Operator, expected: readonly string[]): ValueTest => {
  switch (operator.family) {
    case 'string':
      return stringTest(expected, operator.ignoreCase === true)
    case 'like':
      return likeTest(expected)
    case 'number':
    case 'date':
      return orderedTest(operator.family, operator.compare ?? 'eq', expected)
    case 'bool': {
      const isOne = oneOfTest(expected.filter((text) => parseBool(text) !== undefined))
      return (actual) => isOne(actual)
    }
    case 'ip':
      return networkTest(expected)
    case 'null':
      return never
  }
}
