import { actionsMatching, keyOf, type Catalogue } from './catalogue.ts'
import { listOf } from './condition.ts'
import { covers, symbolsOf } from './covers.ts'
import { DIAGNOSTICS, type DiagnosticCode } from './diagnostic-kinds.ts'
import type { Diagnostic } from './diagnostics.ts'
import { parseOperator, type PolicyDocument, type Scalar, type Statement } from './language.ts'
import { parseTemplate } from './template.ts'
import { parseDate } from './values.ts'

/** A document that the validator has passed, with the place of each statement. */
export interface LintedDocument {
  readonly document: PolicyDocument
  /** `file:line:col` of each statement. */
  readonly writtenAt: readonly string[]
}

interface Finding {
  readonly statement: number
  readonly code: DiagnosticCode
  readonly message: string
}

interface Written {
  readonly operatorName: string
  readonly key: string
  readonly values: readonly string[]
}

const patternsOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : listOf(value)

const conditionsOf = ({ Condition = {} }: Statement): Written[] =>
  Object.entries(Condition).flatMap(([operatorName, keys]) =>
    Object.entries(keys).map(([key, values]) => ({
      operatorName,
      key,
      values: listOf<Scalar>(values).map(String),
    })),
  )

/** Whether the first pattern covers the second; both have passed the validator. */
const isCovered = (wide: string, narrow: string): boolean => {
  const [a, b] = [parseTemplate(wide, 'glob'), parseTemplate(narrow, 'glob')]
  return a !== undefined && b !== undefined && covers(symbolsOf(a), symbolsOf(b))
}

const areCovered = (wide: readonly string[], narrow: readonly string[]): boolean =>
  narrow.every((pattern) => wide.some((other) => isCovered(other, pattern)))

/** The first pattern that another of the list makes superfluous. */
const redundant = (patterns: readonly string[]): string | undefined =>
  patterns.find((pattern, i) =>
    patterns.some(
      (other, j) => i !== j && isCovered(other, pattern) && (j < i || !isCovered(pattern, other)),
    ),
  )

/** Actions by which an account could give itself, or another, more than it has. */
const ESCALATING =
  /^authctl:(?:(?:Put|Delete|Attach|Detach|Apply)Polic\w+|PutAttachments|SetBoundary|RotateKey|RevokeKey)$/

function* lintBreadth(statement: Statement, catalogue: Catalogue): Generator<[DiagnosticCode, string]> {
  if (statement.Effect !== 'Allow') return
  const actions = patternsOf(statement.Action)
  const resources = patternsOf(statement.Resource)
  if (statement.NotAction !== undefined || statement.NotResource !== undefined)
    yield ['W_ALLOW_NOT', 'an Allow by complement grows with everything that is added later']
  if (actions.includes('*') && resources.includes('*')) return yield ['W_STAR_STAR', 'this allows everything']
  const broad = actions.find((action) => action === '*' || action.endsWith(':*'))
  if (broad !== undefined) yield ['W_BROAD_ACTION', `${broad} also allows actions that are added later`]
  if (resources.includes('*')) yield ['W_BROAD_RESOURCE', 'Resource * is every resource of these actions']
  const escalating = actions
    .flatMap((pattern) => actionsMatching(catalogue, pattern))
    .find(({ name }) => ESCALATING.test(name))
  if (escalating !== undefined) yield ['W_ESCALATION', `${escalating.name} changes what others may do`]
}

function* lintPatterns(statement: Statement): Generator<[DiagnosticCode, string]> {
  const action = redundant(patternsOf(statement.Action ?? statement.NotAction))
  if (action !== undefined)
    yield ['W_REDUNDANT_ACTION', `${action} is covered by another pattern of the list`]
  const resource = redundant(patternsOf(statement.Resource ?? statement.NotResource))
  if (resource !== undefined)
    yield ['W_REDUNDANT_RESOURCE', `${resource} is covered by another pattern of the list`]
}

function* lintValues({ operatorName, values }: Written, now: number): Generator<[DiagnosticCode, string]> {
  const family = parseOperator(operatorName)?.operator.family
  for (const value of values) {
    const hasWildcards = /[*?]/.test(value.replace(/\$\{[^}]*\}/g, ''))
    if (family === 'like' && !hasWildcards)
      yield ['W_LIKE_WITHOUT_WILDCARD', `${operatorName} with ${JSON.stringify(value)} is an equality`]
    if (family === 'string' && hasWildcards)
      yield ['W_WILDCARD_IN_EQUALS', `${operatorName} takes ${JSON.stringify(value)} character by character`]
    if (family === 'date' && (parseDate(value) ?? now) < now)
      yield ['W_PAST_DATE', `${value} is over: the condition no longer changes`]
  }
}

