import type { CompiledStatement } from './compile.ts'
import type { Values } from './condition.ts'
import { findCandidate, matchesResource, targetOf, type Candidate, type Layer } from './layer.ts'
import type { Lookup } from './template.ts'

/** What a context key may hold; a set holds texts. */
export type ContextValue = string | number | boolean | readonly string[]
export type Context = Readonly<Record<string, ContextValue>>

/** A question: may this be done to that, under these circumstances? Action and resource in canonical form. */
export interface AccessRequest {
  readonly action: string
  readonly resource: string
  /** `caller.*`, `request.*` and what the asker passes. */
  readonly context: Context
}

/** Facts of the owner of a layer: `principal.*` in its policies. */
export type PrincipalFacts = Readonly<Record<`principal.${string}`, ContextValue>>

export type LayerKind = 'own' | 'boundary' | 'session'

/** A layer of one account on the way from the caller to the root. */
export interface OwnedLayer {
  readonly kind: LayerKind
  readonly principal: PrincipalFacts
  readonly layer: Layer
}

export type Verdict = 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_IMPLICIT'

export interface Decision {
  readonly verdict: Verdict
  /** The layer that decided: with an explicit denial that of the Deny, with an implicit one the first without an Allow; none for ALLOW. */
  readonly layer: OwnedLayer | undefined
  /** The Deny that decided. */
  readonly statement: CompiledStatement | undefined
}

/** The values of context keys as one layer sees them. */
export interface View {
  readonly values: Values
  readonly lookup: Lookup
}

/** What the policies of a layer see: its owner as `principal.*`, everything else as the request has it. */
export const viewOf = ({ principal }: OwnedLayer, { context }: AccessRequest): View => {
  const raw = (key: string): ContextValue | undefined => {
    const facts: Readonly<Record<string, ContextValue>> = key.startsWith('principal.') ? principal : context
    return Object.hasOwn(facts, key) ? facts[key] : undefined
  }
  return {
    values: (key) => {
      const value = raw(key)
      if (typeof value === 'object') return value.length === 0 ? undefined : value
      return value === undefined ? undefined : String(value)
    },
    lookup: (key) => {
      const value = raw(key)
      return value === undefined || typeof value === 'object' ? undefined : String(value)
    },
  }
}

export const holdsAll = ({ conditions }: CompiledStatement, { values, lookup }: View): boolean =>
  conditions.every((condition) => condition.holds(values, lookup))

const ALLOWED: Decision = { verdict: 'ALLOW', layer: undefined, statement: undefined }
const NOBODY: Decision = { verdict: 'DENY_IMPLICIT', layer: undefined, statement: undefined }

/**
 * The decision over all layers of a caller (policy.md section 3): a matching Deny anywhere denies; else every layer needs a matching Allow. No
 * layers at all deny. Whether accounts are active, tokens live and targets visible is decided before.
 */
export const decide = (layers: readonly OwnedLayer[], request: AccessRequest): Decision => {
  const target = targetOf(request.action, request.resource)
  const find = (owned: OwnedLayer, effect: 'deny' | 'allow'): Candidate | undefined => {
    const view = viewOf(owned, request)
    return findCandidate(
      owned.layer,
      target,
      effect,
      (candidate) =>
        matchesResource(candidate, target.resource, view.lookup) && holdsAll(candidate.statement, view),
    )
  }
  for (const layer of layers) {
    const denied = find(layer, 'deny')
    if (denied !== undefined) return { verdict: 'DENY_EXPLICIT', layer, statement: denied.statement }
  }
  for (const layer of layers)
    if (find(layer, 'allow') === undefined) return { verdict: 'DENY_IMPLICIT', layer, statement: undefined }
  return layers.length === 0 ? NOBODY : ALLOWED
}
