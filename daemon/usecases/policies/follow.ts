import {
  compilePolicy,
  type CompiledPolicy,
  MANAGED_POLICIES,
  OWN_SERVICES,
} from '../../../policies/index.ts'
import { MANAGED_HOME, PolicySnapshot, ROOT, type Namespace } from '../../domain/policy-snapshot.ts'
import type { Vault } from '../../ports/crypto.ts'
import type { Log } from '../../ports/log.ts'
import type { PolicyHead, PolicyStore } from '../../ports/stores/index.ts'
import { follow, type Followed } from '../upkeep/follow.ts'
import { initialNamespace, readHeads } from './namespaces.ts'
import { createShadowReader, isShadowHead, shadowHeads } from './shadows.ts'

/** Every daemon knows of a moved head within a second, also where the store tells of nothing. */
const POLL_MS = 500

/** The policies in force, as every request reads them. */
export type FollowedPolicies = Followed<PolicySnapshot>

const compileManaged = (vault: Pick<Vault, 'digest'>): ReadonlyMap<string, CompiledPolicy> =>
  new Map(
    MANAGED_POLICIES.map((document) => {
      const name = `authctl:${document.Id}`
      return [name, compilePolicy(document, { name, hash: vault.digest(JSON.stringify(document)) })]
    }),
  )

/**
 * Follows the heads of the store: what has moved is compiled beside what is in force, and takes its place in
 * one assignment. A revision that cannot be used, such as one of a newer authctl, leaves the one before in
 * force; a daemon that starts has none, and does not start.
 */
export const followPolicies = ({
  store,
  vault,
  log,
  changed,
}: {
  store: PolicyStore
  vault: Pick<Vault, 'digest'>
  log: Log
  /** Called when others are in force than before. */
  changed?: () => void
}): Promise<FollowedPolicies> => {
  const managed = compileManaged(vault)
  /** The revision of each namespace that was reported last. */
  const reported = new Map<string, string>()
  const report = ({ namespace, revision }: PolicyHead, { message }: Error): void => {
    if (reported.get(namespace) === revision) return
    reported.set(namespace, revision)
    log.error({ namespace, revision, cause: message }, 'policies cannot be used; those before stay in force')
  }
  const readShadows = createShadowReader(store, report)
  let lastInShadow = ''
  const look = async (previous: PolicySnapshot | undefined): Promise<PolicySnapshot> => {
    const before = previous?.namespaces ?? new Map<string, Namespace>()
    const all = await store.heads()
    const heads = all.filter((head) => head.namespace !== MANAGED_HOME && !isShadowHead(head))
    const shadows = shadowHeads(all)
    const inShadow = shadows.map(({ namespace, revision }) => `${namespace} ${revision}`).sort()
    const moved = heads.filter(({ namespace, revision }) => before.get(namespace)?.id !== revision)
    const removed = [...before].some(
      ([name, { id }]) => id !== null && !heads.some(({ namespace }) => namespace === name),
    )
    const isSameShadow = String(inShadow) === lastInShadow
    if (previous !== undefined && moved.length === 0 && !removed && isSameShadow) return previous
    const namespaces = new Map<string, Namespace>([[ROOT, initialNamespace({ name: ROOT, above: [] })]])
    for (const { namespace } of heads) {
      const known = before.get(namespace)
      if (known !== undefined) namespaces.set(namespace, known)
    }
    for (const { head, loaded } of await readHeads(store, moved, before)) {
      if (!(loaded instanceof Error)) namespaces.set(head.namespace, loaded)
      else if (previous === undefined) throw loaded
      else report(head, loaded)
    }
    const come = { managed, own: OWN_SERVICES }
    const standing = await readShadows(shadows, namespaces, (others) => new PolicySnapshot(others, come))
    lastInShadow = String(inShadow)
    return new PolicySnapshot(namespaces, { ...come, shadows: standing })
  }
  return follow({
    look,
    watch: (moved) => store.watch(moved),
    everyMs: POLL_MS,
    what: 'the policies',
    log,
    changed,
  })
}
