import { tellActor } from '../../connection/acting.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedPolicy, orNotFound } from '../../errors/not-found.ts'
import { recordView, type View } from '../../output/print.ts'
import { policyArg } from '../../policies/args.ts'

/** Deletes a policy; asks first. */
export default class PoliciesDelete extends RemoteCommand<typeof PoliciesDelete> {
  static override summary = 'Delete a policy that is attached nowhere'
  static override examples = [
    '<%= config.bin %> policies delete station-operator',
    { description: 'In a script', command: '<%= config.bin %> policies delete station-operator --yes' },
  ]
  static override args = {
    name: policyArg({ required: true, description: 'NAME of your own namespace, or adm_…/NAME below you' }),
  }

  protected override async execute(): Promise<View> {
    const { name } = this.args
    const { connect } = await import('../../connection/client.ts')
    await this.confirm(async () => {
      await tellActor(await connect(this.flags))
      return `Delete the policy ${name}?`
    }, this.flags.yes)
    const { client } = await connect(this.flags)
    await orNotFound(client.policies.delete(name), namedPolicy(name))
    return recordView({ name, deleted: true }, { name, deleted: true }, 'name')
  }
}
