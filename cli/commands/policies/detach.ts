import { string as stringArg } from '@oclif/core/args'
import { accountView } from '../../accounts/view.ts'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output.ts'

/** Detach a policy from an account. */
export default class PoliciesDetach extends RemoteCommand<typeof PoliciesDetach> {
  static override summary = 'Detach a policy from an account'
  static override description = 'In force at the next request.'
  static override examples = ['<%= config.bin %> policies detach station-operator cli_01j…']
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
    const { account } = await client.policies.detach(this.args.account, this.args.name)
    return accountView(account)
  }
}
