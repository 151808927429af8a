import { holdsAll, type CompiledStatement } from './compile.ts'
import type { Condition } from './condition.ts'
import { viewOf, type AccessRequest, type LayerKind, type OwnedLayer, type Verdict } from './decide.ts'
import type { Effect } from './language.ts'
import { indexOf, matchesStatementResource, statementsAbout, targetOf, type Target } from './layer.ts'
import type { View } from './template.ts'

/** A statement as people find it again. */
export interface StatementReport {
  readonly policy: string
  readonly hash: string
  readonly statement: number
  readonly sid: string | null
  readonly effect: Effect
  /** `file:line:col`, if that is known. */
  readonly source: string | null
}

/** A statement that would have allowed if one element had matched. */
export interface NearMiss extends StatementReport {
  readonly failed: 'action' | 'resource' | 'condition'
  readonly operator: string | null
  readonly key: string | null
  readonly expected: readonly string[]
  /** Null: the request has no such key. */
  readonly actual: readonly string[] | null
}

export interface LayerReport {
  readonly kind: LayerKind
  /** The account that owns the layer. */
  readonly principal: string
  readonly outcome: 'deny' | 'allow' | 'none'
  /** Every statement that matches: denials first. */
  readonly matched: readonly StatementReport[]
  /** Where the layer has no Allow. */
  readonly near_misses: readonly NearMiss[]
}

/** Why a request is decided as it is. `decision` is what {@link decide} says. */
export interface Explanation {
  readonly decision: Verdict
  /** The layer that decided, by its number in `layers`, and the Deny, if it was one. */
  readonly decided_by: { readonly layer: number; readonly statement: StatementReport | null } | null
  readonly layers: readonly LayerReport[]
  /** Keys that statements of the action ask for and the request does not have. */
  readonly missing_keys: readonly string[]
  /** For an implicit denial: what each layer lacks; any one of a layer's lines would do. */
  readonly would_allow_if: readonly string[]
}

const MAX_NEAR_MISSES = 5
/** How many statements are looked at for near misses. */
const MAX_EXAMINED = 64

const report = ({ policy, index, sid, effect, writtenAt }: CompiledStatement): StatementReport => ({
  policy: policy.name,
  hash: policy.hash,
  statement: index,
  sid: sid ?? null,
  effect,
  source: writtenAt ?? null,
})

const textsOf = (value: ReturnType<View['values']>): readonly string[] | null =>
  value === undefined ? null : typeof value === 'string' ? [value] : value

const failedCondition = ({ conditions }: CompiledStatement, view: View): Condition | undefined =>
  conditions.find(({ holds }) => !holds(view))

const conditionMiss = (statement: CompiledStatement, condition: Condition, view: View): NearMiss => ({
  ...report(statement),
  failed: 'condition',
  operator: condition.operatorName,
  key: condition.key,
  expected: condition.expected,
  actual: textsOf(view.values(condition.key)),
})

const elementMiss = (
  statement: CompiledStatement,
  failed: 'action' | 'resource',
  actual: string,
): NearMiss => ({
  ...report(statement),
  failed,
  operator: statement[failed].isComplement ? `Not${failed === 'action' ? 'Action' : 'Resource'}` : null,
  key: null,
  expected: statement[failed].sources,
  actual: [actual],
})

