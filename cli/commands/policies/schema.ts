import { string as stringArg } from '@oclif/core/args'
import { LocalCommand } from '../../base-command.ts'
import { toJson } from '../../output/json.ts'
import { printData, type View } from '../../output/print.ts'
import { FILE_KINDS } from '../../policies/file-kinds.ts'

/** The JSON Schema of a kind of policy file, for editors. */
export default class PoliciesSchema extends LocalCommand<typeof PoliciesSchema> {
  static override summary = 'Print the JSON Schema of a kind of policy file, for editors'
  static override examples = ['<%= config.bin %> policies schema policy > policy.schema.json']
  static override args = {
    kind: stringArg({
      required: true,
      options: [...FILE_KINDS],
      description: 'The kind of file',
    }),
  }

  protected override async execute(): Promise<View | undefined> {
    const { SCHEMAS } = await import('../../../policies/validate/index.ts')
    printData(toJson(SCHEMAS[this.args.kind as (typeof FILE_KINDS)[number]]))
    return undefined
  }
}
