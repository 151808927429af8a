import { parseOperator, type Effect, type Operator } from '../language.ts'
import type { Condition } from './condition.ts'
import { VALUE_FORMS } from './context-value.ts'

const ATTRIBUTE = /^(?:principal|caller)\.attributes\./

/** Whether a key is an attribute of an account: no service declares a type for it. */
export const isAttribute = (key: string): boolean => ATTRIBUTE.test(key)

type Compared = 'number' | 'date' | 'ip' | 'bool'

/** Whether conditions of a family compare values, and do not take them as texts. */
const isCompared = (family: Operator['family'] | undefined): family is Compared =>
  family === 'number' || family === 'date' || family === 'ip' || family === 'bool'

/**
 * The condition as a statement of this effect has it. What an account says of itself need not be what a
 * condition compares it as, and nobody can refuse it as they would an ill-formed question. So an attribute
 * that cannot be read meets every condition of a Deny, and none of an Allow: by `5,000` nobody slips past
 * a limit.
 */
export const failingClosed = (condition: Condition, effect: Effect): Condition => {
  const { key, operatorName, holds } = condition
  const family = parseOperator(operatorName)?.operator.family
  if (!isAttribute(key) || !isCompared(family)) return condition
  const { isOf } = VALUE_FORMS[family]
  return {
    ...condition,
    holds: (view) => {
      const value = view.values(key)
      return value === undefined || isOf(value) ? holds(view) : effect === 'Deny'
    },
  }
}
