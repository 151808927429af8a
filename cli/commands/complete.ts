import { string as stringArg } from '@oclif/core/args'
import { RemoteCommand } from '../base-command.ts'
import { listContexts } from '../connection/contexts.ts'
import { printData, type View } from '../output/print.ts'

const KINDS = ['contexts', 'policies', 'accounts'] as const
/** Nobody waits longer for the Tab key. */
const PATIENCE_SECONDS = 2
const MAX_OFFERED = 200

/** Prints what a shell offers where names are typed; nothing where it cannot be known soon. */
export default class Complete extends RemoteCommand<typeof Complete> {
  static override hidden = true
  static override summary = 'Print the names that a shell offers, one a line'
  static override examples = ['<%= config.bin %> complete contexts']
  static override args = {
    kind: stringArg({ required: true, options: [...KINDS], description: 'What is typed' }),
  }

  protected override async execute(): Promise<View | undefined> {
    // A shell shows what goes wrong in the middle of the line: it offers nothing instead.
    const names = await this.names().catch(() => [])
    printData(names.join('\n'))
    return undefined
  }

  private async names(): Promise<string[]> {
    if (this.args.kind === 'contexts') return listContexts().map(({ name }) => name)
    const { connect } = await import('../connection/client.ts')
    const { client } = await connect({ ...this.flags, timeout: PATIENCE_SECONDS })
    const query = { limit: MAX_OFFERED }
    if (this.args.kind === 'policies')
      return (await client.policies.list(query)).items.map(({ name }) => name)
    return (await client.accounts.list(query)).items.flatMap(({ username }) => username ?? [])
  }
}
