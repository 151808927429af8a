import type { Agent } from '@authctl/sdk'

/** A process that decides by itself, in a table. */
export const agentRow = (agent: Agent) => ({
  agent: agent.agent,
  application: agent.application,
  software: agent.software,
  revision: agent.revision.slice(0, 12),
  state: agent.is_current ? 'current' : 'behind',
  allowed: agent.allowed,
  denied: agent.denied,
  seen_at: agent.seen_at,
})

/** The columns of {@link agentRow}. */
export const AGENT_COLUMNS: readonly (keyof ReturnType<typeof agentRow>)[] = [
  'agent',
  'application',
  'software',
  'revision',
  'state',
  'allowed',
  'denied',
  'seen_at',
]
