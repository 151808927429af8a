import { string as stringArg } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { accountView } from '../../accounts/view.ts'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output.ts'
import { usageProblem } from '../../problem.ts'

/** Bounds an account. */
export default class PoliciesSetBoundary extends RemoteCommand<typeof PoliciesSetBoundary> {
  static override summary = 'Bound an account and everything below it by a policy'
  static override description =
    'What no Allow of the policy names is denied, whatever else allows it. In force at the next request.'
  static override examples = [
    '<%= config.bin %> policies set-boundary cli_01j… read-only',
    '<%= config.bin %> policies set-boundary cli_01j… --clear',
  ]
  static override args = {
    account: stringArg({ required: true, description: 'The id of an account below you', ignoreStdin: true }),
    name: stringArg({
      description: 'The policy: NAME, root/NAME, adm_…/NAME or authctl:NAME',
      ignoreStdin: true,
    }),
  }
  static override flags = { clear: boolean({ summary: 'Take the boundary away' }) }

  protected override async execute(): Promise<View> {
    const { account: id, name } = this.args
    if ((name === undefined) !== (this.flags.clear === true))
      throw usageProblem('name a policy, or pass --clear', 'See the usage with --help.')
    const { connect } = await import('../../api.ts')
    const { client } = connect(this.flags)
    const { account } = await client.policies.setBoundary(id, name ?? null)
    return accountView(account)
  }
}