/** Allows that failed by one element only: by a condition first, then by the resource, then by the action. */
const nearMisses = (
  owned: OwnedLayer,
  { target, view, request }: { target: Target; view: View; request: AccessRequest },
): NearMiss[] => {
  const { allow } = indexOf(owned.layer, target.folded)
  const misses = statementsAbout(allow, target, view).flatMap((statement) => {
    const failed = failedCondition(statement, view)
    return failed === undefined ? [] : [conditionMiss(statement, failed, view)]
  })
  const fill = (
    statements: readonly CompiledStatement[],
    failed: 'action' | 'resource',
    actual: string,
    matchesTheRest: (statement: CompiledStatement) => boolean,
  ): void => {
    for (const statement of statements.slice(0, MAX_EXAMINED)) {
      if (misses.length >= MAX_NEAR_MISSES) return
      if (holdsAll(statement, view) && matchesTheRest(statement))
        misses.push(elementMiss(statement, failed, actual))
    }
  }
  const matches = (statement: CompiledStatement): boolean =>
    matchesStatementResource(statement, target.resource, view)
  fill(allow?.statements ?? [], 'resource', request.resource, (statement) => !matches(statement))
  const isOther = (statement: CompiledStatement): boolean =>
    statement.effect === 'Allow' && allow?.statements.includes(statement) !== true
  fill(
    owned.layer.statements,
    'action',
    request.action,
    (statement) => isOther(statement) && matches(statement),
  )
  return misses.slice(0, MAX_NEAR_MISSES)
}

const explainLayer = (owned: OwnedLayer, target: Target, request: AccessRequest): LayerReport => {
  const view = viewOf(owned, request)
  const { deny, allow } = indexOf(owned.layer, target.folded)
  const matching = (index: typeof deny): CompiledStatement[] =>
    statementsAbout(index, target, view).filter((statement) => holdsAll(statement, view))
  const [denials, allows] = [matching(deny), matching(allow)]
  return {
    kind: owned.kind,
    principal: String(owned.principal['principal.id'] ?? ''),
    outcome: denials.length > 0 ? 'deny' : allows.length > 0 ? 'allow' : 'none',
    matched: [...denials, ...allows].map(report),
    near_misses: allows.length > 0 ? [] : nearMisses(owned, { target, view, request }),
  }
}

const missingKeys = (layers: readonly OwnedLayer[], target: Target, request: AccessRequest): string[] => {
  const missing = new Set<string>()
  for (const owned of layers) {
    const view = viewOf(owned, request)
    const { deny, allow } = indexOf(owned.layer, target.folded)
    for (const index of [deny, allow])
      for (const key of index?.keys ?? []) if (view.values(key) === undefined) missing.add(key)
  }
  return [...missing].sort()
}

const sentence = (miss: NearMiss): string => {
  const what =
    miss.failed === 'condition'
      ? `${miss.key ?? ''} met ${miss.operator ?? ''}`
      : `the ${miss.failed} ${miss.operator === null ? 'matched' : 'matched none of'}`
  return `${what} ${miss.expected.slice(0, 3).join(' or ')} (${miss.policy} statement ${miss.sid ?? miss.statement})`
}

const wishes = (layers: readonly LayerReport[]): string[] =>
  layers
    .filter(({ outcome }) => outcome === 'none')
    .flatMap(({ kind, principal, near_misses: misses }) => {
      const whose = `${kind} layer of ${principal}`
      return misses.length === 0
        ? [`${whose}: a statement allowed it`]
        : misses.map((miss) => `${whose}: ${sentence(miss)}`)
    })

/** The decision with its reasons. Never cached and never needed to decide: it looks at every statement about the action. */
export const explain = (layers: readonly OwnedLayer[], request: AccessRequest): Explanation => {
  const target = targetOf(request.action, request.resource)
  const reports = layers.map((owned) => explainLayer(owned, target, request))
  const denied = reports.findIndex(({ outcome }) => outcome === 'deny')
  const lacking = reports.findIndex(({ outcome }) => outcome === 'none')
  const deciding = denied === -1 ? lacking : denied
  const decision =
    denied !== -1 ? 'DENY_EXPLICIT' : lacking !== -1 || layers.length === 0 ? 'DENY_IMPLICIT' : 'ALLOW'
  return {
    decision,
    decided_by:
      deciding === -1
        ? null
        : { layer: deciding, statement: denied === -1 ? null : (reports[denied]?.matched[0] ?? null) },
    layers: reports,
    missing_keys: missingKeys(layers, target, request),
    would_allow_if: decision === 'DENY_IMPLICIT' ? wishes(reports) : [],
  }
}
