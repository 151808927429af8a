import { string as stringArg } from '@oclif/core/args'
import { knownAccount, namespaceOf, tellActor } from '../../connection/acting.ts'
import { RemoteCommand } from '../../base-command.ts'
import { formed } from '../../input/forms.ts'
import { NAMESPACE_FLAG } from '../../policies/namespace.ts'
import { namedService, orNotFound } from '../../errors/not-found.ts'
import { recordView, type View } from '../../output/print.ts'

/** Takes a service back; asks first. */
export default class ServicesDelete extends RemoteCommand<typeof ServicesDelete> {
  static override summary = 'Take a service back that no policy names'
  static override examples = ['<%= config.bin %> services delete orders --yes']
  static override args = {
    name: stringArg({
      required: true,
      description: 'The name of the service',
      ...formed('service'),
    }),
  }
  static override flags = { ...NAMESPACE_FLAG }

  protected override async execute(): Promise<View> {
    const { name } = this.args
    const { namespace, yes } = this.flags
    const { connect } = await import('../../connection/client.ts')
    await this.confirm(async () => {
      const connection = await connect(this.flags)
      const { account = knownAccount(connection.source) } = await tellActor(connection)
      const own = account && (namespaceOf(account) ?? account.id)
      return `Delete the service ${name} of ${namespace ?? own ?? 'your own namespace'}?`
    }, yes)
    const { client } = await connect(this.flags)
    await orNotFound(client.services.delete(name, { namespace }), namedService(name, namespace))
    return recordView({ service: name, deleted: true }, { service: name, deleted: true }, 'service')
  }
}
