import { string as stringArg } from '@oclif/core/args'
import { RemoteCommand } from '../../base-command.ts'
import { recordView, type View } from '../../output.ts'
import { chooseServer } from '../../server.ts'

/** Deletes a policy; asks first. */
export default class PoliciesDelete extends RemoteCommand<typeof PoliciesDelete> {
  static override summary = 'Delete a policy that is attached nowhere'
  static override examples = [
    '<%= config.bin %> policies delete station-operator',
    { description: 'In a script', command: '<%= config.bin %> policies delete station-operator --yes' },
  ]
  static override args = {
    name: stringArg({
      required: true,
      description: 'NAME of your own namespace, or adm_…/NAME below you',
      ignoreStdin: true,
    }),
  }

  protected override async execute(): Promise<View> {
    const { name } = this.args
    await this.confirm(`Delete the policy ${name} on ${chooseServer(this.flags.server)}?`, this.flags.yes)
    const { connect } = await import('../../api.ts')
    const { client } = connect(this.flags)
    await client.policies.delete(name)
    return recordView({ name, deleted: true }, { name, deleted: true }, 'name')
  }
}
