// SPDX-License-Identifier: LGPL-3.0-or-later
import { parseOperator, type Effect, type Operator } from '../language.ts'
import type { Condition } from './condition.ts'
import { IS_OF_TYPE } from './context-value.ts'
import { isOperand, variablesIn } from './operands.ts'
import type { View } from './template.ts'

const ATTRIBUTE = /^(?:principal|caller)\.attributes\./

/** Whether a key is an attribute of an account: no service declares a type for it. */
export const isAttribute = (key: string): boolean => ATTRIBUTE.test(key)

type Compared = 'number' | 'date' | 'ip' | 'bool'

/** Whether conditions of a family compare values, and do not take them as texts. */
const isCompared = (family: Operator['family'] | undefined): family is Compared =>
  family === 'number' || family === 'date' || family === 'ip' || family === 'bool'

/** What is missing has a default, or is met by nothing. */
const isReadOperand = (family: Compared, value: ReturnType<View['values']>): boolean =>
  value === undefined || (typeof value === 'string' && isOperand(family, value))

/**
 * The condition as a statement of this effect has it. What an account says of itself need not be what a
 * condition compares it as, and nobody can refuse it as they would an ill-formed question. So an attribute
 * that cannot be read, as the key or as a variable, meets every condition of a Deny, and none of an Allow: by
 * `5,000` nobody slips past a limit.
 */
export const failingClosed = (condition: Condition, effect: Effect): Condition => {
  const { key, operatorName, holds } = condition
  const family = parseOperator(operatorName)?.operator.family
  if (!isCompared(family)) return condition
  const isOf = isAttribute(key) ? IS_OF_TYPE[family] : () => true
  const operands = variablesIn(condition).flatMap((operand) =>
    isAttribute(operand.key) ? [operand.key] : [],
  )
  if (!isAttribute(key) && operands.length === 0) return condition
  return {
    ...condition,
    holds: (view) => {
      const value = view.values(key)
      if (value === undefined) return holds(view)
      const isRead =
        isOf(value) &&
        (typeof value !== 'string' ||
          operands.every((operand) => isReadOperand(family, view.values(operand))))
      return isRead ? holds(view) : effect === 'Deny'
    },
  }
}
