import { moreNote, PAGE_FLAGS } from '../../accounts/list.ts'
import { RemoteCommand } from '../../base-command.ts'
import { momentWords } from '../../output/moment.ts'
import type { View } from '../../output/print.ts'
import { NAMESPACE_FLAG, namespacePage } from '../../policies/namespace.ts'

/** The revisions of a namespace. */
export default class PoliciesHistory extends RemoteCommand<typeof PoliciesHistory> {
  static override summary = 'List the revisions of your policies: who changed what when, from which commit'
  static override examples = [
    '<%= config.bin %> policies history',
    '<%= config.bin %> policies history --namespace adm_01j… --all --json',
  ]
  static override flags = { ...NAMESPACE_FLAG, ...PAGE_FLAGS }

  protected override async execute(): Promise<View> {
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const page = await namespacePage((query) => client.policies.revisions(query), this.flags)
    this.footnote = moreNote(page.next_cursor)
    const rows = page.items.map(({ commit, dirty, is_head: isHead, created_at: when, ...revision }) => ({
      ...revision,
      revision: `${revision.number}${isHead ? ' (in force)' : ''}`,
      when: momentWords(when),
      commit: commit === null ? null : `${commit.slice(0, 12)}${dirty ? '+' : ''}`,
      objects: revision.services + revision.documents + revision.attachments + revision.invariants,
    }))
    const columns = ['revision', 'when', 'event', 'commit', 'actor', 'set', 'objects']
    return { data: page, rows, columns, nameColumn: 'number', empty: 'no revisions: nothing was changed yet' }
  }
}
