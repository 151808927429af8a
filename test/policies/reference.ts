import type { AccessRequest, Context, ContextValue } from '../../policies/engine/decide.ts'
import { parseTimeOfDay, parseWeekdays, type LocalTime } from '../../policies/engine/local-time.ts'
import {
  isInNetwork,
  numberText,
  parseBool,
  parseDate,
  parseNetwork,
  parseNumber,
} from '../../policies/engine/values.ts'
import type { ConditionBlock, Scalar, Statement, Verdict } from '../../policies/language.ts'

/*
 * The language as it is documented, statement by statement and without any index: by regular expressions and
 * plain words, which nobody would ask a million times a second.
 */

/** Statements with what is known of the owner of their layer. */
export interface ReferenceLayer {
  readonly statements: readonly Statement[]
  readonly principal: Context
}

type Facts = Readonly<Record<string, ContextValue>>

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T]

/** The text of a key, or its texts; undefined: it is missing, or an empty set. */
const textsOf = (facts: Facts, key: string): string | readonly string[] | undefined => {
  const value = Object.hasOwn(facts, key) ? facts[key] : undefined
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'object') return value.length === 0 ? undefined : value
  return value === undefined ? undefined : String(value)
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** A pattern as an expression, with every variable as its text; undefined: one of them has none. */
const expressionOf = (pattern: string, facts: Facts, isGlob: boolean): RegExp | undefined => {
  let source = ''
  for (const [piece, inside] of pattern.matchAll(/\$\{([^}]*)\}|[\s\S]/g)) {
    if (inside === undefined) {
      source += isGlob && piece === '*' ? '[^]*' : isGlob && piece === '?' ? '[^]' : escaped(piece)
      continue
    }
    const [, key = '', fallback] = /^\s*([\w.-]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(inside) ?? []
    const value = ['*', '?', '$'].includes(inside) ? inside : textsOf(facts, key)
    const text = typeof value === 'string' ? value : value === undefined ? fallback : undefined
    if (text === undefined) return undefined
    source += escaped(text)
  }
  return new RegExp(`^${source}$`)
}

/** Only ASCII letters fold. */
const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

const compare = <T extends bigint | number>(
  operator: string,
  one: T | undefined,
  other: T | undefined,
): boolean => {
  if (one === undefined || other === undefined) return false
  if (operator.endsWith('LessThan')) return one < other
  if (operator.endsWith('LessThanEquals')) return one <= other
  if (operator.endsWith('GreaterThan')) return one > other
  return operator.endsWith('GreaterThanEquals') ? one >= other : one === other
}

const OPERAND = /^\$\{\s*([\w.-]+)\s*(?:,\s*'([^']*)'\s*)?\}$/
const isOrdered = (operator: string): boolean => /^(?:Numeric|Date)|IpAddress$/.test(operator)

/** What is written, or the text of the one variable that it is. */
const operandOf = (wanted: string, facts: Facts): string | undefined => {
  const [, key, fallback] = OPERAND.exec(wanted) ?? []
  if (key === undefined) return wanted
  const value = textsOf(facts, key)
  return typeof value === 'object' ? undefined : (value ?? fallback)
}

const localTimeOf = (operator: string, wanted: string): LocalTime | undefined => {
  if (operator.endsWith('TimeOfDay')) return parseTimeOfDay(wanted)
  return operator.endsWith('Weekday') ? parseWeekdays(wanted) : undefined
}

/** Whether a value meets one that is written, whatever the operator negates. */
const meets = (operator: string, value: string, written: string, facts: Facts): boolean => {
  const wanted = isOrdered(operator) ? operandOf(written, facts) : written
  if (wanted === undefined) return false
  if (operator.startsWith('Numeric')) return compare(operator, parseNumber(value), parseNumber(wanted))
  if (operator.startsWith('Date')) return compare(operator, parseDate(value), parseDate(wanted))
  const local = localTimeOf(operator, wanted)
  if (local !== undefined) {
    const instant = parseDate(value)
    return instant !== undefined && local.contains(instant)
  }
  if (operator === 'Bool') return parseBool(wanted) !== undefined && parseBool(value) === parseBool(wanted)
  if (operator.endsWith('IpAddress')) {
    const [address, network] = [parseNetwork(value), parseNetwork(wanted)]
    return address !== undefined && network !== undefined && isInNetwork(address, network)
  }
  const found = expressionOf(wanted, facts, operator.endsWith('Like'))
  if (found === undefined) return false
  return operator.endsWith('IgnoreCase')
    ? new RegExp(lower(found.source)).test(lower(value))
    : found.test(value)
}

