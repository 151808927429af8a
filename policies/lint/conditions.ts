import { actionsMatching, isAlwaysThere, keyOf, type Catalogue, type DeclaredAction } from '../catalogue.ts'
import { listOf } from '../engine/condition.ts'
import type { JsonNode } from '../text/json.ts'
import { isOfAccount, isOfWhole, parseOperator, type Scalar, type Statement } from '../language.ts'
import { parseTemplate, type Template } from '../engine/template.ts'
import { guardedKeys, type WrittenCondition } from '../validate/condition.ts'
import { parseDate } from '../engine/values.ts'
import { RESOURCE_SEGMENT } from '../names.ts'
import type { Warning } from './warning.ts'

/** One operator on one key. */
interface Written {
  readonly operatorName: string
  readonly key: string
  readonly parsed: ReturnType<typeof parseOperator>
  readonly values: readonly string[]
}

const conditionsOf = ({ Condition = {} }: Statement): Written[] =>
  Object.entries(Condition).flatMap(([operatorName, keys]) =>
    Object.entries(keys).map(([key, values]) => ({
      operatorName,
      key,
      parsed: parseOperator(operatorName),
      values: listOf<Scalar>(values).map(String),
    })),
  )

/** As the validator reads it, without a place: what guards a key is one question with one answer. */
const asWritten = ({ operatorName, key, parsed, values }: Written): WrittenCondition => {
  const items = values.map((value): JsonNode => ({ kind: 'string', at: 0, end: 0, value }))
  const member = { key, keyAt: 0, value: { kind: 'array', at: 0, end: 0, items } as const }
  return { operatorName, operatorAt: 0, key, keyAt: 0, parsed, member }
}

/** The declared actions that a statement is about. */
const actionsOf = ({ Action, NotAction }: Statement, catalogue: Catalogue): readonly DeclaredAction[] => {
  const patterns = new Set(listOf<string>(Action ?? NotAction ?? []))
  const named = new Set([...patterns].flatMap((pattern) => actionsMatching(catalogue, pattern)))
  return Action === undefined
    ? [...catalogue.actions.values()].filter((action) => !named.has(action))
    : [...named]
}

/** Whether every request that the statement may match has the key, whatever its conditions. */
const isAlwaysIn = (statement: Statement, key: string, catalogue: Catalogue): boolean =>
  keyOf(catalogue, key)?.always === true && isAlwaysThere(catalogue, key, actionsOf(statement, catalogue))

function* lintValues({ operatorName, key, parsed, values }: Written, now: number): Generator<Warning> {
  const family = parsed?.operator.family
  for (const value of values) {
    const hasWildcards = /[*?]/.test(value.replace(/\$\{[^}]*\}/g, ''))
    if (family === 'like' && !hasWildcards)
      yield {
        code: 'W_LIKE_WITHOUT_WILDCARD',
        message: `${operatorName} with ${JSON.stringify(value)} is an equality`,
      }
    if (family === 'string' && hasWildcards)
      yield {
        code: 'W_WILDCARD_IN_EQUALS',
        message: `${operatorName} takes ${JSON.stringify(value)} character by character`,
      }
    if (family === 'date' && key === 'request.time' && (parseDate(value) ?? now) < now)
      yield { code: 'W_PAST_DATE', message: `${value} is over: the condition no longer changes` }
  }
}

/** A negated operator of an Allow that holds for more than it seems to. */
function* lintNegation(
  { operatorName, key, parsed }: Written,
  isRequired: (key: string) => boolean,
): Generator<Warning> {
  if (parsed?.operator.negated !== true || isOfWhole(parsed.operator)) return
  if (parsed.quantifier === 'any')
    yield {
      code: 'W_NEG_MISSING',
      message: `${operatorName} holds as soon as one value of ${key} is another`,
      hint: `If none may be among these, write ForAllValues: with {"Null": {"${key}": "false"}}.`,
    }
  else if (!parsed.ifExists && !isRequired(key))
    yield { code: 'W_NEG_MISSING', message: `${operatorName} also holds when ${key} is missing` }
}

