import type { AgentRecord } from '../../domain/agent-record.ts'

/** Keeps what agents, processes of applications that decide by themselves, say of themselves. */
export interface AgentStore {
  /** Replaces the record of an agent that has one; false: it has none. */
  renew(record: AgentRecord): Promise<boolean>
  /** Keeps the record of an agent, in place of one that it may have. */
  add(record: AgentRecord): Promise<void>
  /** The records that have not expired at `now`, by their ids, at most `limit`. */
  list(now: number, limit: number): Promise<AgentRecord[]>
}
