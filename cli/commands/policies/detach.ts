import { accountIdOf } from '../../accounts/find.ts'
import { accountView } from '../../accounts/view.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedAccount, namedPolicy, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'
import { accountArg, policyArg } from '../../policies/args.ts'

/** Detach a policy from an account. */
export default class PoliciesDetach extends RemoteCommand<typeof PoliciesDetach> {
  static override summary = 'Detach a policy from an account'
  static override description = 'In force at the next request.'
  static override examples = ['<%= config.bin %> policies detach station-operator cli_01j…']
  static override args = {
    name: policyArg({ required: true }),
    account: accountArg({ required: true }),
  }

  protected override async execute(): Promise<View> {
    const { connect } = await import('../../connection/client.ts')
    const { account: named, name } = this.args
    const { client } = await connect(this.flags)
    const id = await accountIdOf(client, named)
    const { account } = await orNotFound(
      client.policies.detach(id, name),
      { ...namedPolicy(name), what: `policy ${name} attached to it` },
      namedAccount(id),
    )
    return accountView(account)
  }
}