/** A condition of a Deny that a question passes by not having its key, which its asker may leave out. */
function* lintDenial(
  { operatorName, key, parsed }: Written,
  isRequired: (key: string) => boolean,
): Generator<Warning> {
  if (parsed === undefined || isOfWhole(parsed.operator)) return
  const { operator, quantifier, ifExists } = parsed
  const failsWhenMissing = quantifier === 'any' || (quantifier === 'one' && !operator.negated && !ifExists)
  // An account without the attribute is not one of those that are meant.
  if (failsWhenMissing && !isOfAccount(key) && !isRequired(key))
    yield {
      code: 'W_DENY_MISSING',
      message: `this does not deny when ${key} is missing`,
      hint: `Write ${operatorName}IfExists if it should, or add {"Null": {"${key}": "false"}} if it should not.`,
    }
}

/** The keys of which the conditions say themselves what their absence means. */
const settledKeys = (conditions: readonly Written[]): ReadonlySet<string> =>
  new Set(conditions.filter(({ operatorName }) => operatorName === 'Null').map(({ key }) => key))

/** Once it was always there, and false where there was no second factor. */
const isMfaFalse = ({ operatorName, key, values }: Written): boolean =>
  key === 'request.mfa' && operatorName === 'Bool' && values.includes('false')

const pointerOf = ({ operatorName, key }: Written): string => `/Condition/${operatorName}/${key}`

/**
 * What each condition of a statement means for requests that do not have its key; `isAlways`: whether every
 * request that the statement is about has a key, whatever its conditions.
 */
const createLintMissing = (
  { Effect }: Pick<Statement, 'Effect'>,
  conditions: readonly Written[],
  isAlways: (key: string) => boolean,
): ((condition: Written) => Generator<Warning>) => {
  const guarded = guardedKeys(conditions.map(asWritten))
  // A condition that fails without its key guards the key in an Allow; in a Deny that is the trap.
  const settled = settledKeys(conditions)
  return (condition) =>
    Effect === 'Allow'
      ? lintNegation(condition, (key) => guarded.has(key) || isAlways(key))
      : lintDenial(condition, (key) => settled.has(key) || isAlways(key))
}

/** What conditions say that they hardly mean. `now` in epoch milliseconds. */
export function* lintConditions(
  statement: Statement,
  { catalogue, now }: { catalogue: Catalogue; now: number },
): Generator<Warning> {
  const conditions = conditionsOf(statement)
  const settled = settledKeys(conditions)
  const lintMissing = createLintMissing(statement, conditions, (key) => isAlwaysIn(statement, key, catalogue))
  for (const condition of conditions) {
    const pointer = pointerOf(condition)
    if (isMfaFalse(condition) && !settled.has(condition.key)) {
      const message = 'request.mfa is false in no request that the server makes: it is left out'
      yield { code: 'W_MFA_FALSE', message, pointer }
      continue
    }
    for (const warnings of [lintValues(condition, now), lintMissing(condition)])
      for (const warning of warnings) yield { ...warning, pointer }
  }
}

/**
 * Whether requests of a statement may lack a key now that had it before: those for an action whose key was
 * always there, and those for an action that is new where it was always there for all the others.
 */
const mayLackNow = (
  statement: Statement,
  key: string,
  { before, after }: { before: Catalogue; after: Catalogue },
): boolean => {
  if (before.keys.get(key)?.always !== true) return false
  const wasInAll = isAlwaysIn(statement, key, before)
  return actionsOf(statement, after).some((action) => {
    const present = before.actions.get(action.name)
    const was = present === undefined ? wasInAll : isAlwaysThere(before, key, [present])
    return was && !isAlwaysThere(after, key, [action])
  })
}

/**
 * The conditions by which a statement denies less, or allows more, since other services are declared: a key
 * that every request had may be missing. What says itself what a missing key means is none of them.
 */
