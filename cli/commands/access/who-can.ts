import { CONTEXT_FLAG, contextOf, QUESTION_ARGS } from '../../access/question.ts'
import { moreNote, PAGE_FLAGS, pageOf } from '../../accounts/list.ts'
import { accountsView } from '../../accounts/view.ts'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output/print.ts'

/** Finds who may. */
export default class AccessWhoCan extends RemoteCommand<typeof AccessWhoCan> {
  static override summary = 'Which accounts below you may do an action on a resource?'
  static override description =
    'It decides for one account after the other, with the context that you give. Accounts that stand beside you or above are not asked about.'
  static override examples = [
    '<%= config.bin %> access who-can places:Write place/all',
    '<%= config.bin %> access who-can orders:Read order/42 --context orders.total=120 --all -o name',
  ]
  static override args = QUESTION_ARGS
  static override flags = { ...CONTEXT_FLAG, ...PAGE_FLAGS }

  protected override async execute(): Promise<View> {
    const { action, resource } = this.args
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const question = { action, resource, context: contextOf(this.flags.context) }
    const page = await pageOf((paging) => client.access.whoCan({ ...question, ...paging }), this.flags)
    this.footnote = moreNote(page.next_cursor)
    return accountsView(page.items, page, { empty: 'nobody below you', mixed: true })
  }
}
