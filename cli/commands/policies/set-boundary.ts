import { boolean } from '@oclif/core/flags'
import { accountIdOf } from '../../accounts/find.ts'
import { accountView } from '../../accounts/view.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedAccount, namedPolicy, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'
import { accountArg, policyArg } from '../../policies/args.ts'
import { usageProblem } from '../../problem.ts'

/** Bounds an account. */
export default class PoliciesSetBoundary extends RemoteCommand<typeof PoliciesSetBoundary> {
  static override summary = 'Bound an account and everything below it by a policy'
  static override description =
    'What no Allow of the policy names is denied, whatever else allows it. In force at the next request.'
  static override usage = '<%= command.id %> ACCOUNT (NAME | --clear)'
  static override examples = [
    '<%= config.bin %> policies set-boundary cli_01j… read-only',
    '<%= config.bin %> policies set-boundary cli_01j… --clear',
  ]
  static override args = { account: accountArg({ required: true }), name: policyArg() }
  static override flags = { clear: boolean({ summary: 'Take the boundary away' }) }

  protected override async execute(): Promise<View> {
    const { account: named, name } = this.args
    const { clear } = this.flags
    if (name !== undefined && clear)
      throw usageProblem('name a policy or pass --clear, not both', 'See the usage with --help.')
    if (name === undefined && !clear)
      throw usageProblem('name a policy, or pass --clear', 'See the usage with --help.')
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const id = await accountIdOf(client, named)
    const { account } = await orNotFound(
      client.policies.setBoundary(id, name ?? null),
      name === undefined ? undefined : namedPolicy(name),
      namedAccount(id),
    )
    return accountView(account)
  }
}
