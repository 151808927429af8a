import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { AgentList, AgentReport, AgentReported } from '../types.gen.ts'

/** The operations of processes that decide by themselves. */
export const agents = (sender: Sender) => ({
  /** Says by what this process decides, and how often; a decider does it. */
  report: (report: AgentReport, options?: CallOptions): Promise<AgentReported> =>
    sender.send(operations.agentsReport, { body: report }, options),
  /** The processes of the caller's applications, and of those below, that decide by themselves. */
  list: (options?: CallOptions): Promise<AgentList> => sender.send(operations.agentsList, {}, options),
})
