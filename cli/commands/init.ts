import { string as stringArg } from '@oclif/core/args'
import { lstatSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { cwd } from 'node:process'
import { LocalCommand } from '../base-command.ts'
import { commandName } from '../command-name.ts'
import { listSettings } from '../host/daemon.ts'
import { tell, type View } from '../output/print.ts'
import { localProblem } from '../problem.ts'
import { makeOwnFolder, writeNewFile } from '../host/own-files.ts'
import { workingFolder } from '../host/working-folder.ts'

/** Whether anything has the name, be it a link to nowhere. */
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** Writes a working folder. */
export default class Init extends LocalCommand<typeof Init> {
  static override summary = 'Write a working folder: .env with fresh secrets, .gitignore, README.md'
  static override description =
    'Nothing is overwritten: if one of the files exists, nothing is written at all.'
  static override examples = ['<%= config.bin %> init', '<%= config.bin %> init my-auth']
  static override args = {
    directory: stringArg({
      description: 'The folder; created if it does not exist',
      default: '.',
      ignoreStdin: true,
    }),
  }

  protected override async execute(): Promise<View> {
    const directory = resolve(this.args.directory)
    const files = workingFolder(await listSettings(), commandName('anywhere'))
    const existing = files.map(({ name }) => name).filter((name) => isThere(join(directory, name)))
    if (existing.length > 0)
      throw localProblem(
        'files_exist',
        `${directory} has ${existing.join(', ')} already; nothing was written`,
        'Name another folder, as in: authctl init my-auth',
        'conflict',
      )
    makeOwnFolder(directory)
    for (const { name, mode, content } of files) writeNewFile(join(directory, name), content, mode)
    const inside = relative(cwd(), directory)
    tell('The secrets in .env are new and belong to this folder alone: keep them out of git.')
    this.nextCommand = inside === '' ? 'authctl start' : `cd ${inside} && authctl start`
    const rows = files.map(({ name }) => ({ file: join(directory, name) }))
    return { data: rows, rows, columns: ['file'] }
  }
}
