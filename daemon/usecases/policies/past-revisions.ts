import type { PolicyObject } from '../../../policies/plan/index.ts'
import type { Principal } from '../../domain/session.ts'
import type { Deps } from '../deps.ts'
import { findRevision, readObjects, recordOf, revisionsFrom, type RevisionRecord } from './history.ts'
import { createNamespaceAccess, mayChange } from './reach.ts'

/** What those see of a namespace above them: attachments and invariants name others below it. */
const SEEN_BELOW: readonly PolicyObject['kind'][] = ['service', 'document']

/** Reads the revisions of the namespaces that a caller sees. */
export const createPastRevisions = ({ store, policies }: Pick<Deps, 'store' | 'policies'>) => {
  const { writable, requireReadable } = createNamespaceAccess({ store })

  const headOf = async (principal: Principal, named: string | undefined) => {
    const namespace = named ?? (await writable(principal, undefined)).name
    await requireReadable(principal, namespace)
    const { id = null, revision } = policies.current().namespaces.get(namespace) ?? {}
    return { namespace, id, number: revision?.number ?? 0 }
  }

  /** The revisions of a namespace, the one in force first; `after` is the last of the page before. */
  const list = async (request: {
    principal: Principal
    namespace: string | undefined
    after: string | undefined
    limit: number
  }): Promise<{ items: RevisionRecord[]; next: string | null }> => {
    const head = await headOf(request.principal, request.namespace)
    const items: RevisionRecord[] = []
    for await (const stored of revisionsFrom(store.policies, request.after ?? head.id)) {
      if (stored.revision.namespace !== head.namespace) break
      if (items.length === request.limit) return { items, next: stored.id }
      items.push(recordOf(stored, head.id))
    }
    return { items, next: null }
  }

  /** One revision with everything that the caller sees in it. Throws `not_found`. */
  const get = async ({
    principal,
    namespace,
    name,
  }: {
    principal: Principal
    namespace: string | undefined
    name: string
  }): Promise<RevisionRecord & { objects: PolicyObject[] }> => {
    const head = await headOf(principal, namespace)
    const stored = await findRevision(store.policies, head.id, name)
    const all = await readObjects(store.policies, stored.revision)
    const isSeen = ({ kind }: PolicyObject): boolean => SEEN_BELOW.includes(kind)
    const objects = mayChange(principal, head.namespace) ? all : all.filter(isSeen)
    return { ...recordOf(stored, head.id), objects }
  }

  return { list, get }
}
