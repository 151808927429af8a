import { string as stringArg } from '@oclif/core/args'
import { accountView } from '../../accounts/view.ts'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output.ts'

/** Attach a policy to an account. */
export default class PoliciesAttach extends RemoteCommand<typeof PoliciesAttach> {
  static override summary = 'Attach a policy to an account'
  static override description =
    'It must give nothing that you may not do yourself: the refusal names the first such right. In force at the next request.'
  static override examples = ['<%= config.bin %> policies attach station-operator cli_01j…']
  static override args = {
    name: stringArg({
      required: true,
      description: 'The policy: NAME, root/NAME, adm_…/NAME or authctl:NAME',
      ignoreStdin: true,
    }),
    account: stringArg({ required: true, description: 'The id of an account below you', ignoreStdin: true }),
  }

  protected override async execute(): Promise<View> {
    const { connect } = await import('../../api.ts')
    const { client } = connect(this.flags)
    const { account } = await client.policies.attach(this.args.account, this.args.name)
    return accountView(account)
  }
}
