import { string as stringArg } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { recordView, type View } from '../../output.ts'
import { nameOfFile } from '../../policy-files.ts'
import { readInput } from '../../prompt.ts'
import { putOverPresent } from '../../put-over-present.ts'
import { usageProblem } from '../../problem.ts'

/** Declares a service of an application. */
export default class ServicesPut extends RemoteCommand<typeof ServicesPut> {
  static override summary =
    'Declare a service of an application from a file: its actions, resources and context keys'
  static override description = 'Policies in the namespace, and in those below it, can then name its actions.'
  static override examples = ['<%= config.bin %> services put policies/services/orders.json']
  static override args = {
    file: stringArg({ required: true, description: 'The file, or - for standard input', ignoreStdin: true }),
  }
  static override flags = {
    name: string({ helpValue: 'NAME', summary: 'The name of the service; that of the file, if left out' }),
    namespace: string({
      helpValue: 'ID',
      summary: 'In root, or in that of this admin or client; your own, if left out',
    }),
  }

  protected override async execute(): Promise<View> {
    const { file } = this.args
    const { namespace } = this.flags
    const text = await readInput(file)
    if (file === '-' && this.flags.name === undefined)
      throw usageProblem('standard input has no name', 'Pass --name NAME.')
    const name = this.flags.name ?? nameOfFile(file)
    const { connect } = await import('../../api.ts')
    const { client } = connect(this.flags)
    const stored = await putOverPresent({
      ifMatch: undefined,
      present: async () =>
        (await client.services.list()).items.find(
          (each) =>
            each.service['service'] === name && (namespace === undefined || each.namespace === namespace),
        )?.hash,
      put: (ifMatch) => client.services.put(name, text, { namespace, ifMatch }),
    })
    return recordView(stored, { service: name, namespace: stored.namespace, hash: stored.hash }, 'service')
  }
}
