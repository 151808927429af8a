import { decide } from '../../policies/decide.ts'
import type { Diagnostic } from '../../policies/diagnostics.ts'
import { LIMITS, type Attachment, type PolicyDocument, type Service } from '../../policies/language.ts'
import { validateDocument } from '../../policies/validate.ts'
import { Failure, type FieldError } from '../domain/failure.ts'
import { requestContext } from '../domain/policy-facts.ts'
import { ROOT, type Listed, type Namespace, type PolicySets, type Revision } from '../domain/policy-sets.ts'
import type { Principal } from '../domain/session.ts'
import type { ContentAddressed } from '../ports/stores.ts'
import { by } from './audit-subject.ts'
import { layersOf } from './authorize.ts'
import type { Deps, Origin } from './deps.ts'
import type { OwnedNamespace } from './namespace-access.ts'
import { initialNamespace, loadNamespace } from './policy-sets.ts'

/** What is put (or, with null, taken out) by name, and the attachments if they are replaced. */
export interface NamespaceChange<T> {
  readonly policies?: Readonly<Record<string, PolicyDocument | null>>
  readonly services?: Readonly<Record<string, Service | null>>
  readonly attachments?: readonly Attachment[]
  readonly result: T
}

export interface Editing {
  readonly principal: Principal
  readonly namespace: OwnedNamespace
  readonly origin: Origin
  /** What the audit calls it, and what it is about. */
  readonly event: string
  readonly about: string
}

const MAX_ATTEMPTS = 50
const MAX_PAUSE_MS = 40

/** Diagnostics as the fields of an answer: the place in the text in the pointer. */
export const fieldErrorsOf = (diagnostics: readonly Diagnostic[]): FieldError[] =>
  diagnostics.map(({ file, line, column, code, message, suggestion, hint }) => ({
    pointer: `${file}:${line}:${column}`,
    code,
    detail: `${message}.${suggestion === null ? '' : ` Did you mean ${suggestion}?`} ${hint}`,
  }))

type Texts = Map<string, string>

/** Changes one namespace by a new revision and a compare-and-set of its head (policy.md section 6). */
export const createEditNamespace = ({ store, policies, clock, vault, audit }: Deps) => {
  const merged = (
    listed: Readonly<Record<string, Listed>>,
    changes: Readonly<Record<string, object | null>>,
    texts: Texts,
  ): Record<string, Listed> => {
    const next = new Map(Object.entries(listed))
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) {
        next.delete(name)
        continue
      }
      const content = JSON.stringify(value)
      const address = vault.digest(content)
      texts.set(address, content)
      const { hash: present } = next.get(name) ?? {}
      if (present !== address) next.set(name, { hash: address, updatedAt: clock.now() })
    }
    return Object.fromEntries([...next].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** The texts that stay as they are. */
  const presentTexts = ({ policies: documents, services, revision }: Namespace): Texts =>
    new Map([
      ...[...documents.values()].map(({ hash, document }) => [hash, JSON.stringify(document)] as const),
      ...services.map(
        (service) => [revision.services[service.service]?.hash ?? '', JSON.stringify(service)] as const,
      ),
    ])

  const buildNext = (
    base: Namespace,
    change: NamespaceChange<unknown>,
    { principal, namespace }: Editing,
  ) => {
    const texts: Texts = new Map()
    const revision: Revision = {
      namespace: namespace.name,
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
    const loaded = loadNamespace(id, revision, new Map([...presentTexts(base), ...texts]))
    return {
      id,
      loaded,
      texts: [...texts, [id, content] as const].map(([hash, text]) => ({ hash, content: text })),
    }
  }

  /** Every document must be valid by what the services say then. */
  const requireAllValid = (next: Namespace, sets: PolicySets, { above, name }: OwnedNamespace): void => {
    const catalogue = sets.catalogueFor([...above, name])
    const wrong = [...next.policies].flatMap(
      ([id, { document }]) => validateDocument(JSON.stringify(document), { file: id, catalogue }).diagnostics,
    )
    if (wrong.length > 0) throw new Failure('policy_in_use', { errors: fieldErrorsOf(wrong) })
  }

  /** Nobody may take from itself the right to undo what it does: a root without a key is lost. */
  const requireNoLockOut = (sets: PolicySets, { principal, namespace }: Editing): void => {
    if (namespace.name !== ROOT) return
    const { account } = principal
    const context = requestContext(account, { ip: null, now: clock.now() })
    const question = { action: 'authctl:PutAttachments', resource: `account/${account.path}`, context }
    if (decide(layersOf(sets, principal), question).verdict !== 'ALLOW') throw new Failure('would_lock_out')
  }

  const requireRoom = (sets: PolicySets): void => {
    const count = [...sets.namespaces.values()].reduce((sum, each) => sum + each.policies.size, 0)
    if (count > LIMITS.policies)
      throw new Failure('limit_reached', { detail: `A server has at most ${LIMITS.policies} policies.` })
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
    })
  }

  const attempt = async <T>(
    editing: Editing,
    change: (base: Namespace, sets: PolicySets) => NamespaceChange<T>,
  ): Promise<{ result: T } | undefined> => {
    const { principal, namespace, origin, event, about } = editing
    await policies.refresh({ atOnce: true })
    const sets = policies.current()
    const base = sets.namespaces.get(namespace.name) ?? initialNamespace(namespace.name)
    const wanted = change(base, sets)
    const { id, loaded, texts } = buildNext(base, wanted, editing)
    const next = sets.with(loaded)
    if (wanted.services !== undefined) requireAllValid(loaded, next, namespace)
    requireNoLockOut(next, editing)
    requireRoom(next)
    if (!(await moveHead(base, loaded, texts))) return undefined
    await policies.refresh({ atOnce: true })
    const reason = `${about}: ${base.id ?? 'nothing'} to ${id}`
    audit.record({ event, outcome: 'success', targetId: namespace.name, reason, ...by(principal, origin) })
    return { result: wanted.result }
  }

  const attempts = async <T>(...args: Parameters<typeof attempt<T>>): Promise<T> => {
    for (let n = 0; n < MAX_ATTEMPTS; n++) {
      const made = await attempt(...args)
      if (made !== undefined) return made.result
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
    change: (base: Namespace, sets: PolicySets) => NamespaceChange<T>,
  ): Promise<T> => {
    const { name } = editing.namespace
    const turn = (turns.get(name) ?? Promise.resolve()).then(() => attempts(editing, change))
    const settled: Promise<unknown> = turn
      .catch(() => undefined)
      .then(() => (turns.get(name) === settled ? turns.delete(name) : false))
    turns.set(name, settled)
    return turn
  }
}
