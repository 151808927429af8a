import { string as stringArg } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { accountIdOf } from '../../accounts/find.ts'
import { questionAbout } from '../../accounts/question.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedAccount, namedSession, orNotFound } from '../../errors/not-found.ts'
import { formed } from '../../input/forms.ts'
import { recordView, type View } from '../../output/print.ts'
import { usageProblem } from '../../problem.ts'

/** Ends sessions. */
export default class SessionsRevoke extends RemoteCommand<typeof SessionsRevoke> {
  static override summary = 'End one of your sessions, all your others, or all of an account below you'
  static override description =
    'Its access tokens are refused from the next request on, its refresh token as well. To end the present one: logout.'
  static override examples = [
    '<%= config.bin %> sessions revoke ses_01j…',
    '<%= config.bin %> sessions revoke --others',
    '<%= config.bin %> sessions revoke --account namma.rides --yes',
  ]
  static override args = {
    id: stringArg({
      description: 'One of your sessions, from sessions list',
      ...formed('session'),
    }),
  }
  static override flags = {
    others: boolean({ summary: 'All of yours but the present one', exclusive: ['account'] }),
    account: string({
      helpValue: 'ID|USERNAME',
      summary: 'All of this account below you, by its id or its username',
    }),
  }

  protected override async execute(): Promise<View> {
    const { id } = this.args
    const { others, account, yes } = this.flags
    if ([id, others || undefined, account].filter((given) => given !== undefined).length !== 1)
      throw usageProblem('what to end is missing, or named twice', 'Pass ID, --others or --account.')
    const { connect } = await import('../../connection/client.ts')
    if (id !== undefined) {
      const { client } = await connect(this.flags)
      await orNotFound(client.sessions.revoke(id), namedSession(id))
      return recordView({ id, revoked: 1 })
    }
    if (account === undefined) {
      await this.confirm('End every session of yours but the present one?', yes)
      const { client } = await connect(this.flags)
      const { revoked } = await client.sessions.revokeOthers()
      return recordView({ revoked }, { revoked }, 'revoked')
    }
    this.refuseUnasked(yes)
    const { client } = await connect(this.flags)
    const accountId = await accountIdOf(client, account)
    const asked = { verb: 'End every session of' }
    await this.confirm(async () => await questionAbout(this.flags, accountId, asked), yes)
    const { revoked } = await orNotFound(client.accounts.revokeSessions(accountId), namedAccount(accountId))
    return recordView({ id: accountId, revoked })
  }
}
