import { applicationArg, applicationView } from '../../applications/command.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedApplication, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'

/** One application. */
export default class ApplicationsGet extends RemoteCommand<typeof ApplicationsGet> {
  static override summary = 'Show an application, with when each of its keys ends and was used last'
  static override examples = [
    '<%= config.bin %> applications get app_01j…',
    '<%= config.bin %> applications get app_01j… --json',
  ]
  static override args = applicationArg

  protected override async execute(): Promise<View> {
    const { id } = this.args
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    return applicationView(await orNotFound(client.applications.get(id), namedApplication(id)))
  }
}
