import { string } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { formed } from '../../input/forms.ts'
import { type Named, namedNamespace, namedPolicy, orNotFound } from '../../errors/not-found.ts'
import { recordView, type View } from '../../output/print.ts'
import { fileArg } from '../../policies/args.ts'
import { putText, readPolicyText } from '../../policies/text.ts'
import { localProblem, usageProblem } from '../../problem.ts'
import { putOverPresent } from '../../policies/put.ts'

/**
 * What may be missing where a policy is put: a managed policy, or the namespace that its name begins with.
 */
const homeOf = (name: string): Named[] => {
  if (name.includes(':')) return [namedPolicy(name)]
  const [namespace = '', inside] = name.split('/')
  return inside === undefined ? [] : [namedNamespace(namespace)]
}

/** Creates a policy, or replaces what is there. */
export default class PoliciesPut extends RemoteCommand<typeof PoliciesPut> {
  static override summary = 'Create or replace a policy from a file'
  static override description =
    'In force on every daemon within a second. Errors are told by line and column, and the exit code is 3. What `policies get --json` prints is taken as well: the document in it, under the name in it.'
  static override examples = [
    '<%= config.bin %> policies put policies/documents/station-operator.json',
    '<%= config.bin %> policies put - --name adm_01j…/station-operator < station-operator.json',
  ]
  static override args = { file: fileArg }
  static override flags = {
    name: string({
      helpValue: 'NAME',
      summary: 'Put it under this name; its Id in your own namespace, if left out',
      ...formed('policy'),
    }),
    'if-match': string({
      helpValue: 'HASH',
      summary: 'Replace only what still is this; else what is there when the command begins',
    }),
  }

  protected override async execute(): Promise<View> {
    const { file } = this.args
    const source = await readPolicyText(file, 'policy')
    // A managed policy cannot be changed: what was read of one is put as one's own.
    const full = source.from.namespace === undefined ? undefined : source.from.name
    const name = this.flags.name ?? full ?? source.ownName
    if (name === undefined)
      throw file === '-'
        ? usageProblem('the policy has no Id', 'Pass --name NAME.')
        : localProblem(
            'policy_invalid',
            `${file} has no Id`,
            'See: authctl policies validate',
            'invalidPolicy',
          )
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const reply = await putText(source, (text) =>
      putOverPresent({
        ifMatch: this.flags['if-match'],
        present: async () => (await client.policies.get(name)).hash,
        put: (ifMatch) => orNotFound(client.policies.put(name, text, { ifMatch }), ...homeOf(name)),
      }),
    )
    const { hash, updated_at } = reply.policy
    return recordView(reply, { name: reply.policy.name, hash, updated_at, detail: reply.detail }, 'name')
  }
}
