import {
  type Attachment,
  type Catalogue,
  type CompiledPolicy,
  createCatalogue,
  heldBy,
  HeldLayers,
  type Attached,
  type Invariant,
  listOf,
  namespacesAbove,
  type OwnedLayer,
  type PolicyDocument,
  principalFacts,
  ROOT_NAMESPACE,
  type Service,
} from '../../policies/index.ts'
import type { ObjectOrigin } from '../../policies/plan/index.ts'
import { ROLES, type KnownAccount } from './account.ts'
import type { Landmark } from './landmarks.ts'
import { selectedFor, type Selection } from './selection.ts'

/** The namespace of the super-admins; every other is the id of the account that owns it. */
export const ROOT = ROOT_NAMESPACE

/** Where the store remembers what came with the authctl that ran last; nobody decides by it. */
export const MANAGED_HOME = 'authctl'

/** What a revision says of one text that it lists. */
export interface Listed {
  /** The digest of the text. */
  readonly hash: string
  /** Epoch milliseconds. */
  readonly updatedAt: number
  /** Where each statement of a policy stands in the text that was put, as `file:line:col`. */
  readonly writtenAt?: readonly string[]
  /** The set that owns it; nothing: it was made by hand. */
  readonly origin?: ObjectOrigin
}

/** How a revision came about; nothing is said of one that a single request made. */
export interface RevisionMade {
  readonly event: 'apply' | 'rollback'
  readonly set: string | null
  readonly commit: string | null
  readonly dirty: boolean
  /** The revision that a rollback brought back. */
  readonly rollbackTo: string | null
  /** The second account, of a change that two make together. */
  readonly approvedBy?: string
}

/** Whether one is there and lists the same text as the other; addresses of content are no secrets. */
export const isSameText = <T extends Listed>(
  one: T | undefined,
  { hash: address }: Pick<Listed, 'hash'>,
): one is T => {
  const present = one?.hash
  return present === address
}

/**
 * A revision of a namespace: everything that is in force there. It never changes, and its id is the digest of
 * itself.
 */
export interface Revision {
  readonly namespace: string
  /** The namespaces above, top first: they never change. */
  readonly above: readonly string[]
  readonly number: number
  /** The id of the revision before. */
  readonly parent: string | null
  /** Left out where there are none. */
  readonly landmarks?: readonly Landmark[]
  readonly createdAt: number
  readonly actorId: string | null
  /** Documents by name. */
  readonly policies: Readonly<Record<string, Listed>>
  readonly services: Readonly<Record<string, Listed>>
  /** Invariants by name; left out where there are none. */
  readonly invariants?: Readonly<Record<string, Listed>>
  readonly attachments: readonly Attachment[]
  /** The sets that own them, in the same order; left out where all were made by hand. */
  readonly attachmentOrigins?: readonly (ObjectOrigin | null)[]
  readonly made?: RevisionMade
}

/** A policy of a revision, read and compiled. */
export interface LoadedPolicy extends Listed {
  readonly document: PolicyDocument
  readonly compiled: CompiledPolicy
}

/** A service of a revision, read. */
export interface LoadedService extends Listed {
  readonly service: Service
}

/** An invariant of a revision, read. */
export interface LoadedInvariant extends Listed {
  readonly invariant: Invariant
}

/** A namespace by its name, with those above it, top first. */
export interface NamespacePlace {
  readonly name: string
  readonly above: readonly string[]
}

/** A namespace with the path of the account that owns it; empty for the root. */
export interface OwnedNamespace extends NamespacePlace {
  readonly ownerPath: string
}

/** A namespace that was read and compiled. */
export interface Namespace {
  /** The id of the revision in force; null before the first change. */
  readonly id: string | null
  readonly revision: Revision
  readonly policies: ReadonlyMap<string, LoadedPolicy>
  readonly services: ReadonlyMap<string, LoadedService>
  readonly invariants: ReadonlyMap<string, LoadedInvariant>
  /** The attachments of the revision, by whom they are for. */
  readonly selection: Selection
}

