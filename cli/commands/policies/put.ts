import { string as stringArg } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { recordView, type View } from '../../output.ts'
import { localProblem, usageProblem } from '../../problem.ts'
import { readInput } from '../../prompt.ts'
import { putOverPresent } from '../../put-over-present.ts'

const idOf = (text: string): string | undefined => {
  try {
    const { Id } = JSON.parse(text) as { Id?: unknown }
    return typeof Id === 'string' ? Id : undefined
  } catch {
    return undefined
  }
}

/** Creates a policy, or replaces what is there. */
export default class PoliciesPut extends RemoteCommand<typeof PoliciesPut> {
  static override summary = 'Create or replace a policy from a file'
  static override description =
    'In force on every daemon within a second. The server checks it; errors are told by line and column, and the exit code is 3.'
  static override examples = [
    '<%= config.bin %> policies put policies/documents/station-operator.json',
    '<%= config.bin %> policies put - --name adm_01j…/station-operator < station-operator.json',
  ]
  static override args = {
    file: stringArg({ required: true, description: 'The file, or - for standard input', ignoreStdin: true }),
  }
  static override flags = {
    name: string({
      helpValue: 'NAME',
      summary: 'Put it under this name; its Id in your own namespace, if left out',
    }),
    'if-match': string({
      helpValue: 'HASH',
      summary: 'Replace only what still is this; else what is there when the command begins',
    }),
  }

  protected override async execute(): Promise<View> {
    const { file } = this.args
    const text = await readInput(file)
    const name = this.flags.name ?? idOf(text)
    if (name === undefined)
      throw file === '-'
        ? usageProblem('the policy has no Id', 'Pass --name NAME.')
        : localProblem(
            'policy_invalid',
            `${file} has no Id`,
            'See: authctl policies validate',
            'invalidPolicy',
          )
    const { connect } = await import('../../api.ts')
    const { client } = connect(this.flags)
    const reply = await putOverPresent({
      ifMatch: this.flags['if-match'],
      present: async () => (await client.policies.get(name)).hash,
      put: (ifMatch) => client.policies.put(name, text, { ifMatch }),
    })
    const { hash, updated_at } = reply.policy
    return recordView(reply, { name: reply.policy.name, hash, updated_at, detail: reply.detail }, 'name')
  }
}
