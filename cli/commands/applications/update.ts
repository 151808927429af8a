import { boolean, string } from '@oclif/core/flags'
import { applicationArg, applicationView, namedApplication, policyFlag } from '../../applications/command.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedPolicy, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'
import { usageProblem } from '../../problem.ts'

/** Another name, or other policies. */
export default class ApplicationsUpdate extends RemoteCommand<typeof ApplicationsUpdate> {
  static override summary = 'Rename an application, or change what it is narrowed to'
  static override description = 'In force at its next request, for tokens that it has already too.'
  static override examples = [
    '<%= config.bin %> applications update app_01j… --name Reports',
    '<%= config.bin %> applications update app_01j… --policy root/orders-clerk --policy reports-reader',
    '<%= config.bin %> applications update app_01j… --as-owner',
  ]
  static override args = applicationArg
  static override flags = {
    name: string({ summary: 'Display name' }),
    policy: policyFlag(
      'It may do no more than this policy allows, in place of those before; may be repeated',
    ),
    'as-owner': boolean({ summary: 'It may do all that its owner may do', exclusive: ['policy', 'nothing'] }),
    nothing: boolean({ summary: 'It may do nothing', exclusive: ['policy', 'as-owner'] }),
  }

  protected override async execute(): Promise<View> {
    const { id } = this.args
    const { name, policy, nothing } = this.flags
    const policies = this.flags['as-owner'] ? null : nothing ? [] : policy
    if (name === undefined && policies === undefined)
      throw usageProblem('nothing to change', 'Pass --name, --policy, --as-owner or --nothing.')
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const changes = {
      ...(name === undefined ? {} : { name }),
      ...(policies === undefined ? {} : { policies }),
    }
    const { application } = await orNotFound(
      client.applications.update(id, changes),
      namedApplication(id),
      ...(policy ?? []).map(namedPolicy),
    )
    return applicationView(application)
  }
}
