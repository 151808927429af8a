import { boolean } from '@oclif/core/flags'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LocalCommand } from '../../base-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { printData, tell, type View } from '../../output/print.ts'
import { makeSafe } from '../../output/text.ts'
import { requireSound } from '../../policies/sound-set.ts'
import { readSource, SOURCE_ARG, SOURCE_FLAGS, sourceWords } from '../../policies/source.ts'
import { usageProblem } from '../../problem.ts'
import { surroundings } from '../../surroundings.ts'

/** Takes out of policies what is proved to say nothing. */
export default class PoliciesSimplify extends LocalCommand<typeof PoliciesSimplify> {
  static override summary = 'Name what is superfluous in policies, or take it out, offline'
  static override description = `Statements, patterns, conditions and values without which a policy is proved to decide every request as before, wherever it is attached and whatever stands beside it. What cannot be proved stays, and so do statements that tests call by their name. With --check the exit code is ${EXIT.failure.code} if there is anything.`
  static override examples = [
    '<%= config.bin %> policies simplify',
    '<%= config.bin %> policies simplify policies --write',
    {
      description: 'What it changed, proved once more',
      command: '<%= config.bin %> policies equiv HEAD policies',
    },
  ]
  static override args = {
    path: SOURCE_ARG,
  }
  static override flags = {
    ...SOURCE_FLAGS,
    write: boolean({ summary: 'Take it out of the files; their layout and comments stay' }),
    check: boolean({ summary: 'Fail if there is anything', exclusive: ['write'] }),
  }

  protected override async execute(): Promise<View | undefined> {
    const asked = { ...this.flags, path: this.args.path }
    const folder = await requireSound(await readSource(asked))
    if (folder === undefined) return undefined
    if (folder.whole !== undefined && this.flags.write)
      throw usageProblem('a set in one text is only looked at', 'Name its folder, or leave out --write.')
    const { simplifySet } = await import('../../policies/simplify.ts')
    const { found, files } = await simplifySet(folder, folder.set)
    const shown = found.map(folder.shown)
    if (this.flags.write) for (const { path, text } of files) writeFileSync(join(folder.root, path), text)
    if (this.flags.check && shown.length > 0) surroundings().exitCode = EXIT.failure.code
    const isForPeople = this.format === 'table'
    if (isForPeople)
      printData(
        shown
          .map(({ file, line, column, policy, name, what }) =>
            makeSafe(`${file}:${line}:${column}: ${policy} ${name}: ${what} is superfluous`),
          )
          .join('\n'),
      )
    const done = this.flags.write ? 'taken out of' : 'superfluous in'
    tell(
      `${sourceWords(asked)}: ${shown.length} parts ${done} ${files.length} of ${folder.set.documents.length} policies`,
    )
    if (isForPeople) return undefined
    return {
      data: { superfluous: shown },
      rows: shown.map(({ file, line, column }) => ({ place: `${file}:${line}:${column}` })),
      columns: ['place'],
      empty: '',
    }
  }
}
