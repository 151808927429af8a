import type { Namespace, PolicySnapshot, Shadow } from '../../domain/policy-snapshot.ts'
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

/** The namespaces that decide about the accounts below one, with what stands in the shadow of that alone. */
const around = (namespaces: ReadonlyMap<string, Namespace>, shadow: Namespace): Map<string, Namespace> => {
  const { namespace, above } = shadow.revision
  const deciding = [...namespaces].filter(
    ([name, { revision }]) => above.includes(name) || revision.above.includes(namespace),
  )
  return new Map(deciding).set(namespace, shadow)
}

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
  ): Promise<ReadonlyMap<string, Shadow>> => {
    const shadowOf = ({ revision: id, number }: PolicyHead, shadow: Namespace): Shadow => {
      let made: PolicySnapshot | undefined
      const present = namespaces.get(shadow.revision.namespace)
      return {
        id,
        number,
        policies: () => (made ??= withAll(around(namespaces, shadow))),
        areServicesOthers: servicesText(present) !== servicesText(shadow),
      }
    }

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
    return new Map(
      heads.flatMap((head) => {
        const shadow = loaded.get(head.revision)
        const isOfNow = shadow?.revision.parent === (namespaces.get(head.namespace)?.id ?? null)
        return shadow !== undefined && isOfNow ? [[head.namespace, shadowOf(head, shadow)] as const] : []
      }),
    )
  }
}
