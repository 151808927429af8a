import { standingOf, type DaemonRecord, type Standing } from '../../domain/daemon-record.ts'
import { MANAGED_HOME, namespaceOf, ROOT } from '../../domain/policy-snapshot.ts'
import type { Principal } from '../../domain/session.ts'
import type { Deps } from '../deps.ts'
import { digestOf } from '../upkeep/heartbeat.ts'
import { createNamespaceAccess } from './reach.ts'

/** A daemon that lives. Where it runs and its version only those hear who look after the service. */
export interface LivingDaemon extends Pick<DaemonRecord, 'id' | 'startedAt' | 'seenAt'>, Standing {
  readonly host: string | null
  readonly pid: number | null
  readonly version: string | null
}

/** The revision of a namespace that is in force, and the daemons with those that they decide by. */
export interface PolicyStatus {
  readonly namespace: string
  readonly revision: { readonly id: string; readonly number: number } | null
  readonly daemons: readonly LivingDaemon[]
}

/** What the daemons of the store say of themselves. */
export const createFleet = (deps: Pick<Deps, 'store' | 'vault' | 'clock'>) => {
  const { store, vault, clock } = deps
  const { writable, requireReadable } = createNamespaceAccess(deps)

  /**
   * Which daemons live, and by which revision of a namespace each decides. Throws `not_found`, `forbidden`.
   */
  const status = async (principal: Principal, named: string | undefined): Promise<PolicyStatus> => {
    const namespace = named ?? (await writable(principal, undefined)).name
    await requireReadable(principal, namespace)
    const heads = (await store.policies.heads()).filter((each) => each.namespace !== MANAGED_HOME)
    const now = clock.now()
    const living = (await store.daemons.list(now)).filter(({ liveUntil }) => liveUntil > now)
    const present = { heads, digest: digestOf(vault, heads) }
    const isOperator = namespaceOf(principal.account) === ROOT
    const head = heads.find((each) => each.namespace === namespace)
    return {
      namespace,
      revision: head === undefined ? null : { id: head.revision, number: head.number },
      daemons: living.map((record) => ({
        id: record.id,
        host: isOperator ? record.host : null,
        pid: isOperator ? record.pid : null,
        version: isOperator ? record.version : null,
        startedAt: record.startedAt,
        seenAt: record.seenAt,
        ...standingOf(record, namespace, present),
      })),
    }
  }

  return { status }
}
