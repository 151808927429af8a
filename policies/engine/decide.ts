import type { Verdict } from '../language.ts'
import type { CompiledStatement } from './compile.ts'
import { findStatement, indexOf, targetOf, type EffectIndex, type Layer } from './layer.ts'
import type { View } from './template.ts'
import { numberText } from './values.ts'

/** What a context key may hold; a set holds texts. */
export type ContextValue = string | number | boolean | readonly string[]
/** The circumstances of a question, by context key. */
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

/** `own`: what is attached to the account; `boundary`: what caps it. Each of them must allow. */
export type LayerKind = 'own' | 'boundary'

/** A layer of one account on the way from the caller to the root. */
export interface OwnedLayer {
  readonly kind: LayerKind
  readonly principal: PrincipalFacts
  readonly layer: Layer
}

/** What is decided, and what decided it. */
export interface Decision {
  readonly verdict: Verdict
  /**
   * The layer that decided: with an explicit denial that of the Deny, with an implicit one the first without
   * an Allow; none for ALLOW.
   */
  readonly layer: OwnedLayer | undefined
  /** The Deny that decided. */
  readonly statement: CompiledStatement | undefined
}

class LayerView implements View {
  readonly #principal: PrincipalFacts
  readonly #context: Context

  constructor(principal: PrincipalFacts, context: Context) {
    this.#principal = principal
    this.#context = context
  }

  values(key: string): string | readonly string[] | undefined {
    const facts: Readonly<Record<string, ContextValue>> = key.startsWith('principal.')
      ? this.#principal
      : this.#context
    const value = Object.hasOwn(facts, key) ? facts[key] : undefined
    if (typeof value === 'object') return value.length === 0 ? undefined : value
    return typeof value === 'number' ? numberText(value) : value === undefined ? undefined : String(value)
  }
}

/** What the policies of a layer see: its owner as `principal.*`, everything else as the request has it. */
export const viewOf = ({ principal }: OwnedLayer, { context }: AccessRequest): View =>
  new LayerView(principal, context)

const ALLOWED: Decision = { verdict: 'ALLOW', layer: undefined, statement: undefined }
const NOBODY: Decision = { verdict: 'DENY_IMPLICIT', layer: undefined, statement: undefined }

/**
 * The decision over all layers of a caller: a matching Deny anywhere denies; else every
 * layer needs a matching Allow. No layers at all deny. Whether accounts are active, tokens live and targets
 * visible is decided before. Where it is allowed, the Allow of each layer is put into `allowing`, in their
 * order.
 */
export const decide = (
  layers: readonly OwnedLayer[],
  request: AccessRequest,
  allowing?: CompiledStatement[],
): Decision => {
  const target = targetOf(request.action, request.resource)
  const found = (layer: OwnedLayer, index: EffectIndex | undefined): CompiledStatement | undefined =>
    index && findStatement(index, target, viewOf(layer, request))
  const indexes = layers.map(({ layer }) => indexOf(layer, target.folded))
  for (const [i, layer] of layers.entries()) {
    const statement = found(layer, indexes[i]?.deny)
    if (statement !== undefined) return { verdict: 'DENY_EXPLICIT', layer, statement }
  }
  for (const [i, layer] of layers.entries()) {
    const statement = found(layer, indexes[i]?.allow)
    if (statement === undefined) return { verdict: 'DENY_IMPLICIT', layer, statement: undefined }
    allowing?.push(statement)
  }
  return layers.length === 0 ? NOBODY : ALLOWED
}
