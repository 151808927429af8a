import { isAlwaysThere, keyNames, keyOf, type Catalogue, type DeclaredAction } from '../catalogue.ts'
import type { Report } from '../text/diagnostics.ts'
import { textsOf, type Located } from '../text/elements.ts'
import type { JsonNode, Member } from '../text/json.ts'
import {
  BOUNDS,
  OPERATORS,
  parseOperator,
  localPartOf,
  type KeyType,
  type LocalPart,
  type Operator,
  type Quantifier,
} from '../language.ts'
import { LOCAL_TIMES } from '../engine/local-time.ts'
import { parseSize } from '../engine/condition.ts'
import { isOperand, operandOf, takesOperands } from '../engine/operands.ts'
import { countWildcards, parseTemplate, variablesOf, type Template } from '../engine/template.ts'
import { parseBool, parseDate, parseNetwork, parseNumber } from '../engine/values.ts'

/** What the checks of a statement have in common. */
export interface StatementScope {
  readonly catalogue: Catalogue
  readonly report: Report
  readonly effect: string | undefined
  /** The declared actions that the statement is about. */
  readonly actions: readonly DeclaredAction[]
  /** Keys that every request that the statement matches has, because a condition asks for them. */
  readonly guarded: ReadonlySet<string>
}

/** One operator on one key, as it is written. */
export interface WrittenCondition {
  readonly operatorName: string
  readonly operatorAt: number
  readonly key: string
  readonly keyAt: number
  readonly parsed: { operator: Operator; quantifier: Quantifier; ifExists: boolean } | undefined
  readonly member: Member
}

const FAMILIES: Readonly<Record<KeyType, readonly Operator['family'][]>> = {
  string: ['string', 'like'],
  'set<string>': ['string', 'like', 'size'],
  number: ['number'],
  date: ['date'],
  bool: ['bool'],
  ip: ['ip'],
  attribute: ['string', 'like', 'number', 'bool'],
}

/** The conditions of a block, one by one; what has another shape is reported. */
export const readConditions = (node: JsonNode, report: Report): WrittenCondition[] => {
  if (node.kind !== 'object') {
    report.add('E_VALUE', node.at, 'Condition must be an object of operators')
    return []
  }
  const conditions = node.members.flatMap(({ key: operatorName, keyAt: operatorAt, value }) => {
    if (value.kind === 'object' && value.members.length > 0) {
      const parsed = parseOperator(operatorName)
      return value.members.map((member): WrittenCondition => {
        const { key, keyAt } = member
        return { operatorName, operatorAt, key, keyAt, parsed, member }
      })
    }
    report.add('E_VALUE', value.at, `${operatorName} must be an object of context keys`)
    return []
  })
  if (conditions.length > BOUNDS.contextKeys)
    report.add('E_LIMIT', node.at, `${conditions.length} context keys, of at most ${BOUNDS.contextKeys}`)
  return conditions
}

/** The keys without which no request meets the conditions: `Null: false`, and positive operators. */
export const guardedKeys = (conditions: readonly WrittenCondition[]): Set<string> => {
  const isGuard = ({ parsed, member }: WrittenCondition): boolean => {
    if (parsed === undefined) return false
    const { operator, quantifier, ifExists } = parsed
    if (operator.family === 'size') return false
    if (operator.family !== 'null') return !operator.negated && quantifier !== 'all' && !ifExists
    const { value } = member
    const values = value.kind === 'array' ? value.items : [value]
    return values.every((item) => 'value' in item && String(item.value) === 'false')
  }
  return new Set(conditions.filter(isGuard).map(({ key }) => key))
}

/** Whether requests for one of the actions may have the key. */
const isApplicable = (
  key: string,
  { isBuiltIn }: { isBuiltIn: boolean },
  actions: readonly DeclaredAction[],
): boolean => isBuiltIn || actions.length === 0 || actions.some(({ keys }) => keys.has(key))

