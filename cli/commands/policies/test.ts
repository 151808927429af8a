import { boolean, integer, string } from '@oclif/core/flags'
import { LocalCommand } from '../../base-command.ts'
import { FOLDER_ARG } from '../../policies/args.ts'
import { EXIT } from '../../exit-codes.ts'
import type { View } from '../../output/print.ts'
import { readPolicyFolder } from '../../policies/folder.ts'
import { requireSound } from '../../policies/sound-set.ts'
import { runPolicyTests } from '../../policies/run-tests.ts'
import { WATCH_FLAG, watching } from '../../policies/watch.ts'
import { surroundings } from '../../surroundings.ts'

/** Runs the decision tests of a folder of policies. */
export default class PoliciesTest extends LocalCommand<typeof PoliciesTest> {
  static override summary = 'Run the decision tests of a folder of policies, offline'
  static override description = `Asks the engine of the daemon, with the attachments of the set in force. A test that fails shows each layer and the statements that decide or nearly do. The exit code is ${EXIT.policyTests.code} if a test fails or a bound is missed, and ${EXIT.invalidPolicy.code} if the set has errors.`
  static override examples = [
    '<%= config.bin %> policies test',
    '<%= config.bin %> policies test policies --threshold 100 --junit tests.xml --lcov policies.lcov',
    {
      description: 'On a pull request: what it changes must be tested',
      command: '<%= config.bin %> policies test policies --diff-base origin/main --threshold 100',
    },
    {
      description: 'Which mistakes in the policies no test would notice',
      command: '<%= config.bin %> policies test --mutate',
    },
    {
      description: 'Write who may into the snapshots of the tests',
      command: '<%= config.bin %> policies test --update',
    },
  ]
  static override args = {
    path: FOLDER_ARG,
  }
  static override flags = {
    ...WATCH_FLAG,
    coverage: boolean({ summary: 'List what no test meets' }),
    threshold: integer({
      min: 0,
      max: 100,
      helpValue: 'PERCENT',
      summary: 'So many of the statements must decide, and so many of the outcomes of conditions be met',
    }),
    mutate: boolean({ summary: 'Make mistakes in the policies, and list those that no test notices' }),
    'max-survivors': integer({
      min: 0,
      dependsOn: ['mutate'],
      helpValue: 'COUNT',
      summary: 'With --mutate: more such mistakes than this fail',
    }),
    update: boolean({ summary: 'Write who may into the snapshots (whoCan) before the tests are run' }),
    'diff-base': string({
      helpValue: 'COMMIT',
      summary:
        'Count only the statements that have changed since the commit branched off this one, such as main',
    }),
    sarif: boolean({
      summary: 'Print the tests that fail as SARIF 2.1.0, which code hosts show beside the lines',
      exclusive: ['json'],
    }),
    junit: string({ helpValue: 'FILE', summary: 'Write a JUnit report; - prints it instead of the result' }),
    lcov: string({
      helpValue: 'FILE',
      summary: 'Write the coverage as an lcov trace; - prints it instead of the result',
    }),
  }

  protected override async execute(): Promise<View | undefined> {
    if (!this.flags.watch) return await this.once()
    const { root } = await readPolicyFolder(this.args.path)
    return await watching([root], async () => void (await this.once()))
  }

  private async once(): Promise<View | undefined> {
    const { path } = this.args
    const folder = await requireSound(await readPolicyFolder(path))
    if (folder === undefined) return undefined
    const { view, hasFailed } = await runPolicyTests(folder, { ...this.flags, path, format: this.format })
    if (hasFailed) surroundings().exitCode = EXIT.policyTests.code
    return view
  }
}
