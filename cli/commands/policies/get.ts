import { RemoteCommand } from '../../base-command.ts'
import { toJson } from '../../output/json.ts'
import { namedPolicy, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'
import { policyArg } from '../../policies/args.ts'

/** One policy with its document. */
export default class PoliciesGet extends RemoteCommand<typeof PoliciesGet> {
  static override summary = 'Show one policy'
  static override description =
    'What --json prints can be changed and put back by `policies put`: it takes the document and the name from it.'
  static override examples = [
    '<%= config.bin %> policies get authctl:Client',
    '<%= config.bin %> policies get station-operator --json > station-operator.json',
  ]
  static override args = { name: policyArg({ required: true }) }

  protected override async execute(): Promise<View> {
    const { name } = this.args
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const policy = await orNotFound(client.policies.get(name), namedPolicy(name))
    return {
      data: policy,
      rows: [{ ...policy }],
      columns: ['name', 'hash', 'updated_at'],
      isRecord: true,
      nameColumn: 'name',
      more: [toJson(policy.document)],
    }
  }
}
