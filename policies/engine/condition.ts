// SPDX-License-Identifier: LGPL-3.0-or-later
import {
  parseOperator,
  type ConditionBlock,
  type Operator,
  type Quantifier,
  type Scalar,
} from '../language.ts'
import { operandOf, takesOperands } from './operands.ts'
import type { View } from './template.ts'
import { valueTest, type ValueTest } from './value-tests.ts'
import { parseBool } from './values.ts'

/** One operator on one key. */
export interface Condition {
  readonly operatorName: string
  readonly key: string
  readonly expected: readonly string[]
  readonly holds: (view: View) => boolean
}

const nullCondition = (key: string, expected: readonly string[]): Condition['holds'] => {
  const wanted = new Set(expected.map(parseBool))
  return (view) => wanted.has(view.values(key) === undefined)
}

const SIZE = /^(?:0|[1-9]\d{0,5})$/

/** The number of elements that a text says; undefined if it is none. */
export const parseSize = (text: string): number | undefined => (SIZE.test(text) ? Number(text) : undefined)

/** How many different values a key has; a missing one has none. */
const sizeCondition = (key: string, operator: Operator, expected: readonly string[]): Condition['holds'] => {
  const meets = valueTest(
    { ...operator, family: 'number' },
    expected.filter((text) => SIZE.test(text)),
  )
  return (view) => {
    const present = view.values(key)
    const size = present === undefined ? 0 : typeof present === 'string' ? 1 : new Set(present).size
    return meets(String(size), view) !== operator.negated
  }
}

const quantified = (
  key: string,
  test: ValueTest,
  { negated, quantifier, ifExists }: { negated: boolean; quantifier: Quantifier; ifExists: boolean },
): Condition['holds'] => {
  const whenMissing = quantifier === 'all' || (quantifier === 'one' && (negated || ifExists))
  return (view) => {
    const present = view.values(key)
    if (present === undefined) return whenMissing
    if (typeof present === 'string') return test(present, view) !== negated
    // A set under an operator for single values: neither the operator nor its negation can be said to hold.
    if (quantifier === 'one') return false
    const meets = (value: string): boolean => test(value, view) !== negated
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
  if (quantifier !== 'one' && takesOperands(operator) && expected.some(operandOf))
    throw new CompileError(`${name} compares a set, which has no variables`)
  const holds =
    operator.family === 'null'
      ? nullCondition(key, expected)
      : operator.family === 'size'
        ? sizeCondition(key, operator, expected)
        : quantified(key, valueTest(operator, expected), { negated: operator.negated, quantifier, ifExists })
  return { operatorName: name, key, expected, holds }
}

/** The conditions of a statement; all must hold. Throws {@link CompileError} on an unknown operator. */
export const compileConditions = (block: ConditionBlock): Condition[] =>
  Object.entries(block).flatMap(([name, keys]) =>
    Object.entries(keys).map(([key, value]) => compileCondition(name, key, value)),
  )
