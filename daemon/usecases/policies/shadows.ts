import type { Namespace, PolicySnapshot, ShadowPolicies } from '../../domain/policy-snapshot.ts'
import type { PolicyHead, PolicyStore } from '../../ports/stores/index.ts'
import { readHeads } from './namespaces.ts'

/** How the head is called that a shadow of a namespace has. */
const SHADOW = 'shadow:'
/** What such a head names when the shadow was dropped. */
export const NO_SHADOW = 'none'

/** The name of the head of the shadow of a namespace. */
export const shadowName = (namespace: string): string => `${SHADOW}${namespace}`

/** Whether a head is that of a shadow, by which nobody decides. */
export const isShadowHead = ({ namespace }: Pick<PolicyHead, 'namespace'>): boolean =>
  namespace.startsWith(SHADOW)

/** The heads of shadows, under the names of the namespaces that they are of. */
export const shadowHeads = (heads: readonly PolicyHead[]): PolicyHead[] =>
  heads
    .filter((head) => isShadowHead(head) && head.revision !== NO_SHADOW)
    .map((head) => ({ ...head, namespace: head.namespace.slice(SHADOW.length) }))

const servicesText = (namespace: Namespace | undefined): string =>
  [...(namespace?.services ?? [])]
    .map(([name, { hash }]) => `${name} ${hash}`)
    .sort()
    .join('\n')

/**
 * Reads what stands in the shadow of the policies in force: what was made for another state than that is
 * none any more, and what cannot be used is told to `report`.
 */
export const createShadowReader = (store: PolicyStore, report: (head: PolicyHead, error: Error) => void) => {
  let known: ReadonlyMap<string, Namespace> = new Map()
  return async (
    heads: readonly PolicyHead[],
    namespaces: ReadonlyMap<string, Namespace>,
    withAll: (namespaces: ReadonlyMap<string, Namespace>) => PolicySnapshot,
  ): Promise<ShadowPolicies | undefined> => {
    const loaded = new Map<string, Namespace>()
    const missing: PolicyHead[] = []
    for (const head of heads) {
      const present = known.get(head.revision)
      if (present === undefined) missing.push(head)
      else loaded.set(head.revision, present)
    }
    for (const { head, loaded: read } of await readHeads(store, missing, namespaces)) {
      if (read instanceof Error) report(head, read)
      else loaded.set(head.revision, read)
    }
    known = loaded
    const active = heads.flatMap(({ namespace, revision: id, number }) => {
      const shadow = loaded.get(id)
      const isOfNow = shadow?.revision.parent === (namespaces.get(namespace)?.id ?? null)
      return shadow !== undefined && isOfNow ? [{ namespace, id, number, shadow }] : []
    })
    if (active.length === 0) return undefined
    const together = new Map(namespaces)
    for (const { namespace, shadow } of active) together.set(namespace, shadow)
    const revisions = new Map(active.map(({ namespace, id, number }) => [namespace, { id, number }]))
    const areServicesOthers = active.some(
      ({ namespace, shadow }) => servicesText(namespaces.get(namespace)) !== servicesText(shadow),
    )
    return { snapshot: withAll(together), revisions, areServicesOthers }
  }
}
