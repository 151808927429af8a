import {
  type Catalogue,
  type PolicyDocument,
  MANAGED_POLICIES,
  RESERVED_POLICY_NAMES,
} from '../../../policies/index.ts'
import { validateDocument } from '../../../policies/validate/index.ts'
import { Failure, notFound } from '../../domain/failure.ts'
import { splitName, type OwnedNamespace, type PolicySnapshot } from '../../domain/policy-snapshot.ts'
import { requireMatch, type Precondition } from '../../domain/precondition.ts'
import type { Principal } from '../../domain/session.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Deps } from '../deps.ts'
import { fieldErrorsOf } from './diagnostic-errors.ts'
import { inUse } from './guards.ts'
import { findHolder } from './holders.ts'
import { createNamespaceAccess, locatePolicy, visibleNamespaces } from './reach.ts'

/** A policy as it is read: of a namespace, or a managed one. */
export interface StoredPolicy {
  /** `namespace/name`, or `authctl:Name`. */
  readonly name: string
  readonly namespace: string | null
  readonly id: string
  /** Identifies the content: the entity tag. */
  readonly hash: string
  readonly document: PolicyDocument
  readonly updatedAt: number | null
}

/** A change that somebody asks for. */
export interface Writing {
  readonly principal: Principal
  readonly precondition: Precondition
  readonly origin: RequestOrigin
}

/** The names of the managed policies. */
export const MANAGED_NAMES: readonly string[] = MANAGED_POLICIES.map(({ Id }) => `authctl:${Id}`)

const managedPolicy = (snapshot: PolicySnapshot, full: string): StoredPolicy | undefined => {
  const document = MANAGED_POLICIES.find(({ Id }) => `authctl:${Id}` === full)
  const { hash } = snapshot.find(full) ?? {}
  if (document === undefined || hash === undefined) return undefined
  return { name: full, namespace: null, id: document.Id, hash, document, updatedAt: null }
}

const requireFreeName = (id: string): void => {
  if (!RESERVED_POLICY_NAMES.has(id)) return
  const detail = `The name ${id} is reserved. Choose another one, such as ${id}-orders.`
  throw new Failure('invalid_request', { errors: [{ pointer: '/path/name', code: 'reserved', detail }] })
}

/** The policy of a full name as it is stored. */
const storedPolicy = (snapshot: PolicySnapshot, full: string): StoredPolicy | undefined => {
  const { namespace, name: id } = splitName(full)
  if (namespace === undefined) return managedPolicy(snapshot, full)
  const found = snapshot.namespaces.get(namespace)?.policies.get(id)
  if (found === undefined) return undefined
  const { hash, document, updatedAt } = found
  return { name: full, namespace, id, hash, document, updatedAt }
}

/** The document of a text that is put as `id`. Throws `policy_invalid` with every diagnostic. */
const readDocument = (text: string, id: string, catalogue: Catalogue) => {
  const { document, writtenAt, diagnostics } = validateDocument(text, { file: `${id}.json`, catalogue })
  if (document === undefined) throw new Failure('policy_invalid', { errors: fieldErrorsOf(diagnostics) })
  if (document.Id !== id) {
    const detail = `Id is ${document.Id}, but the policy is put as ${id}.`
    throw new Failure('policy_invalid', { errors: [{ pointer: '/Id', code: 'E_VALUE', detail }] })
  }
  return { value: document, writtenAt }
}

