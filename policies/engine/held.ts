// SPDX-License-Identifier: LGPL-3.0-or-later
import { MAX_BOUNDARIES, MAX_COMPARISONS, MAX_POLICIES } from '../language.ts'
import { compilePolicy, type CompiledPolicy } from './compile.ts'
import type { HeldLayer, OwnedLayer, PrincipalFacts } from './decide.ts'
import { principalFacts, type Subject } from './facts.ts'
import { createLayer, type Layer } from './layer.ts'

/** The namespace of those who stand at the top; every other is the id of the account that owns it. */
export const ROOT_NAMESPACE = 'root'

/** Whose policies an account is subject to: the root's and those of the accounts above it, top first. */
export const namespacesAbove = ({ path }: Pick<Subject, 'path'>): string[] => [
  ROOT_NAMESPACE,
  ...path.split('/').slice(0, -1),
]

/** What is attached to an account, or to those it belongs to, by full names. */
export interface Attached {
  readonly policies: readonly string[]
  readonly boundary: string | null
}

/** Every policy that an account has, and every boundary, by full names. */
export interface Held {
  readonly policies: readonly string[]
  readonly boundaries: readonly string[]
}

/** What the attachments of the namespaces above an account give it, and then what is attached to itself. */
export const heldBy = (
  account: Attached & Pick<Subject, 'path'>,
  attachedIn: (namespace: string) => readonly Attached[],
): { policies: string[]; boundaries: string[] } => {
  const all = [...namespacesAbove(account).flatMap(attachedIn), account]
  const boundaries = all.flatMap(({ boundary }) => boundary ?? [])
  return {
    policies: [...new Set(all.flatMap(({ policies }) => policies))],
    boundaries: [...new Set(boundaries)],
  }
}

/** Stands for what cannot be asked: it denies everything, and explanations name it. */
const shut = (name: string, sid: string): CompiledPolicy => {
  const Statement = [{ Sid: sid, Effect: 'Deny', Action: '*', Resource: '*' } as const]
  return compilePolicy({ Statement }, { name, hash: sid })
}

/** The layer of an account that has more policies than may be asked (BOUNDS). */
const TOO_MUCH = createLayer([shut('limits', 'TooManyPolicies')])

/** How many layers are kept at hand. */
const MAX_KEPT = 20_000

/** Layers of which those that name nobody are of this owner. */
export const ownedBy = (owner: PrincipalFacts, layers: readonly HeldLayer[]): OwnedLayer[] =>
  layers.map(({ kind, principal = owner, layer }) => ({ kind, principal, layer }))

/** Makes the layers of accounts out of the policies of one state, each layer once for all who have it. */
export class HeldLayers {
  readonly #find: (full: string) => CompiledPolicy | undefined
  readonly #layers = new Map<string, Layer>()

  /** `find`: the policy of a full name. */
  constructor(find: (full: string) => CompiledPolicy | undefined) {
    this.#find = find
  }

  /** The layers of one account alone: its own, and one for each boundary. */
  of(account: Subject, held: Held): OwnedLayer[] {
    return ownedBy(principalFacts(account), this.layersOf(held))
  }

  /** The layers that these make, without their owner. */
  layersOf(held: Held): HeldLayer[] {
    const principal = undefined
    if (this.isTooMuch(held)) return [{ kind: 'own', principal, layer: TOO_MUCH }]
    const boundaries = held.boundaries.map((name) => this.layerOf([name]))
    return [
      { kind: 'own', principal, layer: this.layerOf(held.policies) },
      ...boundaries.map((layer): HeldLayer => ({ kind: 'boundary', principal, layer })),
    ]
  }

  /** The layer that a token for an account is narrowed to: these policies, by their full names. */
  session(account: Subject, policies: readonly string[]): OwnedLayer {
    const layer = this.isTooMuch({ policies, boundaries: [] }) ? TOO_MUCH : this.layerOf(policies)
    return { kind: 'session', principal: principalFacts(account), layer }
  }

  /** Whether these would take longer to ask than an account may hold everybody else up. */
  isTooMuch({ policies, boundaries }: Held): boolean {
    const size = [...policies, ...boundaries].reduce((sum, name) => sum + (this.#find(name)?.size ?? 0), 0)
    return policies.length > MAX_POLICIES || boundaries.length > MAX_BOUNDARIES || size > MAX_COMPARISONS
  }

  /**
   * A layer of these policies. A name that is not there shuts it: what the policy would have denied is not
   * known.
   */
  layerOf(names: readonly string[]): Layer {
    const distinct = [...new Set(names)].sort()
    const key = distinct.join(' ')
    const known = this.#layers.get(key)
    if (known !== undefined) return known
    const layer = createLayer(distinct.map((name) => this.#find(name) ?? shut(name, 'NotThere')))
    if (this.#layers.size < MAX_KEPT) this.#layers.set(key, layer)
    return layer
  }
}
