// SPDX-License-Identifier: LGPL-3.0-or-later
import { holdsAll, type CompiledStatement } from './compile.ts'
import type { Condition } from './condition.ts'
import { viewOf, type AccessRequest, type LayerKind, type OwnedLayer } from './decide.ts'
import type { Effect, Verdict } from '../language.ts'
import { findStatement, indexOf, statementsAbout, targetOf, type EffectIndex, type Target } from './layer.ts'
import { findMisses, inLayerOrder, type Miss } from './near-misses.ts'
import { obstaclesOf, type Obstacles } from './obstacles.ts'
import { templatesIn } from './operands.ts'
import { variablesOf, type View } from './template.ts'

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

/**
 * What of a statement did not match. Long lists and texts are named by their beginning, and by how many there
 * are.
 */
interface FailedElement {
  readonly failed: 'action' | 'resource' | 'condition'
  readonly operator: string | null
  readonly key: string | null
  readonly expected: readonly string[]
  readonly expected_total: number
  /** Null: the request has no such key. */
  readonly actual: readonly string[] | null
  readonly actual_total: number
}

/**
 * A statement that would have allowed if this element had matched; of conditions, if the others that are
 * named had held as well.
 */
export interface NearMiss extends StatementReport, FailedElement {
  readonly also_failed: readonly FailedElement[]
}

/** What one layer says of a request. */
export interface LayerReport {
  readonly kind: LayerKind
  /** The account that owns the layer. */
  readonly principal: string
  readonly outcome: 'deny' | 'allow' | 'none'
  /** Statements that match: denials first, then in the order of the layer; the first twenty. */
  readonly matched: readonly StatementReport[]
  readonly matched_total: number
  /** Where the layer has no Allow: what comes nearest, at most five. */
  readonly near_misses: readonly NearMiss[]
}

/** Why a request is decided as it is. `decision` is what {@link decide} says. */
export interface Explanation {
  readonly decision: Verdict
  /** The layer that decided, by its number in `layers`, and the Deny, if it was one. */
  readonly decided_by: { readonly layer: number; readonly statement: StatementReport | null } | null
  readonly layers: readonly LayerReport[]
  /**
   * Keys that statements of the action ask for, in conditions or as variables without a default, and the
   * request does not have; at most 64.
   */
  readonly missing_keys: readonly string[]
  /**
   * For an implicit denial: what each layer without an Allow lacks. Any one line of a layer would do for it,
   * and no Deny of any layer would stand in the way; whether the other layers allow another action or
   * resource is their own question.
   */
  readonly would_allow_if: readonly string[]
}

const MAX_MATCHED = 20
const MAX_VALUES = 10
const MAX_CHARACTERS = 256
const MAX_MISSING_KEYS = 64

const shortened = (text: string): string =>
  text.length <= MAX_CHARACTERS
    ? text
    : `${text.slice(0, MAX_CHARACTERS - 1).replace(/\p{Surrogate}/gu, '\uFFFD')}…`

const firstOf = (texts: readonly string[], count = MAX_VALUES): readonly string[] => {
  const first = texts.length > count ? texts.slice(0, count) : texts
  return first.some((text) => text.length > MAX_CHARACTERS) ? first.map(shortened) : first
}

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

const failedElement = (
  failed: FailedElement['failed'],
  what: { operator: string | null; key: string | null },
  { expected, actual }: { expected: readonly string[]; actual: readonly string[] | null },
): FailedElement => ({
  failed,
  operator: what.operator,
  key: what.key,
  expected: firstOf(expected),
  expected_total: expected.length,
  actual: actual && firstOf(actual),
  actual_total: actual?.length ?? 0,
})

const failedCondition = ({ operatorName: operator, key, expected }: Condition, view: View): FailedElement =>
  failedElement('condition', { operator, key }, { expected, actual: textsOf(view.values(key)) })

/** How the failed element is called where the statement names it by its complement. */
const complementOf = (statement: CompiledStatement, failed: 'action' | 'resource'): string | null =>
  statement[failed].isComplement ? `Not${failed === 'action' ? 'Action' : 'Resource'}` : null

const nearMiss = (
  statement: CompiledStatement,
  { failed, operator, key, expected, expected_total, actual, actual_total }: FailedElement,
  also_failed: readonly FailedElement[] = [],
): NearMiss => ({
  ...report(statement),
  failed,
  operator,
  key,
  expected,
  expected_total,
  actual,
  actual_total,
  also_failed,
})

const missReport = (miss: Miss, view: View, request: AccessRequest): NearMiss => {
  const { statement } = miss
  if (miss.failed === 'condition') {
    const [first, ...others] = miss.conditions.map((condition) => failedCondition(condition, view))
    return nearMiss(statement, first as FailedElement, others)
  }
  const what = { operator: complementOf(statement, miss.failed), key: null }
  const values = { expected: statement[miss.failed].sources, actual: [request[miss.failed]] }
  return nearMiss(statement, failedElement(miss.failed, what, values))
}

interface Explained {
  readonly report: LayerReport
  readonly misses: readonly Miss[]
}

