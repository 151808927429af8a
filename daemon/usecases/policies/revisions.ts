import {
  isSameText,
  ROOT,
  type Listed,
  type Namespace,
  type NamespacePlace,
  type Revision,
} from '../../domain/policy-snapshot.ts'
import type { AccountId } from '../../domain/account.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Vault } from '../../ports/crypto.ts'
import { StoreFailure, type ContentAddressed, type PolicyStore } from '../../ports/stores/index.ts'
import { orFail } from '../store-failures.ts'
import type { NamespaceChange, Put } from './change.ts'
import { loadNamespace } from './namespaces.ts'

/** What writing revisions needs. */
export interface RevisionParts {
  readonly store: PolicyStore
  readonly clock: Clock
  readonly vault: Pick<Vault, 'digest'>
}

/** A revision that can be in force and is not stored yet. */
export interface Draft {
  readonly namespace: Namespace
  /** The texts that it brings, with its own. */
  readonly texts: readonly ContentAddressed[]
}

type Texts = Map<string, string>

/** What is in force by a revision: two with the same say the same. */
const contentOf = ({ policies, services, attachments }: Revision): string =>
  JSON.stringify({ policies, services, attachments })

/**
 * The one way to write a revision: `draft` builds it and loads it, so that what cannot be in force throws
 * there; the caller checks the draft; `write` keeps its texts and moves the head.
 */
export const createRevisions = ({ store, clock, vault }: RevisionParts) => {
  const merged = (
    listed: Readonly<Record<string, Listed>>,
    changes: Readonly<Record<string, Put<object> | null>>,
    texts: Texts,
  ): Record<string, Listed> => {
    const next = new Map(Object.entries(listed))
    for (const [name, put] of Object.entries(changes)) {
      if (put === null) {
        next.delete(name)
        continue
      }
      const { value, ...where } = put
      const content = JSON.stringify(value)
      const hash = vault.digest(content)
      texts.set(hash, content)
      const present = next.get(name)
      const updatedAt = isSameText(present, { hash }) ? present.updatedAt : clock.now()
      next.set(name, { hash, updatedAt, ...where })
    }
    return Object.fromEntries([...next].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /**
   * The revision after `base` with the change; undefined where it would say the same. Throws for what does
   * not compile.
   */
  const draft = (
    base: Namespace,
    change: NamespaceChange,
    { place, actorId }: { place: NamespacePlace; actorId: string | null },
  ): Draft | undefined => {
    const texts: Texts = new Map()
    const revision: Revision = {
      namespace: place.name,
      above: place.above,
      number: base.revision.number + 1,
      parent: base.id,
      createdAt: clock.now(),
      actorId,
      policies: merged(base.revision.policies, change.policies ?? {}, texts),
      services: merged(base.revision.services, change.services ?? {}, texts),
      attachments: change.attachments ?? base.revision.attachments,
    }
    if (contentOf(revision) === contentOf(base.revision)) return undefined
    const content = JSON.stringify(revision)
    const id = vault.digest(content)
    const namespace = loadNamespace(id, revision, { texts, before: base })
    const kept = [...texts, [id, content] as const]
    return { namespace, texts: kept.map(([hash, text]) => ({ hash, content: text })) }
  }

  /**
   * Moves the head from `base` to the draft. Throws `stale` where it is elsewhere by now, and `not_found`
   * where the owner is gone.
   */
  const write = async (base: Namespace, { namespace: next, texts }: Draft): Promise<void> => {
    const { namespace, number } = next.revision
    const moving = store.moveHead({
      head: { namespace, revision: next.id ?? '', number },
      from: base.id,
      texts,
      owner: namespace === ROOT ? null : (namespace as AccountId),
    })
    const isMoved = await orFail(moving, { not_found: 'not_found' })
    if (!isMoved) throw new StoreFailure('stale', `the head of ${namespace} has moved`)
  }

  return { draft, write }
}
