import { string as stringArg } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { lstatSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { cwd } from 'node:process'
import { LocalCommand } from '../base-command.ts'
import { commandName } from '../command-name.ts'
import { listSettings } from '../host/daemon.ts'
import { tell, type View } from '../output/print.ts'
import { shellWord } from '../output/shell-word.ts'
import { localProblem } from '../problem.ts'
import { makeOwnFolder, writeNewFile } from '../host/own-files.ts'
import { type NewFile, policyRepository } from '../host/policy-repository.ts'
import { workingFolder } from '../host/working-folder.ts'

/** Whether anything has the name, be it a link to nowhere. */
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** Writes a working folder. */
export default class Init extends LocalCommand<typeof Init> {
  static override summary = 'Write a working folder: .env with fresh secrets, .gitignore, README.md'
  static override description =
    'With --policies a repository of policies instead: a set with its services, attachments and tests, pipelines for GitHub and GitLab, and the settings of the editor. Nothing is overwritten: if one of the files exists, nothing is written at all.'
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init my-auth',
    '<%= config.bin %> init --policies my-policies',
  ]
  static override args = {
    directory: stringArg({
      description: 'The folder; created if it does not exist',
      default: '.',
    }),
  }
  static override flags = {
    policies: boolean({ summary: 'Write a repository of policies, with tests and pipelines' }),
  }

  protected override async execute(): Promise<View> {
    const directory = resolve(this.args.directory)
    const files: readonly NewFile[] = this.flags.policies
      ? policyRepository(this.config.root)
      : workingFolder(await listSettings(), commandName('anywhere'))
    const existing = files.map(({ name }) => name).filter((name) => isThere(join(directory, name)))
    if (existing.length > 0)
      throw localProblem(
        'files_exist',
        `${directory} has ${existing.join(', ')} already; nothing was written`,
        `Name another folder, as in: authctl init ${this.flags.policies ? '--policies my-policies' : 'my-auth'}`,
        'conflict',
      )
    for (const folder of new Set(['.', ...files.map(({ name }) => dirname(name))]))
      makeOwnFolder(join(directory, folder))
    for (const { name, mode, content } of files) writeNewFile(join(directory, name), content, mode)
    if (!this.flags.policies)
      tell('The secrets in .env are new and belong to this folder alone: keep them out of git.')
    const inside = relative(cwd(), directory)
    const next = this.flags.policies ? 'policies test' : 'start'
    // In the new folder a path from here leads nowhere.
    this.nextCommand =
      inside === '' ? `authctl ${next}` : `cd ${shellWord(inside)} && ${commandName('anywhere')} ${next}`
    const rows = files.map(({ name }) => ({ file: join(directory, name) }))
    return { data: rows, rows, columns: ['file'] }
  }
}
