import type { Attachment, PolicyDocument, Service } from '../../../policies/index.ts'
import type { AccountId } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import {
  isSameText,
  ROOT,
  type Listed,
  type Namespace,
  type PolicySnapshot,
  type Revision,
} from '../../domain/policy-snapshot.ts'
import type { Principal } from '../../domain/session.ts'
import { StoreFailure, type ContentAddressed } from '../../ports/stores/index.ts'
import { actorFields } from '../audit.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Deps } from '../deps.ts'
import type { OwnedNamespace } from './reach.ts'
import { requireOwnRights, requireRoom, requireStillValid } from './guards.ts'
import { initialNamespace, loadNamespace } from './follow.ts'

/** Something that is put, with where its statements were written. */
interface Put<T> {
  readonly value: T
  readonly writtenAt?: readonly string[]
}

/** What is put (or, with null, taken out) by name, and the attachments if they are replaced. */
export interface NamespaceChange<T> {
  readonly policies?: Readonly<Record<string, Put<PolicyDocument> | null>>
  readonly services?: Readonly<Record<string, Put<Service> | null>>
  readonly attachments?: readonly Attachment[]
  readonly result: T
}

/** What came of an edit: the policies as they are with it, and whether that is another state than before. */
export interface Edited<T> {
  readonly result: T
  readonly snapshot: PolicySnapshot
  readonly isChanged: boolean
}

export interface Editing {
  readonly principal: Principal
  readonly namespace: OwnedNamespace
  readonly origin: RequestOrigin
  /** What the audit calls it, and what it is about. */
  readonly event: string
  readonly about: string
}

const MAX_ATTEMPTS = 50
const MAX_PAUSE_MS = 40

type Texts = Map<string, string>

/** What is in force by a namespace: two revisions with the same say the same. */
const contentOf = ({ revision: { policies, services, attachments } }: Namespace): string =>
  JSON.stringify({ policies, services, attachments })

/** Changes one namespace by a new revision and a compare-and-set of its head (policy.md section 6). */
export const createEditNamespace = ({ store, policies, clock, vault, audit }: Deps) => {
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

  const buildNext = (
    base: Namespace,
    change: NamespaceChange<unknown>,
    { principal, namespace }: Editing,
  ) => {
    const texts: Texts = new Map()
    const revision: Revision = {
      namespace: namespace.name,
      above: namespace.above,
      number: base.revision.number + 1,
      parent: base.id,
      createdAt: clock.now(),
      actorId: principal.account.id,
      policies: merged(base.revision.policies, change.policies ?? {}, texts),
      services: merged(base.revision.services, change.services ?? {}, texts),
      attachments: change.attachments ?? base.revision.attachments,
    }
    const content = JSON.stringify(revision)
    const id = vault.digest(content)
    // What does not compile throws here, and cannot become head.
    const loaded = loadNamespace(id, revision, { texts, before: base })
    return {
      id,
      loaded,
      texts: [...texts, [id, content] as const].map(([hash, text]) => ({ hash, content: text })),
    }
  }

  const moveHead = (
    base: Namespace,
    next: Namespace,
    texts: readonly ContentAddressed[],
  ): Promise<boolean> => {
    const { namespace, number } = next.revision
    return store.policies.moveHead({
      head: { namespace, revision: next.id ?? '', number },
      from: base.id,
      texts,
      owner: namespace === ROOT ? null : (namespace as AccountId),
    })
  }

  const ownerGone = (error: unknown): never => {
    if (error instanceof StoreFailure && error.kind === 'not_found') throw new Failure('not_found')
    throw error
  }

  const attempt = async <T>(
    editing: Editing,
    change: (base: Namespace, snapshot: PolicySnapshot) => NamespaceChange<T>,
  ): Promise<Edited<T> | undefined> => {
    const { principal, namespace, origin, event, about } = editing
    await policies.refresh({ atOnce: true })
    const snapshot = policies.current()
    const base = snapshot.namespaces.get(namespace.name) ?? initialNamespace(namespace)
    const wanted = change(base, snapshot)
    const { id, loaded, texts } = buildNext(base, wanted, editing)
    if (contentOf(loaded) === contentOf(base)) return { result: wanted.result, snapshot, isChanged: false }
    const next = snapshot.with(loaded)
    for (const name of Object.keys(wanted.services ?? {})) requireStillValid(next, namespace.name, name)
    if (namespace.name === ROOT)
      requireOwnRights({ before: snapshot, after: next, principal, ip: origin.ip, now: clock.now() })
    requireRoom(next, loaded)
    if (!(await moveHead(base, loaded, texts).catch(ownerGone))) return undefined
    await policies.refresh({ atOnce: true })
    const reason = `${about}: ${base.id ?? 'nothing'} to ${id}`
    audit.record({
      event,
      outcome: 'success',
      targetId: namespace.name,
      reason,
      ...actorFields(principal, origin),
    })
    return { result: wanted.result, snapshot: next, isChanged: true }
  }

  const attempts = async <T>(...args: Parameters<typeof attempt<T>>): Promise<Edited<T>> => {
    for (let n = 0; n < MAX_ATTEMPTS; n++) {
      const made = await attempt(...args)
      if (made !== undefined) return made
      // Two daemons in step would let one always come second.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * MAX_PAUSE_MS))
    }
    throw new Failure('unavailable', { reason: 'too many writers at one namespace' })
  }

  /** The last change of each namespace: those of one daemon wait for one another, so that only daemons compete. */
  const turns = new Map<string, Promise<unknown>>()

  /**
   * Makes the change that `change` answers, given what is in force; it is asked again when another daemon was faster, and refuses by throwing.
   * When this resolves, the change is durable and in force on this daemon; on the others within a second.
   */
  return <T>(
    editing: Editing,
    change: (base: Namespace, snapshot: PolicySnapshot) => NamespaceChange<T>,
  ): Promise<Edited<T>> => {
    const { name } = editing.namespace
    const turn = (turns.get(name) ?? Promise.resolve()).then(() => attempts(editing, change))
    const settled: Promise<unknown> = turn
      .catch(() => undefined)
      .then(() => (turns.get(name) === settled ? turns.delete(name) : false))
    turns.set(name, settled)
    return turn
  }
}
