import { string } from '@oclif/core/flags'
import { accountIdOf } from '../../accounts/find.ts'
import { sessionsView } from '../../accounts/sessions.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedAccount, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'

/** Where somebody is signed in. */
export default class SessionsList extends RemoteCommand<typeof SessionsList> {
  static override summary = 'List where you are signed in, or where an account below you is'
  static override examples = [
    '<%= config.bin %> sessions list',
    '<%= config.bin %> sessions list --account namma.rides --json',
  ]
  static override flags = {
    account: string({
      helpValue: 'ID|USERNAME',
      summary: 'Those of this account below you, by its id or its username',
    }),
  }

  protected override async execute(): Promise<View> {
    const { account } = this.flags
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    if (account === undefined) return sessionsView(await client.sessions.list(), { own: true })
    const id = await accountIdOf(client, account)
    return sessionsView(await orNotFound(client.accounts.sessions(id), namedAccount(id)))
  }
}