function* lintConditions(
  statement: Statement,
  { catalogue, now }: { catalogue: Catalogue; now: number },
): Generator<[DiagnosticCode, string]> {
  const conditions = conditionsOf(statement)
  const isRequired = (key: string): boolean =>
    keyOf(catalogue, key)?.always === true ||
    conditions.some(
      (other) =>
        other.key === key && other.operatorName === 'Null' && other.values.every((text) => text === 'false'),
    )
  for (const condition of conditions) {
    yield* lintValues(condition, now)
    const operator = parseOperator(condition.operatorName)?.operator
    if (statement.Effect === 'Allow' && operator?.negated === true && !isRequired(condition.key))
      yield ['W_NEG_MISSING', `${condition.operatorName} also holds when ${condition.key} is missing`]
  }
  const nulls = conditions.filter(({ operatorName }) => operatorName === 'Null')
  const absent = nulls.filter(({ values }) => values.every((text) => text === 'true')).map(({ key }) => key)
  const needed = conditions.find(({ operatorName, key }) => {
    const parsed = parseOperator(operatorName)
    return (
      operatorName !== 'Null' &&
      absent.includes(key) &&
      parsed?.operator.negated === false &&
      !parsed.ifExists
    )
  })
  if (needed !== undefined && !needed.operatorName.startsWith('ForAllValues:'))
    yield ['W_UNREACHABLE', `${needed.key} cannot be absent and meet ${needed.operatorName}`]
}

const isUnconditional = ({ Condition = {} }: Statement): boolean => Object.keys(Condition).length === 0

/** Whether the first statement is about everything that the second is about, whatever the conditions of the second. */
const isAboutAllOf = (wide: Statement, narrow: Statement): boolean =>
  wide.Action !== undefined &&
  wide.Resource !== undefined &&
  narrow.Action !== undefined &&
  narrow.Resource !== undefined &&
  isUnconditional(wide) &&
  areCovered(patternsOf(wide.Action), patternsOf(narrow.Action)) &&
  areCovered(patternsOf(wide.Resource), patternsOf(narrow.Resource))

function* lintPairs(statements: readonly Statement[]): Generator<Finding> {
  for (const [index, narrow] of statements.entries()) {
    const coverer = statements.findIndex(
      (wide, other) =>
        other !== index && isAboutAllOf(wide, narrow) && (other < index || !isAboutAllOf(narrow, wide)),
    )
    if (coverer === -1) continue
    const wide = statements[coverer] as Statement
    const name = wide.Sid ?? `statement ${coverer}`
    if (wide.Effect === narrow.Effect)
      yield { statement: index, code: 'W_REDUNDANT_STATEMENT', message: `${name} says it already` }
    else if (wide.Effect === 'Deny')
      yield { statement: index, code: 'W_SHADOWED', message: `${name} denies all that this allows` }
  }
}

const findingsOf = (
  statements: readonly Statement[],
  options: { catalogue: Catalogue; now: number },
): Finding[] => [
  ...statements.flatMap((statement, index) =>
    [
      ...lintBreadth(statement, options.catalogue),
      ...lintPatterns(statement),
      ...lintConditions(statement, options),
    ].map(([code, message]): Finding => ({ statement: index, code, message })),
  ),
  ...lintPairs(statements),
]

/** What is legal and probably not meant, statement by statement. `now` in epoch milliseconds. */
export const lintDocument = (
  { document, writtenAt }: LintedDocument,
  options: { readonly catalogue: Catalogue; readonly now: number },
): Diagnostic[] =>
  findingsOf(document.Statement, options)
    .sort((a, b) => a.statement - b.statement)
    .map(({ statement, code, message }) => {
      const [, file = '', line = '1', column = '1'] =
        /^(.*):(\d+):(\d+)$/.exec(writtenAt[statement] ?? '') ?? []
      const { severity, fix: hint } = DIAGNOSTICS[code]
      return {
        code,
        severity,
        message,
        file,
        line: Number(line),
        column: Number(column),
        hint,
        suggestion: null,
      }
    })
