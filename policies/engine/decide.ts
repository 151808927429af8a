// SPDX-License-Identifier: LGPL-3.0-or-later
import type { Verdict } from '../language.ts'
import type { CompiledStatement } from './compile.ts'
import { findStatement, indexOf, targetOf, type Layer } from './layer.ts'
import { standsAt } from './match.ts'
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
  /** What holds of a key that the context does not have; asked only for keys that a statement looks at. */
  otherwise?(key: string): ContextValue | undefined
  /** Whose the layers are that name nobody: accounts that hold the same share them. */
  readonly owner?: PrincipalFacts
}

/** Facts of the owner of a layer: `principal.*` in its policies. */
export type PrincipalFacts = Readonly<Record<`principal.${string}`, ContextValue>>

/** `own`: what is attached to the account; `boundary`: what caps it. Each of them must allow. */
export type LayerKind = 'own' | 'boundary' | 'session'

/** A layer of an account; without a `principal` it is of the owner that the request names. */
export interface HeldLayer {
  readonly kind: LayerKind
  readonly principal: PrincipalFacts | undefined
  readonly layer: Layer
}

/** A layer of one account on the way from the caller to the root. */
export interface OwnedLayer extends HeldLayer {
  readonly principal: PrincipalFacts
}

/** What is decided, and what decided it. */
export interface Decision<L = OwnedLayer> {
  readonly verdict: Verdict
  /**
   * The layer that decided: with an explicit denial that of the Deny, with an implicit one the first without
   * an Allow; none for ALLOW.
   */
  readonly layer: L | undefined
  /** The Deny that decided. */
  readonly statement: CompiledStatement | undefined
}

const textOrSet = (value: ContextValue | undefined): string | readonly string[] | undefined => {
  if (typeof value === 'object') return value.length === 0 ? undefined : value
  return typeof value === 'number' ? numberText(value) : value === undefined ? undefined : String(value)
}

/** What a record has of its own: no key names what every object has. */
export const ownValue = (record: Context, key: string): ContextValue | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

/** No account's. */
const NOBODYS: PrincipalFacts = {}

/** What one layer after the other sees: one view for a question costs less than one for each layer. */
class LayerView implements View {
  #principal: PrincipalFacts = NOBODYS
  readonly #request: AccessRequest
  /** The values that were looked up last, and of which keys: statements mostly ask for the same few. */
  #key: string | undefined
  #value: string | readonly string[] | undefined
  #otherKey: string | undefined
  #otherValue: string | readonly string[] | undefined

  constructor(request: AccessRequest) {
    this.#request = request
  }

  /** Goes on to a layer of this owner; what is remembered of another is forgotten. */
  of(principal: PrincipalFacts): this {
    if (principal !== this.#principal) this.#key = this.#otherKey = undefined
    this.#principal = principal
    return this
  }

  values(key: string): string | readonly string[] | undefined {
    if (key === this.#key) return this.#value
    if (key === this.#otherKey) return this.#otherValue
    this.#otherKey = this.#key
    this.#otherValue = this.#value
    this.#key = key
    return (this.#value = textOrSet(this.#valueOf(key)))
  }

  #valueOf(key: string): ContextValue | undefined {
    if (standsAt(key, 'principal.')) return ownValue(this.#principal, key)
    return ownValue(this.#request.context, key) ?? this.#request.otherwise?.(key)
  }
}

/** What the policies of a layer see: its owner as `principal.*`, everything else as the request has it. */
export const viewOf = ({ principal }: OwnedLayer, request: AccessRequest): View =>
  new LayerView(request).of(principal)

const ALLOWED: Decision<never> = { verdict: 'ALLOW', layer: undefined, statement: undefined }
const NOBODY: Decision<never> = { verdict: 'DENY_IMPLICIT', layer: undefined, statement: undefined }

/**
 * The decision over all layers of a caller: a matching Deny anywhere denies; else every
 * layer needs a matching Allow. No layers at all deny. Whether accounts are active, tokens live and targets
 * visible is decided before. Where it is allowed, the Allow of each layer is put into `allowing`, in their
 * order. A layer that names no owner allows nothing if the request names none either.
 */
export const decide = <L extends HeldLayer>(
  layers: readonly L[],
  request: AccessRequest,
  allowing?: CompiledStatement[],
): Decision<L> => {
  const target = targetOf(request.action, request.resource)
  const view = new LayerView(request)
  let lacking: L | undefined
  for (const layer of layers) {
    const owner = layer.principal ?? request.owner
    if (owner === undefined) return { verdict: 'DENY_IMPLICIT', layer, statement: undefined }
    view.of(owner)
    const { deny, allow } = indexOf(layer.layer, target.folded)
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
