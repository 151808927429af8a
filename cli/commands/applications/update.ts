import { boolean, string } from '@oclif/core/flags'
import { applicationArg, applicationView, policyFlag } from '../../applications/command.ts'
import { publicKeyFlag, readPublicKeys } from '../../applications/public-key.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedApplication, namedPolicy, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'
import { usageProblem } from '../../problem.ts'

/** Another name, other policies, or other public keys. */
export default class ApplicationsUpdate extends RemoteCommand<typeof ApplicationsUpdate> {
  static override summary = 'Rename an application, or change what it is narrowed to or its public keys'
  static override description = 'In force at its next request, for tokens that it has already too.'
  static override examples = [
    '<%= config.bin %> applications update app_01j… --name Reports',
    '<%= config.bin %> applications update app_01j… --policy root/orders-clerk --policy reports-reader',
    '<%= config.bin %> applications update app_01j… --as-owner',
    '<%= config.bin %> applications update app_01j… --public-key old.pem --public-key new.pem',
  ]
  static override args = applicationArg
  static override flags = {
    name: string({ summary: 'Display name' }),
    policy: policyFlag(
      'It may do no more than this policy allows, in place of those before; may be repeated',
    ),
    'as-owner': boolean({ summary: 'It may do all that its owner may do', exclusive: ['policy', 'nothing'] }),
    nothing: boolean({ summary: 'It may do nothing', exclusive: ['policy', 'as-owner'] }),
    'public-key': publicKeyFlag(
      'A public key (PEM or JWK), in place of those before, whose tokens end; may be repeated',
    ),
    'without-public-keys': boolean({ summary: 'It has none from now on', exclusive: ['public-key'] }),
  }

  protected override async execute(): Promise<View> {
    const { id } = this.args
    const { name, policy, nothing } = this.flags
    const policies = this.flags['as-owner'] ? null : nothing ? [] : policy
    const files = this.flags['without-public-keys'] ? [] : this.flags['public-key']
    if (name === undefined && policies === undefined && files === undefined)
      throw usageProblem(
        'nothing to change',
        'Pass --name, --policy, --as-owner, --nothing, --public-key or --without-public-keys.',
      )
    const keys = files && (await readPublicKeys(files))
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const changes = {
      ...(name === undefined ? {} : { name }),
      ...(policies === undefined ? {} : { policies }),
      ...(keys && { jwks: { keys } }),
    }
    const { application } = await orNotFound(
      client.applications.update(id, changes),
      namedApplication(id),
      ...(policy ?? []).map(namedPolicy),
    )
    return applicationView(application)
  }
}