/**
 * Checks the wildcards and variables of a text, which it answers as a template; `wildcards`: whether stars in
 * it are wildcards.
 */
export const checkTemplate = (
  { text, at }: Located,
  wildcards: 'glob' | 'text',
  { catalogue, report, guarded, actions }: StatementScope,
): Template | undefined => {
  const template = parseTemplate(text, wildcards)
  if (template === undefined) {
    report.add('E_VAR_SYNTAX', at, `${JSON.stringify(text)} holds a \${ that is no variable`)
    return undefined
  }
  const count = countWildcards(template)
  if (count > BOUNDS.wildcards)
    report.add('E_WILDCARD_LIMIT', at, `${count} wildcards, of at most ${BOUNDS.wildcards}`)
  for (const { key, fallback } of variablesOf(template)) {
    const known = keyOf(catalogue, key)
    if (known === undefined)
      report.add(
        'E_KEY_UNKNOWN',
        at,
        `there is no context key ${key}`,
        report.nearest(key, keyNames(catalogue)),
      )
    else if (known.type === 'set<string>') report.add('E_VAR_MULTIVALUED', at, `${key} has several values`)
    else if (!isApplicable(key, known, actions))
      report.add('E_KEY_NOT_APPLICABLE', at, `no action of the statement has the key ${key}`)
    else if (fallback === undefined && !guarded.has(key) && !isAlwaysThere(catalogue, key, actions))
      report.add('E_VAR_UNGUARDED', at, `${key} may be missing`, `\${${key}, '…'}`)
  }
  return template
}

const PARSERS: Partial<Record<Operator['family'], { parse: (text: string) => unknown; what: string }>> = {
  number: { parse: parseNumber, what: 'a number such as -3 or 2.5' },
  date: { parse: parseDate, what: 'an instant such as 2026-01-31T08:00:00Z' },
  bool: { parse: parseBool, what: 'true or false' },
  null: { parse: parseBool, what: 'true or false' },
  size: { parse: parseSize, what: 'a number of elements such as 3' },
  ip: { parse: parseNetwork, what: 'an address or a network without host bits' },
}

const OPERANDS: Partial<Record<Operator['family'], readonly KeyType[]>> = {
  number: ['number', 'attribute'],
  date: ['date', 'attribute'],
  ip: ['ip', 'attribute'],
}

/** Checks the value of a comparison with another key: a variable alone, of a type that can be compared. */
const checkOperand = (value: Located, { family }: Operator, scope: StatementScope): void => {
  const { text, at } = value
  const { report } = scope
  const variable = operandOf(text)
  const what = PARSERS[family]?.what ?? ''
  if (variable === undefined)
    return report.add('E_VALUE', at, `${JSON.stringify(text)} is neither ${what} nor one variable alone`)
  checkTemplate(value, 'text', scope)
  const known = keyOf(scope.catalogue, variable.key)
  if (known !== undefined && known.type !== 'set<string>' && OPERANDS[family]?.includes(known.type) !== true)
    report.add('E_OP_TYPE', at, `${variable.key}, which is of type ${known.type}, is never ${what}`)
  const { fallback } = variable
  if (fallback !== undefined && !isOperand(family, fallback))
    report.add('E_VALUE', at, `the default ${JSON.stringify(fallback)} is not ${what}`)
}

const LOCAL_FORMS: Readonly<Record<LocalPart, string>> = {
  time: 'a time of day with its zone, such as 08:00-18:00 Asia/Kolkata',
  weekday: 'a day of the week, or a first and a last one, with its zone, such as Mon-Fri Asia/Kolkata',
}