/** What stands in the shadow of one namespace. */
export interface Shadow {
  /** The id of the revision. */
  readonly id: string
  readonly number: number
  /**
   * What would be in force for the accounts below the namespace if this shadow alone was promoted: nobody
   * hears of what stands in the shadow of another.
   */
  readonly policies: () => PolicySnapshot
  /** Whether other services are declared there. */
  readonly areServicesOthers: boolean
}

const NO_SHADOWS: ReadonlyMap<string, Shadow> = new Map()

/** The namespace that holds what an account defines; undefined for those that define nothing. */
export const namespaceOf = ({ id, role }: Pick<KnownAccount, 'id' | 'role'>): string | undefined => {
  const { namespace } = ROLES[role]
  if (namespace === null) return undefined
  return namespace === 'root' ? ROOT : id
}

export { namespacesAbove }

const MANAGED = 'authctl:'

/** A name as `namespace/name` or `authctl:Name`; a bare one is of `home`. */
export const fullName = (name: string, home: string | undefined): string =>
  name.startsWith(MANAGED) || name.includes('/') || home === undefined ? name : `${home}/${name}`

/** The parts of a full name; a managed policy has no namespace. */
export const splitName = (full: string): { namespace: string | undefined; name: string } => {
  const slash = full.indexOf('/')
  return slash === -1
    ? { namespace: undefined, name: full }
    : { namespace: full.slice(0, slash), name: full.slice(slash + 1) }
}

/** How many accounts' layers are kept at hand. */
const MAX_KEPT = 20_000
const MAX_CATALOGUES = 1000
/** How many names are known to have been looked for in vain. */
const MAX_SOUGHT = 10_000

/**
 * All policies of a server at one moment. What follows from them is kept with them, so that a new set begins
 * with nothing stale; an account is known by its version, which every change raises.
 */
export class PolicySnapshot {
  readonly namespaces: ReadonlyMap<string, Namespace>
  /** By their namespaces: compared with what is in force, and never decided by. */
  readonly shadows: ReadonlyMap<string, Shadow>
  readonly #managed: ReadonlyMap<string, CompiledPolicy>
  readonly #own: readonly Service[]
  readonly #layers = new HeldLayers((full) => this.find(full))
  readonly #ofAccount = new Map<string, readonly OwnedLayer[]>()
  readonly #catalogues = new Map<string, Catalogue>()
  readonly #sought = new Set<string>()

  constructor(
    namespaces: ReadonlyMap<string, Namespace>,
    {
      managed,
      own,
      shadows = NO_SHADOWS,
    }: {
      managed: ReadonlyMap<string, CompiledPolicy>
      own: readonly Service[]
      shadows?: ReadonlyMap<string, Shadow>
    },
  ) {
    this.namespaces = namespaces
    this.shadows = shadows
    this.#managed = managed
    this.#own = own
  }

  /** The same, as it would be with what comes with another authctl. */
  withManaged(come: {
    managed: ReadonlyMap<string, CompiledPolicy>
    own: readonly Service[]
  }): PolicySnapshot {
    return new PolicySnapshot(this.namespaces, come)
  }

  /** The policy of a full name. */
  find(full: string): CompiledPolicy | undefined {
    const { namespace, name } = splitName(full)
    return namespace === undefined
      ? this.#managed.get(name)
      : this.namespaces.get(namespace)?.policies.get(name)?.compiled
  }

  /**
   * The names that are attached to the account itself and not known here; those that were looked for in vain
   * are not named again.
   */
  unknownNames({ policies, boundary }: Pick<KnownAccount, 'policies' | 'boundary'>): string[] {
    return this.unknownOf([...policies, ...(boundary === null ? [] : [boundary])])
  }

