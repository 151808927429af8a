import type { Condition } from '../engine/condition.ts'
import { parseTemplate, variablesOf, type Template } from '../engine/template.ts'
import { isOfAccount } from '../language.ts'

/** The keys of requests that variables of these templates name. */
export const requestKeysIn = (templates: readonly Template[]): string[] =>
  templates
    .flatMap(variablesOf)
    .map(({ key }) => key)
    .filter((key) => !isOfAccount(key))

/** The values that a condition expects, as patterns. */
export const expectedBy = ({ expected }: Condition): Template[] =>
  expected.map((text) => parseTemplate(text, 'glob') ?? [])

/** The keys of requests that a condition looks at. */
export const requestKeysOf = (condition: Condition): string[] => [
  ...(isOfAccount(condition.key) ? [] : [condition.key]),
  ...requestKeysIn(expectedBy(condition)),
]
