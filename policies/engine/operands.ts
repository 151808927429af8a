// SPDX-License-Identifier: LGPL-3.0-or-later
import { localPartOf, parseOperator, type Operator } from '../language.ts'
import { readAddress, readDate, readNumber } from './lines.ts'
import {
  isVariable,
  parseTemplate,
  variablesOf,
  withFacts,
  type Facts,
  type Template,
  type Variable,
} from './template.ts'

const READERS: Partial<Record<Operator['family'], (text: string) => unknown>> = {
  number: readNumber,
  date: readDate,
  ip: readAddress,
}

/** Whether an operator compares numbers, instants or networks: then a variable stands alone in its value. */
export const takesOperands = (operator: Operator): boolean =>
  READERS[operator.family] !== undefined && localPartOf(operator) === undefined

/**
 * Whether the text of a variable can be compared by operators of the family; a network as well as an address.
 */
export const isOperand = (family: Operator['family'], text: string): boolean =>
  READERS[family]?.(text) !== undefined

/** The variable that a value is, `${key}` or `${key, 'default'}` and nothing else; undefined for others. */
export const operandOf = (text: string): Variable | undefined => {
  const [part, ...rest] = parseTemplate(text, 'text') ?? []
  return part !== undefined && rest.length === 0 && isVariable(part) ? part : undefined
}

/** The values of a condition that may have variables, as templates. */
export const templatesIn = ({
  operatorName,
  expected,
}: {
  readonly operatorName: string
  readonly expected: readonly string[]
}): Template[] => {
  const { operator } = parseOperator(operatorName) ?? {}
  if (operator === undefined) return []
  const { family } = operator
  if (takesOperands(operator))
    return expected.flatMap((text) => {
      const variable = operandOf(text)
      return variable === undefined ? [] : [[variable]]
    })
  if (family !== 'string' && family !== 'like') return []
  return expected.flatMap((text) => {
    const template = parseTemplate(text, family === 'like' ? 'glob' : 'text')
    return template === undefined ? [] : [template]
  })
}

/** The variables in the values of a condition. */
export const variablesIn = (condition: Parameters<typeof templatesIn>[0]): Variable[] =>
  templatesIn(condition).flatMap(variablesOf)

/**
 * A value with what is known of accounts in the place of its variable, if it is nothing but one; none if that
 * is absent.
 */
export const operandTexts = (text: string, facts: Facts): string[] => {
  const variable = operandOf(text)
  if (variable === undefined) return [text]
  const [part] = withFacts([variable], facts) ?? []
  return typeof part === 'string' ? [part] : []
}