const isAttribute = (key: string): boolean => /^(?:principal|caller)\.attributes\./.test(key)

const isUnreadable = (operator: string, value: string): boolean => {
  if (operator.startsWith('Numeric')) return parseNumber(value) === undefined
  if (/^Date|TimeOfDay$|Weekday$/.test(operator)) return parseDate(value) === undefined
  if (operator === 'Bool') return parseBool(value) === undefined
  return operator.endsWith('IpAddress') && parseNetwork(value) === undefined
}

/** Whether an attribute of an account cannot be read: the key, where a network is none, or a variable. */
const isJunk = (
  [operator, key, value]: readonly [string, string, string],
  wanted: readonly Scalar[],
  facts: Facts,
): boolean => {
  const isNetwork = operator.endsWith('IpAddress') && value.includes('/')
  if (isAttribute(key) && (isNetwork || isUnreadable(operator, value))) return true
  if (!isOrdered(operator)) return false
  return wanted.some((written) => {
    const [, variable = ''] = OPERAND.exec(String(written)) ?? []
    const text = textsOf(facts, variable)
    if (!isAttribute(variable) || text === undefined) return false
    return typeof text !== 'string' || isUnreadable(operator, text)
  })
}

const holds = (
  [name, key, wanted]: readonly [string, string, readonly Scalar[]],
  facts: Facts,
  effect: Statement['Effect'],
): boolean => {
  const value = textsOf(facts, key)
  if (name === 'Null') return wanted.some((each) => String(each) === String(value === undefined))
  if (name.startsWith('Size')) {
    const size = value === undefined ? 0 : typeof value === 'string' ? 1 : new Set(value).size
    return wanted.some((each) => compare(name, size, Number(each))) !== name.includes('Not')
  }
  const quantifier = /^For(?:AllValues|AnyValue)/.exec(name)?.[0]
  const isIfExists = name.endsWith('IfExists')
  const operator = name.replace(/^.*:/, '').replace(/IfExists$/, '')
  const isNegated = operator.includes('Not')
  if (value === undefined)
    return quantifier === 'ForAllValues' || (quantifier === undefined && (isNegated || isIfExists))
  const isMet = (each: string): boolean =>
    wanted.some((text) => meets(operator, each, String(text), facts)) !== isNegated
  if (typeof value === 'string')
    return isJunk([operator, key, value], wanted, facts) ? effect === 'Deny' : isMet(value)
  if (quantifier === undefined) return false
  return quantifier === 'ForAllValues' ? value.every(isMet) : value.some(isMet)
}

const conditionsOf = (block: ConditionBlock = {}): (readonly [string, string, readonly Scalar[]])[] =>
  Object.entries(block).flatMap(([name, keys]) =>
    Object.entries(keys).map(([key, values]) => [name, key, listOf<Scalar>(values)] as const),
  )

/** Whether a statement matches a request, of the layer of an account. */
export const matches = (
  { Effect, Action, NotAction, Resource, NotResource, Condition }: Statement,
  { action, resource, context }: AccessRequest,
  principal: Context,
): boolean => {
  const others = Object.entries(context).filter(([key]) => !key.startsWith('principal.'))
  const facts = { ...Object.fromEntries(others), ...principal }
  const isAction = listOf<string>(Action ?? NotAction).some((pattern) =>
    expressionOf(pattern.toLowerCase(), {}, true)?.test(action.toLowerCase()),
  )
  const isResource = listOf<string>(Resource ?? NotResource).some((pattern) =>
    expressionOf(pattern, facts, true)?.test(resource),
  )
  return (
    isAction === (Action !== undefined) &&
    isResource === (Resource !== undefined) &&
    conditionsOf(Condition).every((condition) => holds(condition, facts, Effect))
  )
}

/** The decision: any Deny denies, else every layer needs an Allow. */
export const decideByReference = (layers: readonly ReferenceLayer[], request: AccessRequest): Verdict => {
  const effects = layers.map(({ statements, principal }) =>
    statements.filter((each) => matches(each, request, principal)).map(({ Effect }) => Effect),
  )
  if (effects.some((each) => each.includes('Deny'))) return 'DENY_EXPLICIT'
  return effects.length > 0 && effects.every((each) => each.includes('Allow')) ? 'ALLOW' : 'DENY_IMPLICIT'
}
