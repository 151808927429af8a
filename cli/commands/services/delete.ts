import { string as stringArg } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { recordView, type View } from '../../output.ts'
import { chooseServer } from '../../server.ts'

/** Takes a service back; asks first. */
export default class ServicesDelete extends RemoteCommand<typeof ServicesDelete> {
  static override summary = 'Take a service back that no policy names'
  static override examples = ['<%= config.bin %> services delete orders --yes']
  static override args = {
    name: stringArg({ required: true, description: 'The name of the service', ignoreStdin: true }),
  }
  static override flags = {
    namespace: string({
      helpValue: 'ID',
      summary: 'Of root, or of this admin or client; your own, if left out',
    }),
  }

  protected override async execute(): Promise<View> {
    const { name } = this.args
    const { namespace, server, yes } = this.flags
    await this.confirm(`Delete the service ${name} on ${chooseServer(server)}?`, yes)
    const { connect } = await import('../../api.ts')
    const { client } = connect(this.flags)
    await client.services.delete(name, { namespace })
    return recordView({ service: name, deleted: true }, { service: name, deleted: true }, 'service')
  }
}
