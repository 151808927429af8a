import { moreNote, PAGE_FLAGS, pageOf } from '../../accounts/list.ts'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output/print.ts'

/** The processes of applications that decide by themselves. */
export default class PoliciesAgents extends RemoteCommand<typeof PoliciesAgents> {
  static override summary = 'List the processes of applications that decide by themselves'
  static override description =
    'Each says every half minute by which policies it decides, and how often. One that is behind has not heard of the newest for a while, or says so for the last time.'
  static override examples = [
    '<%= config.bin %> policies agents',
    '<%= config.bin %> policies agents --all --json',
  ]
  static override flags = PAGE_FLAGS

  protected override async execute(): Promise<View> {
    const { connect } = await import('../../connection/client.ts')
    const { AGENT_COLUMNS, agentRow } = await import('../../policies/fleet/agents.ts')
    const { client } = await connect(this.flags)
    const page = await pageOf((paging) => client.agents.list(paging), this.flags)
    this.footnote = moreNote(page.next_cursor)
    return {
      data: page,
      rows: page.items.map(agentRow),
      columns: AGENT_COLUMNS,
      nameColumn: 'agent',
      empty: 'no process decides by itself',
    }
  }
}
