import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output/print.ts'

/** The services that policies can name. */
export default class ServicesList extends RemoteCommand<typeof ServicesList> {
  static override summary = 'List the services of applications that your policies can name'
  static override examples = ['<%= config.bin %> services list', '<%= config.bin %> services list --json']

  protected override async execute(): Promise<View> {
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const data = await client.services.list()
    const rows = data.items.map(({ namespace, hash, service }) => ({
      service: service['service'],
      namespace,
      actions: Object.keys(service['actions'] as object).join(', '),
      hash,
    }))
    return { data, rows, columns: ['service', 'namespace', 'actions', 'hash'], empty: 'no services' }
  }
}
