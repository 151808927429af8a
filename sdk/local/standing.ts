import type { AccountFacts } from '../types.gen.ts'
import {
  createCatalogue,
  heldBy,
  HeldLayers,
  isAction,
  namespacesAbove,
  type Attached,
  type Catalogue,
  type CompiledPolicy,
  type Held,
  type HeldLayer,
  type OwnedLayer,
  type Service,
} from './engine.ts'
import type { Lineage } from './lineage.ts'

/** The service that only the daemon decides about: its own. Its context keys are declared by it too. */
const DAEMON = 'authctl'
/** How many standings are shared at a time. */
const MAX_SHARED = 20_000

/** What gives policies to the accounts that have all of its marks. */
export interface MarkedAttachment extends Attached {
  readonly to: readonly string[]
}

/** All that decisions are made by, beside the facts of accounts. */
export interface PolicyContent {
  /** The services whose actions are decided. */
  readonly services: ReadonlySet<string>
  /** By their names, or by what stands for these. */
  readonly policies: ReadonlyMap<string, CompiledPolicy>
  /** By namespace. */
  readonly attachments: ReadonlyMap<string, readonly MarkedAttachment[]>
  /** By namespace, and those of the daemon. */
  readonly declared: ReadonlyMap<string, readonly Service[]>
  /** The accounts above the owner of the application, by their ids. */
  readonly above: ReadonlyMap<string, AccountFacts>
}

/** What may be asked about accounts. */
interface Scope {
  readonly catalogue: Catalogue
  /** The declared actions that are decided here, by their names; these are well formed. */
  readonly actions: Catalogue['actions']
}

/** What the policies make of an account; accounts that have the same below the same accounts share it. */
export interface Standing extends Scope {
  readonly by: Standings
  /** The accounts above, nearest first. */
  readonly above: readonly AccountFacts[]
  /** All accounts of its path are there, and active. */
  readonly isActive: boolean
  /** Those of the account itself, which name nobody, and then of those above. */
  readonly layers: readonly HeldLayer[]
}

/** The service of an action. */
export const serviceOf = (action: string): string => action.slice(0, action.indexOf(':'))

const areSame = <T>(some: readonly T[], others: readonly T[]): boolean =>
  some.length === others.length && some.every((each, i) => each === others[i])

/** What the policies of one revision make of accounts. It never changes. */
export class Standings {
  readonly content: PolicyContent
  readonly #layers: HeldLayers
  readonly #ofAbove = new WeakMap<AccountFacts, readonly OwnedLayer[]>()
  readonly #scopes = new Map<string, Scope>()
  readonly #shared = new Map<string, Standing>()

  constructor(content: PolicyContent) {
    this.content = content
    this.#layers = new HeldLayers((name) => content.policies.get(name))
  }

  /** What they make of the last of a lineage; kept with the lineage until other policies are asked. */
  of(lineage: Lineage): Standing {
    const known = lineage.standing
    return known?.by === this ? known : (lineage.standing = this.#find(lineage))
  }

  #find({ accounts, account }: Lineage): Standing {
    const { content } = this
    const ids = account.path.split('/')
    const above = [...ids.flatMap((id) => content.above.get(id) ?? []), ...accounts.slice(0, -1)].reduceRight<
      AccountFacts[]
    >((nearer, each) => [...nearer, each], [])
    const isActive =
      above.length + 1 === ids.length && [account, ...above].every(({ status }) => status === 'active')
    const declaring = [DAEMON, ...namespacesAbove(account), account.id].filter((name) =>
      content.declared.has(name),
    )
    const held = this.#heldBy(account)
    const key = JSON.stringify([held, declaring, isActive])
    const known = this.#shared.get(key)
    if (known !== undefined && areSame(known.above, above)) return known
    const layers = [...this.#layers.layersOf(held), ...above.flatMap((each) => this.#layersOfAbove(each))]
    const standing = { by: this, ...this.#scopeOf(declaring), above, isActive, layers }
    if (this.#shared.size >= MAX_SHARED) this.#shared.clear()
    this.#shared.set(key, standing)
    return standing
  }

  #heldBy(account: AccountFacts): Held {
    const marks = new Set(account.marks)
    return heldBy(account, (namespace) =>
      (this.content.attachments.get(namespace) ?? []).filter(({ to }) => to.every((mark) => marks.has(mark))),
    )
  }

  #layersOfAbove(account: AccountFacts): readonly OwnedLayer[] {
    const known = this.#ofAbove.get(account)
    if (known !== undefined) return known
    const layers = this.#layers.of(account, this.#heldBy(account))
    this.#ofAbove.set(account, layers)
    return layers
  }

  /** What may be asked about accounts for which these namespaces declare services. */
  #scopeOf(declaring: readonly string[]): Scope {
    const key = declaring.join()
    const known = this.#scopes.get(key)
    if (known !== undefined) return known
    const { declared, services } = this.content
    const catalogue = createCatalogue(declaring.flatMap((name) => declared.get(name) ?? []))
    const actions = new Map(
      [...catalogue.actions].filter(([name]) => isAction(name) && services.has(serviceOf(name))),
    )
    const scope = { catalogue, actions }
    this.#scopes.set(key, scope)
    return scope
  }
}