export const loosenedConditions = (
  statement: Statement,
  catalogues: { readonly before: Catalogue; readonly after: Catalogue },
): Warning[] => {
  const conditions = conditionsOf(statement)
  const lackable = new Set(
    conditions.map(({ key }) => key).filter((key) => mayLackNow(statement, key, catalogues)),
  )
  if (lackable.size === 0) return []
  const lintMissing = createLintMissing(statement, conditions, (key) => !lackable.has(key))
  // In an Allow, no request without the key meets ForAnyValue: what is said of it is not about that.
  const isMet = ({ parsed }: Written): boolean => statement.Effect === 'Deny' || parsed?.quantifier !== 'any'
  return conditions
    .filter((condition) => lackable.has(condition.key) && isMet(condition))
    .flatMap((condition) =>
      [...lintMissing(condition)].map((warning) => ({ ...warning, pointer: pointerOf(condition) })),
    )
}

/** Conditions that no request meets together, or by itself. */
function* unmeetable(statement: Statement, catalogue: Catalogue): Generator<Warning> {
  const conditions = conditionsOf(statement)
  const absent = conditions.filter(
    ({ operatorName, values }) => operatorName === 'Null' && values.every((text) => text === 'true'),
  )
  for (const { key } of absent) {
    if (isAlwaysIn(statement, key, catalogue))
      yield { code: 'W_UNREACHABLE', message: `every request has ${key}: it is never absent` }
    const needing = conditions.find(({ key: other, parsed }) => {
      if (other !== key || parsed === undefined || isOfWhole(parsed.operator) || parsed.ifExists) return false
      return parsed.quantifier === 'any' || (parsed.quantifier === 'one' && !parsed.operator.negated)
    })
    if (needing !== undefined)
      yield { code: 'W_UNREACHABLE', message: `${key} cannot be absent and meet ${needing.operatorName}` }
  }
}

/** A resource of requests; what a wildcard or a variable stands for is taken for a letter. */
const CANONICAL = new RegExp(`^[A-Za-z0-9-]+(?:/${RESOURCE_SEGMENT})+$`)

const sample = (template: Template, textOf: (key: string, fallback: string | undefined) => string): string =>
  template
    .map((part) => {
      if (typeof part === 'string') return part
      if ('key' in part) return textOf(part.key, part.fallback)
      return part.map((unit) => (unit < 0 ? 'a' : String.fromCharCode(unit))).join('')
    })
    .join('')

/** Why a pattern matches no resource, always or by its defaults; undefined if it may match one. */
const whyDead = (pattern: string): string | undefined => {
  const template = parseTemplate(pattern, 'glob')
  if (pattern === '*' || template === undefined) return undefined
  if (!CANONICAL.test(sample(template, () => 'a')))
    return `${pattern} matches no resource that a request can have`
  const part = template.find(
    (each) =>
      typeof each === 'object' &&
      'key' in each &&
      each.fallback !== undefined &&
      !CANONICAL.test(sample(template, (key, fallback) => (key === each.key ? (fallback ?? 'a') : 'a'))),
  )
  if (part === undefined || typeof part === 'string' || !('key' in part)) return undefined
  return `${pattern} matches no resource where ${part.key} is missing: its default cannot stand there`
}

/** What makes a statement match nothing, whatever is asked. */
export function* lintReach(statement: Statement, catalogue: Catalogue): Generator<Warning> {
  const { NotAction, Resource, NotResource } = statement
  yield* unmeetable(statement, catalogue)
  for (const [name, complement] of Object.entries({ NotAction, NotResource }))
    if (complement !== undefined && listOf<string>(complement).includes('*'))
      yield { code: 'W_UNREACHABLE', message: `${name} * leaves nothing that the statement is about` }
  for (const pattern of listOf<string>(Resource ?? NotResource ?? [])) {
    const message = whyDead(pattern)
    if (message !== undefined) yield { code: 'W_UNREACHABLE', message }
  }
}
