// SPDX-License-Identifier: LGPL-3.0-or-later
import type { Verdict } from '../language.ts'
import type { CompiledStatement } from './compile.ts'
import { findStatement, indexOf, targetOf, type Layer } from './layer.ts'
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
  /** What holds of a key that the context does not have: kept, and not made anew for each question. */
  readonly otherwise?: Context
}

/** Facts of the owner of a layer: `principal.*` in its policies. */
export type PrincipalFacts = Readonly<Record<`principal.${string}`, ContextValue>>

/** `own`: what is attached to the account; `boundary`: what caps it. Each of them must allow. */
export type LayerKind = 'own' | 'boundary' | 'session'

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

/** How many values a view remembers; statements of one layer mostly ask for the same few. */
const REMEMBERED = 4

const textOrSet = (value: ContextValue | undefined): string | readonly string[] | undefined => {
  if (typeof value === 'object') return value.length === 0 ? undefined : value
  return typeof value === 'number' ? numberText(value) : value === undefined ? undefined : String(value)
}

/** What one layer after the other sees: one view for a question costs less than one for each layer. */
class LayerView implements View {
  #principal: PrincipalFacts = {}
  readonly #context: Context
  readonly #otherwise: Context | undefined
  #keys: string[] | undefined
  #values: (string | readonly string[] | undefined)[] | undefined

  constructor({ context, otherwise }: AccessRequest) {
    this.#context = context
    this.#otherwise = otherwise
  }

  /** Goes on to a layer of this owner; what is remembered of another is forgotten. */
  of(principal: PrincipalFacts): this {
    if (principal !== this.#principal) this.#keys = undefined
    this.#principal = principal
    return this
  }

  values(key: string): string | readonly string[] | undefined {
    const keys = (this.#keys ??= [])
    const values = (this.#values ??= [])
    const known = keys.indexOf(key)
    if (known !== -1) return values[known]
    const value = textOrSet(this.#valueOf(key))
    if (keys.length < REMEMBERED) values[keys.push(key) - 1] = value
    return value
  }

  #valueOf(key: string): ContextValue | undefined {
    const facts: Context = key.startsWith('principal.') ? this.#principal : this.#context
    if (Object.hasOwn(facts, key)) return facts[key]
    const otherwise = facts === this.#context ? this.#otherwise : undefined
    return otherwise !== undefined && Object.hasOwn(otherwise, key) ? otherwise[key] : undefined
  }
}

/** What the policies of a layer see: its owner as `principal.*`, everything else as the request has it. */
export const viewOf = ({ principal }: OwnedLayer, request: AccessRequest): View =>
  new LayerView(request).of(principal)

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
  const view = new LayerView(request)
  let lacking: OwnedLayer | undefined
  for (const layer of layers) {
    const { deny, allow } = indexOf(layer.layer, target.folded)
    view.of(layer.principal)
    const statement = deny && findStatement(deny, target, view)
    if (statement !== undefined) return { verdict: 'DENY_EXPLICIT', layer, statement }
    if (lacking !== undefined) continue
    const allowed = allow && findStatement(allow, target, view)
    if (allowed === undefined) lacking = layer
    else allowing?.push(allowed)
  }
  if (lacking !== undefined) return { verdict: 'DENY_IMPLICIT', layer: lacking, statement: undefined }
  return layers.length === 0 ? NOBODY : ALLOWED
}
