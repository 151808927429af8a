import { createRequire } from 'node:module'
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs'
import type { Context } from '../../policies/engine/decide.ts'
import type { Scalar, Statement, Verdict } from '../../policies/language.ts'

/*
 * The same statements in Cedar, for what both languages have: patterns with `*` only, no variables, whole
 * numbers. Action and resource are attributes of the context, since Cedar's own have no patterns.
 */

export const cedar = createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs') as typeof Cedar

const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T]

const quoted = (text: Scalar): string => JSON.stringify(String(text))
const any = (terms: readonly string[]): string => `(${terms.length === 0 ? 'false' : terms.join(' || ')})`
const field = (key: string): string => `context[${quoted(key)}]`
const has = (key: string): string => `context has ${quoted(key)}`

const COMPARISONS: Readonly<Record<string, (key: string, value: Scalar) => string>> = {
  StringEquals: (key, value) => `${field(key)} == ${quoted(value)}`,
  StringLike: (key, value) => `${field(key)} like ${quoted(value)}`,
  NumericEquals: (key, value) => `${field(key)} == ${value}`,
  NumericLessThan: (key, value) => `${field(key)} < ${value}`,
  NumericGreaterThanEquals: (key, value) => `${field(key)} >= ${value}`,
  Bool: (key, value) => `${field(key)} == ${value}`,
  IpAddress: (key, value) => `${field(key)}.isInRange(ip(${quoted(value)}))`,
}

/** A negated operator as the positive one: it also holds when the key is missing. */
const POSITIVE: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotLike: 'StringLike',
  NotIpAddress: 'IpAddress',
}

const condition = (operator: string, key: string, values: readonly Scalar[]): string => {
  if (operator === 'Null')
    return any(values.map((value) => (String(value) === 'true' ? `!(${has(key)})` : `(${has(key)})`)))
  const positive = POSITIVE[operator]
  const compare = COMPARISONS[positive ?? operator]
  if (compare === undefined) throw new Error(`${operator} has no translation`)
  const met = any(values.map((value) => `(${compare(key, value)})`))
  return positive === undefined ? `(${has(key)} && ${met})` : `(!(${has(key)}) || !${met})`
}

const matches = (key: string, patterns: readonly string[]): string =>
  any(patterns.map((pattern) => `${field(key)} like ${quoted(pattern)}`))

export const toCedar = (statement: Statement): string => {
  const terms = [
    statement.Action === undefined
      ? `!${matches(
          'action',
          list(statement.NotAction).map((text) => text.toLowerCase()),
        )}`
      : matches(
          'action',
          list(statement.Action).map((text) => text.toLowerCase()),
        ),
    statement.Resource === undefined
      ? `!${matches('resource', list(statement.NotResource))}`
      : matches('resource', list(statement.Resource)),
    ...Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => condition(operator, key, list(values))),
    ),
  ]
  return `${statement.Effect === 'Allow' ? 'permit' : 'forbid'}(principal, action, resource) when { ${terms.join(' && ')} };`
}

const SOMEBODY = { type: 'Account', id: 'caller' }

/** What Cedar says of one layer that was prepared under this name. */
export const askCedar = (
  name: string,
  request: { action: string; resource: string; context: Context },
): Verdict => {
  const context = Object.fromEntries(
    Object.entries(request.context).map(([key, value]) => [
      key,
      key === 'request.ip' ? { __extn: { fn: 'ip', arg: String(value) } } : (value as Cedar.CedarValueJson),
    ]),
  )
  const answer = cedar.statefulIsAuthorized({
    principal: SOMEBODY,
    action: { type: 'Action', id: 'ask' },
    resource: { type: 'Thing', id: 'thing' },
    context: { ...context, action: request.action.toLowerCase(), resource: request.resource },
    preparsedPolicySetId: name,
    entities: [],
  })
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
  const { decision, diagnostics } = answer.response
  if (diagnostics.errors.length > 0) throw new Error(JSON.stringify(diagnostics.errors))
  if (decision === 'allow') return 'ALLOW'
  return diagnostics.reason.length > 0 ? 'DENY_EXPLICIT' : 'DENY_IMPLICIT'
}

/** Prepares a layer under a name. */
export const prepareCedar = (name: string, statements: readonly Statement[]): void => {
  const answer = cedar.preparsePolicySet(name, { staticPolicies: statements.map(toCedar).join('\n') })
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
}
