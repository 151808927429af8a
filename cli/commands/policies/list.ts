import { string } from '@oclif/core/flags'
import { moreNote, PAGE_FLAGS } from '../../accounts/list.ts'
import { RemoteCommand } from '../../base-command.ts'
import { formed } from '../../input/forms.ts'
import type { View } from '../../output/print.ts'
import { namespacePage } from '../../policies/namespace.ts'

/** The policies that the caller sees. */
export default class PoliciesList extends RemoteCommand<typeof PoliciesList> {
  static override summary = 'List policies: managed ones, those of the accounts above you, and your own'
  static override examples = [
    '<%= config.bin %> policies list',
    '<%= config.bin %> policies list --namespace adm_01j… --all --json',
  ]
  static override flags = {
    namespace: string({
      helpValue: 'ID',
      summary: 'Only those of root, or of this admin or client',
      ...formed('namespace'),
    }),
    ...PAGE_FLAGS,
  }

  protected override async execute(): Promise<View> {
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const page = await namespacePage((query) => client.policies.list(query), this.flags)
    this.footnote = moreNote(page.next_cursor)
    const columns = ['name', 'statements', 'description', 'updated_at', 'hash']
    return { data: page, rows: page.items.map((item) => ({ ...item })), columns, empty: 'no policies' }
  }
}
