import {
  AGENT_LIFE_MS,
  isCurrentAgent,
  type AgentRecord,
  type SampledDenial,
} from '../../domain/agent-record.ts'
import { concerns } from '../../domain/local/changes.ts'
import { isShadowHead } from '../policies/shadows.ts'
import { MANAGED_HOME } from '../../domain/policy-snapshot.ts'
import { callerIdOf, type Principal } from '../../domain/session.ts'
import { actorFields } from '../audit.ts'
import type { Deps } from '../deps.ts'
import { RATE_LIMITS, takeLimits } from '../limits.ts'
import type { Loading } from './local.ts'

/** More agents than that are not looked at. */
const MOST_LISTED = 5000

/** What an agent says of itself. */
export type AgentReport = Pick<
  AgentRecord,
  'agent' | 'software' | 'language' | 'revision' | 'heads' | 'allowed' | 'denied' | 'denials' | 'startedAt'
>

/** An agent as operators see it. */
export type LivingAgent = AgentRecord & { readonly isCurrent: boolean }

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

  /** The agents that live, of the caller and of those below it. */
  const list = async ({ account }: Pick<Principal, 'account'>): Promise<LivingAgent[]> => {
    const [records, all] = await Promise.all([
      store.agents.list(clock.now(), MOST_LISTED),
      store.policies.heads(),
    ])
    const heads = all.filter((each) => each.namespace !== MANAGED_HOME && !isShadowHead(each))
    return records
      .filter(({ ownerPath }) => concerns(account, ownerPath))
      .map((record) => ({ ...record, isCurrent: isCurrentAgent(record, heads) }))
  }

  return { report, list }
}
