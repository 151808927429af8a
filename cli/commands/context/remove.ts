import { LocalCommand } from '../../base-command.ts'
import { contextArg } from '../../connection/context-arg.ts'
import { removeContext } from '../../connection/contexts.ts'
import { removeSession } from '../../connection/credentials.ts'
import { recordView, tell, type View } from '../../output/print.ts'

/** Takes a context away, with its sign-in. */
export default class ContextRemove extends LocalCommand<typeof ContextRemove> {
  static override summary = 'Take a context away, and its sign-in from this machine'
  static override description =
    'The session lives on on its server until it expires; to end it there, first: logout --context NAME.'
  static override examples = ['<%= config.bin %> context remove staging']
  static override args = { name: contextArg }

  protected override async execute(): Promise<View> {
    const context = removeContext(this.args.name)
    const { name, server } = context
    const hadSession = removeSession({ url: server, context })
    if (hadSession)
      tell(`Its sign-in is removed from this machine; on ${server} it lives on until it expires.`)
    return recordView({ name, server, removed: true }, undefined, 'name')
  }
}
