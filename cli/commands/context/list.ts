import { LocalCommand } from '../../base-command.ts'
import { currentName, listContexts } from '../../connection/contexts.ts'
import { storedSession } from '../../connection/credentials.ts'
import type { View } from '../../output/print.ts'

/** The contexts. */
export default class ContextList extends LocalCommand<typeof ContextList> {
  static override summary = 'List the contexts, and who is signed in in each'
  static override examples = ['<%= config.bin %> context list', '<%= config.bin %> context list --json']

  protected override async execute(): Promise<View> {
    const current = currentName()
    const rows = listContexts().map((context) => {
      const stored = storedSession({ url: context.server, context })
      const signedIn = typeof stored?.session === 'object' && stored.session !== null
      return {
        name: context.name,
        current: context.name === current,
        server: context.server,
        protected: context.protected,
        signed_in: signedIn ? `${stored.role} ${stored.login}` : null,
      }
    })
    return {
      data: { items: rows },
      rows,
      columns: ['name', 'current', 'server', 'protected', 'signed_in'],
      empty: 'no contexts; add one with: authctl context add NAME --server URL',
    }
  }
}