const checkValue = (value: Located, operator: Operator, scope: StatementScope): void => {
  const { text, at } = value
  if (new TextEncoder().encode(text).length > BOUNDS.valueBytes)
    return scope.report.add('E_LIMIT', at, `a value has more than ${BOUNDS.valueBytes} bytes`)
  const parser = PARSERS[operator.family]
  const part = localPartOf(operator)
  if (part !== undefined) {
    if (LOCAL_TIMES[part](text) === undefined)
      scope.report.add('E_VALUE', at, `${JSON.stringify(text)} is not ${LOCAL_FORMS[part]}`)
    return
  }
  if (takesOperands(operator) && text.includes('${')) return checkOperand(value, operator, scope)
  if (parser !== undefined) {
    if (parser.parse(text) === undefined)
      scope.report.add('E_VALUE', at, `${JSON.stringify(text)} is not ${parser.what}`)
    return
  }
  if (operator.family === 'like' && text.length > BOUNDS.patternLength)
    return scope.report.add('E_LIMIT', at, `a pattern has more than ${BOUNDS.patternLength} characters`)
  checkTemplate(value, operator.family === 'like' ? 'glob' : 'text', scope)
}

const knownKey = ({ key, keyAt }: WrittenCondition, { catalogue, report }: StatementScope) => {
  const known = keyOf(catalogue, key)
  if (known === undefined) {
    const near = report.nearest(key, keyNames(catalogue))
    report.add('E_KEY_UNKNOWN', keyAt, `there is no context key ${key}`, near)
  }
  return known
}

const checkKey = (condition: WrittenCondition, operator: Operator, scope: StatementScope): void => {
  const { report, actions, effect, guarded } = scope
  const { key, keyAt, operatorName, operatorAt } = condition
  const known = knownKey(condition, scope)
  if (known === undefined) return
  if (!isApplicable(key, known, actions))
    report.add('E_KEY_NOT_APPLICABLE', keyAt, `no action of the statement has the key ${key}`)
  if (operator.family === 'null') return
  const quantifier = condition.parsed?.quantifier
  if (!FAMILIES[known.type].includes(operator.family))
    report.add(
      'E_OP_TYPE',
      operatorAt,
      `${operatorName} cannot compare ${key}, which is of type ${known.type}`,
    )
  if (operator.family === 'size') return
  if (known.type === 'set<string>' && quantifier === 'one')
    report.add(
      'E_SET_REQUIRED',
      operatorAt,
      `${key} has several values`,
      `${operator.negated ? 'ForAllValues' : 'ForAnyValue'}:${operatorName}`,
    )
  if (known.type !== 'set<string>' && quantifier !== 'one')
    report.add('E_SET_FORBIDDEN', operatorAt, `${key} has one value`, operatorName.replace(/^\w+:/, ''))
  if (quantifier === 'all' && effect === 'Allow' && !guarded.has(key))
    report.add('E_FORALL_UNGUARDED', operatorAt, `${operatorName} also holds when ${key} is missing or empty`)
}

/** Reports an operator that is unknown; what is under it is checked by the one that it was meant to be. */
const checkUnknownOperator = (condition: WrittenCondition, scope: StatementScope): void => {
  const { report } = scope
  const { operatorName, operatorAt, member } = condition
  const near = report.nearest(operatorName.replace(/^For\w+:|IfExists$/g, ''), OPERATORS.keys())
  const message = `there is no operator ${JSON.stringify(operatorName)}`
  report.add('E_OP_UNKNOWN', operatorAt, message, near)
  knownKey(condition, scope)
  const meant = near === undefined ? undefined : OPERATORS.get(near)
  if (meant === undefined) return
  for (const value of textsOf(member, { scalars: true, report })) checkValue(value, meant, scope)
}

/** Checks one condition of a statement. */
export const checkCondition = (condition: WrittenCondition, scope: StatementScope): void => {
  const { report } = scope
  const { parsed, member } = condition
  if (parsed === undefined) return checkUnknownOperator(condition, scope)
  checkKey(condition, parsed.operator, scope)
  for (const value of textsOf(member, { scalars: true, report })) checkValue(value, parsed.operator, scope)
}
