import { accountIdOf } from '../../accounts/find.ts'
import { accountView } from '../../accounts/view.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedAccount, namedPolicy, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'
import { accountArg, policyArg } from '../../policies/args.ts'

/** Attach a policy to an account. */
export default class PoliciesAttach extends RemoteCommand<typeof PoliciesAttach> {
  static override summary = 'Attach a policy to an account'
  static override description =
    'It must give nothing that you may not do yourself: the refusal names the first such right. In force at the next request.'
  static override examples = [
    '<%= config.bin %> policies attach station-operator cli_01j…',
    '<%= config.bin %> policies attach station-operator namma.rides',
  ]
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
      client.policies.attach(id, name),
      namedPolicy(name),
      namedAccount(id),
    )
    return accountView(account)
  }
}