/** What each namespace has, one policy at a time. */
export const createPolicies = (deps: Pick<Deps, 'policies' | 'store' | 'edit'>) => {
  const { policies, store, edit } = deps
  const { writable, requireReadable } = createNamespaceAccess(deps)

  /**
   * The policies that the caller sees, ordered by full name: managed, of the namespaces above it, and its
   * own; or those of one namespace.
   */
  const list = async (request: {
    principal: Principal
    namespace: string | undefined
    after: string | undefined
    limit: number
  }): Promise<{ items: StoredPolicy[]; next: string | null }> => {
    const { principal, namespace, after = '' } = request
    if (namespace !== undefined) await requireReadable(principal, namespace)
    const snapshot = policies.current()
    const stored = (namespace === undefined ? visibleNamespaces(principal) : [namespace]).flatMap((home) =>
      [...(snapshot.namespaces.get(home)?.policies.keys() ?? [])].map((id) => `${home}/${id}`),
    )
    const all = [...(namespace === undefined ? MANAGED_NAMES : []), ...stored].filter((name) => name > after)
    const page = all.toSorted((a, b) => (a < b ? -1 : 1)).slice(0, request.limit)
    const next = all.length > page.length ? (page.at(-1) ?? null) : null
    return { items: page.flatMap((name) => storedPolicy(snapshot, name) ?? []), next }
  }

  /** Throws `not_found` for what the caller does not see as for what is not there. */
  const get = async (principal: Principal, name: string): Promise<StoredPolicy> => {
    const { full, namespace } = locatePolicy(principal, name)
    if (namespace !== undefined) await requireReadable(principal, namespace)
    return storedPolicy(policies.current(), full) ?? notFound()
  }

  /** Where a policy is written; a managed one, nowhere. */
  const place = async (
    principal: Principal,
    name: string,
  ): Promise<{ home: OwnedNamespace; id: string; full: string }> => {
    const { full, namespace, id } = locatePolicy(principal, name)
    if (MANAGED_NAMES.includes(full))
      throw new Failure('forbidden', { detail: 'Managed policies cannot be changed.' })
    if (namespace === undefined && full !== name) return notFound()
    return { home: await writable(principal, namespace), id, full }
  }

  /**
   * Creates or replaces one policy. Throws `policy_invalid` with every diagnostic, and the refusals of the
   * precondition.
   */
  const put = async (
    request: Writing & { name: string; text: string },
  ): Promise<{ policy: StoredPolicy; outcome: 'created' | 'replaced' | 'unchanged' }> => {
    const { principal, name, text, precondition, origin } = request
    const { home, id, full } = await place(principal, name)
    requireFreeName(id)
    const editing = { principal, namespace: home, origin, event: 'policy-put', about: full }
    const edited = await edit(editing, (base, before) => {
      // By what is declared at its turn: a service may have gone meanwhile.
      const document = readDocument(text, id, before.catalogueFor([...home.above, home.name]))
      const present = base.policies.get(id)
      requireMatch(precondition, present?.hash)
      return { policies: { [id]: document }, result: present === undefined }
    })
    const { result: created, snapshot, isChanged } = edited
    const policy = storedPolicy(snapshot, full) ?? notFound()
    return { policy, outcome: created ? 'created' : isChanged ? 'replaced' : 'unchanged' }
  }

  /** Deletes one policy that is attached nowhere. Throws `policy_in_use`. */
  const remove = async (request: Writing & { name: string }): Promise<void> => {
    const { principal, name, precondition, origin } = request
    const { home, id, full } = await place(principal, name)
    const holder = await findHolder(store, full)
    if (holder !== undefined) throw inUse(`It is attached to ${holder}.`)
    const editing = { principal, namespace: home, origin, event: 'policy-delete', about: full }
    const { result: deleted } = await edit(editing, (base) => {
      const present = base.policies.get(id)
      if (present === undefined) return notFound()
      if (precondition.ifMatch !== undefined) requireMatch(precondition, present.hash)
      return { policies: { [id]: null }, result: present }
    })
    // Attached meanwhile: then it is put back, so that nobody is shut by a name that is nowhere.
    const late = await findHolder(store, full)
    if (late === undefined) return
    await edit({ ...editing, event: 'policy-put' }, () => ({
      policies: {
        [id]: { value: deleted.document, ...(deleted.writtenAt && { writtenAt: deleted.writtenAt }) },
      },
      result: undefined,
    }))
    throw inUse(`It is attached to ${late}.`)
  }

  return { list, get, put, remove }
}
