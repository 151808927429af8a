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
  const reported = new Set<string>()
  const report = ({ namespace, revision }: PolicyHead, { message }: Error): void => {
    if (reported.has(revision)) return
    reported.add(revision)
    log.error({ namespace, revision, cause: message }, 'policies cannot be used; those before stay in force')
  }
  const look = async (previous: PolicySnapshot | undefined): Promise<PolicySnapshot> => {
    const before = previous?.namespaces ?? new Map<string, Namespace>()
    const heads = (await store.heads()).filter(({ namespace }) => namespace !== MANAGED_HOME)
    const moved = heads.filter(({ namespace, revision }) => before.get(namespace)?.id !== revision)
    const removed = [...before].some(
      ([name, { id }]) => id !== null && !heads.some(({ namespace }) => namespace === name),
    )
    if (previous !== undefined && moved.length === 0 && !removed) return previous
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
    return new PolicySnapshot(namespaces, { managed, own: OWN_SERVICES })
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
