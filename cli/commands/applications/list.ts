import { string } from '@oclif/core/flags'
import { accountIdOf } from '../../accounts/find.ts'
import { moreNote, PAGE_FLAGS, pageOf } from '../../accounts/list.ts'
import { applicationsView } from '../../applications/command.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedAccount, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'

/** The applications that the caller sees. */
export default class ApplicationsList extends RemoteCommand<typeof ApplicationsList> {
  static override summary = 'List your applications, and those of accounts below you'
  static override examples = [
    '<%= config.bin %> applications list',
    '<%= config.bin %> applications list --owner namma.rides --all --json',
  ]
  static override flags = {
    owner: string({
      helpValue: 'ID|USERNAME',
      summary: 'Only those of this account, by its id or its username',
    }),
    ...PAGE_FLAGS,
  }

  protected override async execute(): Promise<View> {
    const { owner } = this.flags
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const owner_id = owner === undefined ? undefined : await accountIdOf(client, owner)
    const named = owner_id === undefined ? undefined : namedAccount(owner_id)
    const list = pageOf((paging) => client.applications.list({ owner_id, ...paging }), this.flags)
    const page = await orNotFound(list, named)
    this.footnote = moreNote(page.next_cursor)
    return applicationsView(page.items, page)
  }
}
