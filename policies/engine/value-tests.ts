// SPDX-License-Identifier: LGPL-3.0-or-later
import type { Comparison, LocalPart, Operator } from '../language.ts'
import { readAddress, readDate, readNumber, type Ordinal } from './lines.ts'
import { LOCAL_TIMES } from './local-time.ts'
import { networksTest, type AddressRange } from './networks.ts'
import { operandOf } from './operands.ts'
import {
  matchTemplate,
  parseTemplate,
  resolveText,
  textOf,
  type Template,
  type Variable,
  type View,
} from './template.ts'
import { parseBool, parseNetwork } from './values.ts'

/** Whether one value of the request meets one or another of the policy. */
export type ValueTest = (actual: string, view: View) => boolean

/** ASCII letters in lower case; others have no one folding that two sides would agree on. */
const fold = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

const never: ValueTest = () => false

const present = <T>(values: readonly (T | undefined)[]): T[] => values.filter((value) => value !== undefined)

const largest = (values: readonly Ordinal[]): Ordinal => values.reduce((a, b) => (b > a ? b : a))
const smallest = (values: readonly Ordinal[]): Ordinal => values.reduce((a, b) => (b < a ? b : a))

/** The widest of several bounds counts. */
const boundTest = (compare: Comparison, limits: readonly Ordinal[]): ((value: Ordinal) => boolean) => {
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

const isMet = (compare: Comparison, value: Ordinal, limit: Ordinal): boolean => {
  switch (compare) {
    case 'lt':
      return value < limit
    case 'le':
      return value <= limit
    case 'gt':
      return value > limit
    case 'ge':
      return value >= limit
    case 'eq':
      return value === limit
  }
}

/** Whether a variable that is known and can be read passes. */
const someOperand = <T>(
  operands: readonly Variable[],
  view: View,
  { read, passes }: { read: (text: string) => T | undefined; passes: (value: T) => boolean },
): boolean =>
  operands.some((operand) => {
    const text = textOf(operand, view)
    const value = text === undefined ? undefined : read(text)
    return value !== undefined && passes(value)
  })

const orderedTest = (
  family: 'number' | 'date',
  compare: Comparison,
  expected: readonly string[],
): ValueTest => {
  const read = family === 'number' ? readNumber : readDate
  const limits = present(expected.map(read))
  const operands = present(expected.map(operandOf))
  const meets = limits.length === 0 ? () => false : boundTest(compare, limits)
  if (operands.length === 0)
    return (actual) => {
      const value = read(actual)
      return value !== undefined && meets(value)
    }
  return (actual, view) => {
    const value = read(actual)
    if (value === undefined) return false
    const passes = (limit: Ordinal): boolean => isMet(compare, value, limit)
    return meets(value) || someOperand(operands, view, { read, passes })
  }
}

const localTest = (part: LocalPart, expected: readonly string[]): ValueTest => {
  const values = present(expected.map(LOCAL_TIMES[part]))
  return (actual) => {
    const instant = readDate(actual)
    return instant !== undefined && values.some(({ contains }) => contains(Number(instant)))
  }
}

const networkTest = (expected: readonly string[]): ValueTest => {
  const lies = networksTest(present(expected.map(parseNetwork)))
  const operands = present(expected.map(operandOf))
  return (actual, view) => {
    const address = readAddress(actual)
    if (address === undefined || operands.length === 0) return address !== undefined && lies(address)
    const passes = ({ family, from, to }: AddressRange): boolean =>
      family === address.family && from <= address.from && address.to <= to
    return lies(address) || someOperand(operands, view, { read: readAddress, passes })
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
    case 'date': {
      const { compare = 'eq' } = operator
      if (compare === 'time' || compare === 'weekday') return localTest(compare, expected)
      return orderedTest(operator.family, compare, expected)
    }
    case 'bool': {
      const isOne = oneOfTest(expected.filter((text) => parseBool(text) !== undefined))
      return (actual) => isOne(actual)
    }
    case 'ip':
      return networkTest(expected)
    case 'size':
    case 'null':
      return never
  }
}