const explainLayer = (
  owned: OwnedLayer,
  { target, request, isShown }: { target: Target; request: AccessRequest; isShown: boolean },
): Explained => {
  const view = viewOf(owned, request)
  const { deny, allow } = indexOf(owned.layer, target.folded)
  const matching = (index: EffectIndex | undefined): readonly CompiledStatement[] =>
    inLayerOrder(
      owned.layer,
      statementsAbout(index, target, view).filter((statement) => holdsAll(statement, view)),
    )
  const [denials, allows] = [matching(deny), matching(allow)]
  const misses = allows.length > 0 || !isShown ? [] : findMisses(owned.layer, target, view)
  return {
    report: {
      kind: owned.kind,
      principal: String(owned.principal['principal.id'] ?? ''),
      outcome: denials.length > 0 ? 'deny' : allows.length > 0 ? 'allow' : 'none',
      matched: [...denials, ...allows].slice(0, MAX_MATCHED).map(report),
      matched_total: denials.length + allows.length,
      near_misses: misses.map((miss) => missReport(miss, view, request)),
    },
    misses,
  }
}

const neededBy = (template: Parameters<typeof variablesOf>[0]): string[] =>
  variablesOf(template).flatMap(({ key, fallback }) => (fallback === undefined ? [key] : []))

/** What the statements of an index ask for does not change: it is gathered once. */
const neededKeys = new WeakMap<EffectIndex, ReadonlySet<string>>()

const keysOf = (index: EffectIndex): ReadonlySet<string> => {
  const known = neededKeys.get(index)
  if (known !== undefined) return known
  const inVariables = index.statements.flatMap(({ resource, conditions }) => [
    ...resource.patterns.flatMap(neededBy),
    ...conditions.flatMap((condition) => templatesIn(condition).flatMap(neededBy)),
  ])
  const keys = new Set([...index.keys, ...inVariables])
  neededKeys.set(index, keys)
  return keys
}

const missingKeys = (layers: readonly OwnedLayer[], target: Target, request: AccessRequest): string[] => {
  const missing = new Set<string>()
  for (const owned of layers) {
    const view = viewOf(owned, request)
    const { deny, allow } = indexOf(owned.layer, target.folded)
    for (const index of [deny, allow])
      if (index !== undefined)
        for (const key of keysOf(index)) if (view.values(key) === undefined) missing.add(key)
  }
  return [...missing].sort().slice(0, MAX_MISSING_KEYS)
}

const alternatives = (expected: readonly string[]): string => firstOf(expected, 3).join(' or ')

/**
 * What a near miss lacks, as far as no Deny would deny it then; undefined if nothing of it can be promised.
 */
const suggestion = (miss: Miss, obstacles: Obstacles): string | undefined => {
  if (miss.failed === 'condition')
    return obstacles.areFree(miss.conditions)
      ? miss.conditions
          .map(({ key, operatorName, expected }) => `${key} met ${operatorName} ${alternatives(expected)}`)
          .join(' and ')
      : undefined
  const patterns = obstacles.freePatterns(miss.statement, miss.failed)
  const verb = miss.statement[miss.failed].isComplement ? 'matched none of' : 'matched'
  return patterns.length === 0 ? undefined : `the ${miss.failed} ${verb} ${alternatives(patterns)}`
}

const suggestions = (explained: readonly Explained[], obstacles: Obstacles): string[] =>
  explained
    .filter(({ report: { outcome } }) => outcome === 'none')
    .flatMap(({ report: { kind, principal }, misses }) => {
      const whose = `${kind} layer of ${principal}`
      const lines = misses.flatMap((miss) => {
        const { policy, sid, index } = miss.statement
        const text = suggestion(miss, obstacles)
        return text === undefined ? [] : [`${whose}: ${text} (${policy.name} statement ${sid ?? index})`]
      })
      return lines.length === 0 ? [`${whose}: a statement allowed it`] : lines
    })

/** The decision, read off the layers. The Deny is the one that {@link decide} finds first. */
const decisionOf = (
  layers: readonly OwnedLayer[],
  explained: readonly Explained[],
  { target, request }: { target: Target; request: AccessRequest },
): Pick<Explanation, 'decision' | 'decided_by'> => {
  const outcomes = explained.map(({ report: { outcome } }) => outcome)
  const layer = outcomes.includes('deny') ? outcomes.indexOf('deny') : outcomes.indexOf('none')
  const owned = layers[layer]
  if (owned === undefined)
    return { decision: layers.length === 0 ? 'DENY_IMPLICIT' : 'ALLOW', decided_by: null }
  const { deny } = indexOf(owned.layer, target.folded)
  const statement = deny && findStatement(deny, target, viewOf(owned, request))
  return statement === undefined
    ? { decision: 'DENY_IMPLICIT', decided_by: { layer, statement: null } }
    : { decision: 'DENY_EXPLICIT', decided_by: { layer, statement: report(statement) } }
}

/**
 * The decision with its reasons. Never cached and never needed to decide: it looks at every statement about
 * the action. For a layer that `isShown` refuses, it says what matches and not what nearly does: near misses
 * tell facts of its owner.
 */
export const explain = (
  layers: readonly OwnedLayer[],
  request: AccessRequest,
  isShown: (layer: OwnedLayer) => boolean = () => true,
): Explanation => {
  const target = targetOf(request.action, request.resource)
  const explained = layers.map((owned) => explainLayer(owned, { target, request, isShown: isShown(owned) }))
  const decided = decisionOf(layers, explained, { target, request })
  return {
    ...decided,
    layers: explained.map((each) => each.report),
    missing_keys: missingKeys(layers, target, request),
    would_allow_if:
      decided.decision === 'DENY_IMPLICIT'
        ? suggestions(explained, obstaclesOf(layers, request, target))
        : [],
  }
}
