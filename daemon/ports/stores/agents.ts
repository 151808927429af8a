import type { AgentRecord } from '../../domain/agent-record.ts'
import type { PathRange } from '../../domain/tree.ts'

/** Where an agent stands in a list: at the path of its owner, by its id there. */
export type AgentPosition = Pick<AgentRecord, 'ownerPath' | 'id'>

/** Which agents a page lists. */
export interface AgentQuery {
  /** Those that have not expired at this instant. */
  readonly now: number
  /** Those of owners whose path is in it. */
  readonly owners: PathRange
  readonly after?: AgentPosition
  readonly limit: number
}

/** Keeps what agents, processes of applications that decide by themselves, say of themselves. */
export interface AgentStore {
  /** Replaces the record of an agent that has one; false: it has none. */
  renew(record: AgentRecord): Promise<boolean>
  /** Keeps the record of an agent, in place of one that it may have. */
  add(record: AgentRecord): Promise<void>
  /** One page, in the order of the paths of the owners, and of the ids at each. */
  list(query: AgentQuery): Promise<AgentRecord[]>
}
