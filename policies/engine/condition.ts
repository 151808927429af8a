import {
  parseOperator,
  type ConditionBlock,
  type Operator,
  type Quantifier,
  type Scalar,
} from '../language.ts'
import { matchTemplate, parseTemplate, resolveText, type Template, type View } from './template.ts'
import { isInNetwork, parseBool, parseDate, parseNetwork, parseNumber } from './values.ts'

/** Whether one value of the request meets one of the policy. */
type Test = (actual: string, view: View) => boolean

/** One operator on one key. */
export interface Condition {
  readonly operatorName: string
  readonly key: string
  readonly expected: readonly string[]
  readonly holds: (view: View) => boolean
}

/** ASCII letters in lower case; others have no one folding that two sides would agree on. */
const fold = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

const never: Test = () => false

const templateTest = (template: Template | undefined, compare: (template: Template) => Test): Test =>
  template === undefined ? never : compare(template)

const compared = <T extends bigint | number>(
  parse: (text: string) => T | undefined,
  compare: NonNullable<Operator['compare']>,
  expected: string,
): Test => {
  const limit = parse(expected)
  if (limit === undefined) return never
  return (actual) => {
    const value = parse(actual)
    if (value === undefined) return false
    if (compare === 'eq') return value === limit
    if (compare === 'lt') return value < limit
    if (compare === 'le') return value <= limit
    return compare === 'gt' ? value > limit : value >= limit
  }
}

const stringTest = (expected: string, ignoreCase: boolean): Test =>
  templateTest(parseTemplate(expected, 'text'), (template) => (actual, view) => {
    const text = resolveText(template, view)
    return text !== undefined && (ignoreCase ? fold(text) === fold(actual) : text === actual)
  })

const likeTest = (expected: string): Test =>
  templateTest(
    parseTemplate(expected, 'glob'),
    (template) => (actual, view) => matchTemplate(template, actual, view),
  )

const boolTest = (expected: string): Test => {
  const wanted = parseBool(expected)
  return wanted === undefined ? never : (actual) => parseBool(actual) === wanted
}

const networkTest = (expected: string): Test => {
  const network = parseNetwork(expected)
  if (network === undefined) return never
  return (actual) => {
    const address = parseNetwork(actual)
    return address !== undefined && isInNetwork(address, network)
  }
}

/**
 * The test of one expected value. What does not parse on either side is not met: a negated operator then
 * holds.
 */
const testOf = (operator: Operator, expected: string): Test => {
  switch (operator.family) {
    case 'string':
      return stringTest(expected, operator.ignoreCase === true)
    case 'like':
      return likeTest(expected)
    case 'number':
      return compared(parseNumber, operator.compare ?? 'eq', expected)
    case 'date':
      return compared(parseDate, operator.compare ?? 'eq', expected)
    case 'bool':
      return boolTest(expected)
    case 'ip':
      return networkTest(expected)
    case 'null':
      return never
  }
}

const nullCondition = (key: string, expected: readonly string[]): Condition['holds'] => {
  const wanted = new Set(expected.map(parseBool))
  return (view) => wanted.has(view.values(key) === undefined)
}

const quantified = (
  key: string,
  tests: readonly Test[],
  { negated, quantifier, ifExists }: { negated: boolean; quantifier: Quantifier; ifExists: boolean },
): Condition['holds'] => {
  const whenMissing = quantifier === 'all' || (quantifier === 'one' && (negated || ifExists))
  return (view) => {
    const present = view.values(key)
    if (present === undefined) return whenMissing
    const meets = (value: string): boolean => tests.some((test) => test(value, view)) !== negated
    if (typeof present === 'string') return meets(present)
    // A set under an operator for single values: neither the operator nor its negation can be said to hold.
    if (quantifier === 'one') return false
    return quantifier === 'any' ? present.some(meets) : present.every(meets)
  }
}

/** One value or several, as a list. A list is answered as it is, not copied. */
export const listOf = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as readonly T[]) : [value as T]

/** Raised for what the validator would have refused. */
export class CompileError extends Error {
  override readonly name = 'CompileError'
}

const compileCondition = (name: string, key: string, value: Scalar | readonly Scalar[]): Condition => {
  const parsed = parseOperator(name)
  if (parsed === undefined) throw new CompileError(`there is no operator ${name}`)
  const expected = listOf(value).map(String)
  const { operator, quantifier, ifExists } = parsed
  const tests = expected.map((text) => testOf(operator, text))
  const holds =
    operator.family === 'null'
      ? nullCondition(key, expected)
      : quantified(key, tests, { negated: operator.negated, quantifier, ifExists })
  return { operatorName: name, key, expected, holds }
}

/** The conditions of a statement; all must hold. Throws {@link CompileError} on an unknown operator. */
export const compileConditions = (block: ConditionBlock): Condition[] =>
  Object.entries(block).flatMap(([name, keys]) =>
    Object.entries(keys).map(([key, value]) => compileCondition(name, key, value)),
  )
