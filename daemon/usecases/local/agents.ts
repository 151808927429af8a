import {
  AGENT_LIFE_MS,
  isCurrentAgent,
  type AgentRecord,
  type SampledDenial,
} from '../../domain/agent-record.ts'
import { isShadowHead } from '../policies/shadows.ts'
import { MANAGED_HOME } from '../../domain/policy-snapshot.ts'
import { callerIdOf, type Principal } from '../../domain/session.ts'
import { visibleRanges } from '../../domain/tree.ts'
import type { AgentPosition } from '../../ports/stores/index.ts'
import { actorFields } from '../audit.ts'
import type { Deps } from '../deps.ts'
import { RATE_LIMITS, takeLimits } from '../limits.ts'
import type { Loading } from './local.ts'

/** What an agent says of itself. */
export type AgentReport = Pick<
  AgentRecord,
  'agent' | 'software' | 'language' | 'revision' | 'heads' | 'allowed' | 'denied' | 'denials' | 'startedAt'
>

/** An agent as operators see it. */
export type LivingAgent = AgentRecord & { readonly isCurrent: boolean }

/** Where a list goes on: after this agent; null: it is all. */
export interface AgentList {
  readonly items: readonly LivingAgent[]
  readonly next: AgentPosition | null
}

/** The processes of applications that decide by themselves, as they say of themselves. */
export const createAgents = (deps: Pick<Deps, 'store' | 'clock' | 'audit' | 'settings'>) => {
  const { store, clock, audit } = deps

  const recordDenial = ({ principal, origin }: Loading, denial: SampledDenial): void =>
    audit.record({
      event: 'access-denied-locally',
      outcome: 'failure',
      reason: `${denial.action} on ${denial.resource}`,
      targetId: denial.account,
      ...actorFields(principal, origin),
    })

  /**
   * Keeps what an agent says, for a few minutes. Throws `rate_limited` where an application makes up ever new
   * ones.
   */
  const report = async (loading: Loading, said: AgentReport): Promise<void> => {
    const { principal, origin } = loading
    const { account } = principal
    const audience = callerIdOf(principal)
    const now = clock.now()
    const record: AgentRecord = {
      ...said,
      id: `${audience} ${said.agent}`,
      audience,
      ownerId: account.id,
      ownerPath: account.path,
      seenAt: now,
      expiresAt: now + AGENT_LIFE_MS,
    }
    if (!(await store.agents.renew(record))) {
      await takeLimits(deps, [RATE_LIMITS.newAgent(audience)], origin)
      await store.agents.add(record)
      audit.record({ event: 'agent-joined', outcome: 'success', ...actorFields(principal, origin) })
    }
    for (const denial of said.denials) recordDenial(loading, denial)
  }

  /** One page of the agents that live, of the caller and of those below it. */
  const list = async (
    { account }: Pick<Principal, 'account'>,
    { after, limit }: { after: AgentPosition | undefined; limit: number },
  ): Promise<AgentList> => {
    const now = clock.now()
    const found: AgentRecord[] = []
    for (const owners of visibleRanges(account)) {
      if (after !== undefined && after.ownerPath >= owners.before) continue
      const isWithin = after !== undefined && after.ownerPath >= owners.from
      const query = { now, owners, limit: limit + 1 - found.length, ...(isWithin && { after }) }
      found.push(...(await store.agents.list(query)))
      if (found.length > limit) break
    }
    const all = await store.policies.heads()
    const heads = all.filter((each) => each.namespace !== MANAGED_HOME && !isShadowHead(each))
    const records = found.slice(0, limit)
    const last = found.length > limit ? records.at(-1) : undefined
    return {
      items: records.map((record) => ({ ...record, isCurrent: isCurrentAgent(record, heads) })),
      next: last === undefined ? null : { ownerPath: last.ownerPath, id: last.id },
    }
  }

  return { report, list }
}
