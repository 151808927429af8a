import * as operations from '../operations.gen.ts'
import { listPages, type Page } from '../page.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { Agent, AgentReport, AgentReported, AgentsListQuery } from '../types.gen.ts'

/** The operations of processes that decide by themselves. */
export const agents = (sender: Sender) => ({
  /** Says by what this process decides, and how often; a decider does it. */
  report: (report: AgentReport, options?: CallOptions): Promise<AgentReported> =>
    sender.send(operations.agentsReport, { body: report }, options),
  /** The processes of applications of the caller and of those below that decide by themselves, a page. */
  list: (query?: AgentsListQuery, options?: CallOptions): Promise<Page<Agent>> =>
    listPages(sender, operations.agentsList, query, options),
})
