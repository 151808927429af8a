import type { Attachment } from '../../../policies/index.ts'
import { canonicalText, type ObjectOrigin } from '../../../policies/plan/index.ts'
import {
  isSameText,
  ROOT,
  type Listed,
  type Namespace,
  type NamespacePlace,
  type Revision,
  type RevisionMade,
} from '../../domain/policy-snapshot.ts'
import type { AccountId } from '../../domain/account.ts'
import { landmarksAfter } from '../../domain/landmarks.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Vault } from '../../ports/crypto.ts'
import { StoreFailure, type ContentAddressed, type PolicyStore } from '../../ports/stores/index.ts'
import { createBreather } from '../breather.ts'
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
const contentOf = ({
  policies,
  services,
  invariants = {},
  attachments,
  attachmentOrigins,
}: Revision): string => JSON.stringify({ policies, services, invariants, attachments, attachmentOrigins })

/** Who writes a revision, where, and how it came about. */
export interface Writer {
  readonly place: NamespacePlace
  readonly actorId: string | null
  readonly made?: RevisionMade | undefined
}

/** A set's object that somebody changed by hand is still the set's, but of no file. */
const changedByHand = (
  origin: ObjectOrigin,
  { actorId, number }: { actorId: string | null; number: number },
): ObjectOrigin => ({ ...origin, source: null, commit: null, dirty: true, actor: actorId, revision: number })

/**
 * Whose the attachments of a list are that was put by hand: what says the same as before stays whose it was.
 */
const originsByHand = (
  base: Revision,
  attachments: readonly Attachment[],
): readonly (ObjectOrigin | null)[] => {
  const { attachmentOrigins = [] } = base
  const owned = base.attachments.map((each, index) => ({
    text: canonicalText('attachment', each),
    origin: attachmentOrigins[index] ?? null,
  }))
  return attachments.map((each) => {
    const text = canonicalText('attachment', each)
    const at = owned.findIndex((candidate) => candidate.text === text)
    return at === -1 ? null : (owned.splice(at, 1)[0]?.origin ?? null)
  })
}

/** The attachments of the next revision, and whose they are. */
const nextAttachments = (
  base: Revision,
  { attachments, attachmentOrigins }: NamespaceChange,
): Pick<Revision, 'attachments' | 'attachmentOrigins'> => {
  if (attachments === undefined) {
    const { attachmentOrigins: present } = base
    return { attachments: base.attachments, ...(present && { attachmentOrigins: present }) }
  }
  const origins = attachmentOrigins ?? originsByHand(base, attachments)
  return { attachments, ...(origins.some((each) => each !== null) && { attachmentOrigins: origins }) }
}

/**
 * The one way to write a revision: `draft` builds it and loads it, so that what cannot be in force throws
 * there; the caller checks the draft; `write` keeps its texts and moves the head.
 */
export const createRevisions = ({ store, clock, vault }: RevisionParts) => {
  const merged = async (
    listed: Readonly<Record<string, Listed>>,
    changes: Readonly<Record<string, Put<object> | null>>,
    { texts, ...by }: { texts: Texts; actorId: string | null; number: number },
  ): Promise<Record<string, Listed>> => {
    const breathe = createBreather()
    const next = new Map(Object.entries(listed))
    for (const [name, put] of Object.entries(changes)) {
      await breathe()
      if (put === null) {
        next.delete(name)
        continue
      }
      const { value, origin: given, ...where } = put
      const content = JSON.stringify(value)
      const hash = vault.digest(content)
      texts.set(hash, content)
      const present = next.get(name)
      const same = isSameText(present, { hash }) ? present : undefined
      const updatedAt = same?.updatedAt ?? clock.now()
      const owned = next.get(name)?.origin
      const kept = same === undefined && owned !== undefined ? changedByHand(owned, by) : owned
      const origin = given === undefined ? kept : (given ?? undefined)
      next.set(name, { hash, updatedAt, ...where, ...(origin && { origin }) })
    }
    return Object.fromEntries([...next].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /**
   * The revision after `base` with the change; undefined where it would say the same. Throws for what does
   * not compile.
   */
  const draft = async (
    base: Namespace,
    change: NamespaceChange,
    { place, actorId, made }: Writer,
  ): Promise<Draft | undefined> => {
    const texts: Texts = new Map()
    const number = base.revision.number + 1
    const by = { texts, actorId, number }
    const landmarks = landmarksAfter(base)
    const invariants = await merged(base.revision.invariants ?? {}, change.invariants ?? {}, by)
    const revision: Revision = {
      namespace: place.name,
      above: place.above,
      number,
      parent: base.id,
      ...(landmarks.length > 0 && { landmarks }),
      createdAt: clock.now(),
      actorId,
      policies: await merged(base.revision.policies, change.policies ?? {}, by),
      services: await merged(base.revision.services, change.services ?? {}, by),
      ...(Object.keys(invariants).length > 0 && { invariants }),
      ...nextAttachments(base.revision, change),
      ...(made && { made }),
    }
    const breathe = createBreather()
    await breathe()
    const said = contentOf(revision)
    await breathe()
    if (said === contentOf(base.revision)) return undefined
    await breathe()
    const content = JSON.stringify(revision)
    const id = vault.digest(content)
    const namespace = await loadNamespace(id, revision, { texts, before: base })
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
      now: clock.now(),
    })
    const isMoved = await orFail(moving, { not_found: 'not_found' })
    if (!isMoved) throw new StoreFailure('stale', `the head of ${namespace} has moved`)
  }

  return { draft, write }
}
