import { string } from '@oclif/core/flags'
import { accountIdOf } from '../../accounts/find.ts'
import { moreNote, PAGE_FLAGS } from '../../accounts/list.ts'
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
    const { owner, limit, cursor, all } = this.flags
    const { connect, collectPages } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const owner_id = owner === undefined ? undefined : await accountIdOf(client, owner)
    const query = {
      limit: all ? 200 : limit,
      ...(owner_id === undefined ? {} : { owner_id }),
      ...(cursor === undefined ? {} : { cursor }),
    }
    const listing = client.applications.list(query)
    const named = owner_id === undefined ? undefined : namedAccount(owner_id)
    const page = await collectPages(await orNotFound(listing, named), all)
    this.footnote = moreNote(page.next_cursor)
    return applicationsView(page.items, page)
  }
}
