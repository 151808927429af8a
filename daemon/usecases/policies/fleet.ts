import {
  standingOf,
  type DaemonRecord,
  type ShadowDifference,
  type ShadowReport,
  type Standing,
} from '../../domain/daemon-record.ts'
import { MANAGED_HOME, namespaceOf, ROOT } from '../../domain/policy-snapshot.ts'
import type { Principal } from '../../domain/session.ts'
import type { Deps } from '../deps.ts'
import { createAgents, type LivingAgent } from '../local/agents.ts'
import { digestOf } from '../upkeep/heartbeat.ts'
import { isShadowHead } from './shadows.ts'
import { createNamespaceAccess, mayChange } from './reach.ts'

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
  /** The first of the processes below the caller that decide by themselves. */
  readonly agents: readonly LivingAgent[]
  readonly hasMoreAgents: boolean
  /**
   * What stands in the shadow, with what all daemons have found by comparing it; null: nothing, or nothing
   * for one who may not change the namespace.
   */
  readonly shadow: ShadowReport | null
}

const MAX_DIFFERENCES = 100
const MAX_AGENTS = 100
const NO_AGENTS = { items: [], next: null }

/** What the daemons say of one shadow, together. */
const together = (
  reports: readonly ShadowReport[],
  head: Pick<ShadowReport, 'namespace' | 'revision' | 'number'>,
): ShadowReport => {
  const found = new Map<string, ShadowDifference>()
  for (const difference of reports.flatMap(({ differences }) => differences)) {
    const { account, action, resource, after } = difference
    const key = `${account} ${action} ${resource} ${after}`
    const count = (found.get(key)?.count ?? 0) + difference.count
    found.set(key, { ...difference, count })
  }
  return {
    ...head,
    questions: reports.reduce((sum, { questions }) => sum + questions, 0),
    changed: reports.reduce((sum, { changed }) => sum + changed, 0),
    differences: [...found.values()].sort((a, b) => b.count - a.count).slice(0, MAX_DIFFERENCES),
  }
}

/** What the daemons of the store say of themselves. */
export const createFleet = (
  deps: Pick<Deps, 'store' | 'vault' | 'clock' | 'policies' | 'audit' | 'settings'>,
) => {
  const { store, vault, clock, policies } = deps
  const agents = createAgents(deps)
  const { writable, requireReadable } = createNamespaceAccess(deps)

  const shadowOf = async (
    namespace: string,
    living: readonly DaemonRecord[],
  ): Promise<ShadowReport | null> => {
    await policies.refresh({ atOnce: true })
    const found = policies.current().shadows.get(namespace)
    if (found === undefined) return null
    const reports = living.flatMap(({ shadows }) => shadows.filter(({ revision }) => revision === found.id))
    return together(reports, { namespace, revision: found.id, number: found.number })
  }

  /**
   * Which daemons live, and by which revision of a namespace each decides. Throws `not_found`, `forbidden`.
   */
  const status = async (principal: Principal, named: string | undefined): Promise<PolicyStatus> => {
    const namespace = named ?? (await writable(principal, undefined)).name
    await requireReadable(principal, namespace)
    const all = await store.policies.heads()
    const heads = all.filter((each) => each.namespace !== MANAGED_HOME && !isShadowHead(each))
    const now = clock.now()
    const living = (await store.daemons.list(now)).filter(({ liveUntil }) => liveUntil > now)
    const present = { heads, digest: digestOf(vault, heads) }
    const isOperator = namespaceOf(principal.account) === ROOT
    const head = heads.find((each) => each.namespace === namespace)
    const page = { after: undefined, limit: MAX_AGENTS }
    const listed = mayChange(principal, namespace) ? await agents.list(principal, page) : NO_AGENTS
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
      agents: listed.items,
      hasMoreAgents: listed.next !== null,
      // It names accounts and what they have asked about: nothing for those below, who see one another not.
      shadow: mayChange(principal, namespace) ? await shadowOf(namespace, living) : null,
    }
  }

  return { status }
}