  /** Those of these names that are not known here, and were not looked for in vain. */
  unknownOf(names: readonly string[]): string[] {
    return names.filter((name) => this.find(name) === undefined && !this.#sought.has(name))
  }

  /**
   * Remembers that these names were looked for in the store, so that nobody looks again before the policies
   * change.
   */
  setSought(names: readonly string[]): void {
    if (this.#sought.size + names.length > MAX_SOUGHT) this.#sought.clear()
    for (const name of names) this.#sought.add(name)
  }

  /**
   * What policies in a namespace may name, given it and those above: the daemon's own services, and those
   * declared there.
   */
  catalogueFor(namespaces: readonly string[]): Catalogue {
    const declaring = namespaces.filter((name) => (this.namespaces.get(name)?.services.size ?? 0) > 0)
    const key = declaring.join('/')
    const known = this.#catalogues.get(key)
    if (known !== undefined) return known
    const declared = declaring.flatMap((name) =>
      [...(this.namespaces.get(name)?.services.values() ?? [])].map(({ service }) => service),
    )
    const catalogue = createCatalogue([...this.#own, ...declared])
    if (this.#catalogues.size < MAX_CATALOGUES) this.#catalogues.set(key, catalogue)
    return catalogue
  }

  /** What accounts may be asked about: the catalogue of the namespaces above an account, and of its own. */
  catalogueOf(account: Pick<KnownAccount, 'id' | 'path'>): Catalogue {
    return this.catalogueFor([...namespacesAbove(account), account.id])
  }

  /** The layers of one account alone: its own, and one for each boundary. */
  layersOf(account: KnownAccount): readonly OwnedLayer[] {
    const key = `${account.id}:${account.version}`
    const known = this.#ofAccount.get(key)
    if (known !== undefined) return known
    const layers = this.layersWith(account, account)
    if (this.#ofAccount.size >= MAX_KEPT) this.#ofAccount.clear()
    this.#ofAccount.set(key, layers)
    return layers
  }

  /** The layers that the account would have with these policies and this boundary attached to it. */
  layersWith(
    account: KnownAccount,
    attached: Pick<KnownAccount, 'policies' | 'boundary'>,
  ): readonly OwnedLayer[] {
    return this.#layers.of(account, this.effective({ ...account, ...attached }))
  }

  /** A session layer of an account: what a token for it is narrowed to. */
  sessionLayer(account: KnownAccount, policies: readonly string[]): OwnedLayer {
    return this.#layers.session(account, policies)
  }

  /** Whether the account has more than may be asked: then everything is denied to it. */
  hasTooMuch(account: KnownAccount): boolean {
    return this.#layers.isTooMuch(this.effective(account))
  }

  /** The layers of these policies and this boundary alone, whatever else an account like this would have. */
  onlyAttached(
    account: KnownAccount,
    { policies, boundary }: Pick<KnownAccount, 'policies' | 'boundary'>,
  ): OwnedLayer[] {
    const principal = principalFacts(account)
    const own: OwnedLayer = { kind: 'own', principal, layer: this.#layers.layerOf(policies) }
    return boundary === null
      ? [own]
      : [own, { kind: 'boundary', principal, layer: this.#layers.layerOf([boundary]) }]
  }

  /** The revisions that decide about an account, top first; a namespace before its first change has none. */
  revisionsFor(account: Pick<KnownAccount, 'path'>): { namespace: string; number: number; id: string }[] {
    return namespacesAbove(account).flatMap((name) => {
      const { id = null, revision } = this.namespaces.get(name) ?? {}
      return id === null || revision === undefined ? [] : [{ namespace: name, number: revision.number, id }]
    })
  }

  /** The same with another state of one namespace. */
  with(namespace: Namespace): PolicySnapshot {
    const namespaces = new Map(this.namespaces).set(namespace.revision.namespace, namespace)
    return new PolicySnapshot(namespaces, { managed: this.#managed, own: this.#own })
  }

  /**
   * Every policy that an account has, by its full name, and every boundary: attached to it, or to those it
   * belongs to.
   */
  effective(account: KnownAccount): { policies: string[]; boundaries: string[] } {
    return heldBy(account, (namespace) => this.#attachedIn(namespace, account))
  }

  /** What the attachments of a namespace give an account. */
  #attachedIn(namespace: string, account: KnownAccount): Attached[] {
    const selection = this.namespaces.get(namespace)?.selection
    if (selection === undefined) return []
    return selectedFor(account, selection).map(({ policies, boundary }) => ({
      policies: listOf<string>(policies ?? []).map((name) => fullName(name, namespace)),
      boundary: boundary === undefined ? null : fullName(boundary, namespace),
    }))
  }
}
