import { string as stringArg } from '@oclif/core/args'
import { LocalCommand } from '../../base-command.ts'
import { FOLDER_ARG } from '../../policies/args.ts'
import { EXIT } from '../../exit-codes.ts'
import { recordView, type View } from '../../output/print.ts'
import { surroundings } from '../../surroundings.ts'

/** Compares two folders of policies by what they allow. */
export default class PoliciesEquiv extends LocalCommand<typeof PoliciesEquiv> {
  static override summary = 'Whether two folders of policies allow the same, offline'
  static override description = `EQUIVALENT is proved over all accounts and requests; DIFFERENT names a request that shows it; UNKNOWN is what is neither. The exit code is 0 for the first and ${EXIT.failure.code} for the others.`
  static override examples = [
    '<%= config.bin %> policies equiv main',
    '<%= config.bin %> policies equiv ../before policies',
    {
      description: 'After a rewrite, in a script',
      command: '<%= config.bin %> policies equiv HEAD~1 policies -o name',
    },
  ]
  static override args = {
    against: stringArg({
      required: true,
      description: 'Another folder, or a commit, branch or tag at which the folder is read',
    }),
    path: FOLDER_ARG,
  }

  protected override async execute(): Promise<View> {
    const { compareSets } = await import('../../policies/equivalence.ts')
    const compared = { folder: this.args.path, against: this.args.against }
    const { verdict, because } = await compareSets(compared)
    if (verdict !== 'EQUIVALENT') surroundings().exitCode = EXIT.failure.code
    return recordView({ verdict, because }, { verdict, because }, 'verdict')
  }
}
