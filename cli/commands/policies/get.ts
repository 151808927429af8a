import { string as stringArg } from '@oclif/core/args'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output.ts'

/** One policy with its document. */
export default class PoliciesGet extends RemoteCommand<typeof PoliciesGet> {
  static override summary = 'Show one policy'
  static override examples = [
    '<%= config.bin %> policies get authctl:Client',
    '<%= config.bin %> policies get station-operator --json',
  ]
  static override args = {
    name: stringArg({
      required: true,
      description: 'The policy: NAME, root/NAME, adm_…/NAME or authctl:NAME',
      ignoreStdin: true,
    }),
  }

  protected override async execute(): Promise<View> {
    const { connect } = await import('../../api.ts')
    const { client } = connect(this.flags)
    const policy = await client.policies.get(this.args.name)
    const columns = ['name', 'hash', 'updated_at', 'document']
    return { data: policy, rows: [{ ...policy }], columns, isRecord: true, nameColumn: 'name' }
  }
}
