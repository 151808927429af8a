import { boolean } from '@oclif/core/flags'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LocalCommand } from '../../base-command.ts'
import { FOLDER_OR_FILE_ARG } from '../../policies/args.ts'
import { EXIT } from '../../exit-codes.ts'
import { tell, type View } from '../../output/print.ts'
import { type FileText, readPolicyFolder } from '../../policies/folder.ts'
import { surroundings } from '../../surroundings.ts'

const formatterOf = async (files: readonly FileText[]): Promise<(file: FileText) => string | undefined> => {
  const { formatJson } = await import('../../../policies/set/index.ts')
  const yaml = files.some(({ parse }) => parse !== undefined)
    ? await import('../../../policies/yaml/index.ts')
    : undefined
  return ({ text, parse }) =>
    parse === undefined || yaml === undefined ? formatJson(text) : yaml.formatYaml(text)
}

/** Brings policy files into one form. */
export default class PoliciesFmt extends LocalCommand<typeof PoliciesFmt> {
  static override summary = 'Name the policy files that are not in the one form, or bring them into it'
  static override description = `Elements in the order of the reference, two blanks a level, 110 columns; comments of YAML stay. Nothing is written that is not read as the same afterwards; a file that cannot be read stays as it is. With --check the exit code is ${EXIT.failure.code} if a file is named.`
  static override examples = [
    '<%= config.bin %> policies fmt --write',
    '<%= config.bin %> policies fmt policies --check',
    '<%= config.bin %> policies fmt policies/documents/read-only.json --write',
  ]
  static override args = {
    path: FOLDER_OR_FILE_ARG,
  }
  static override flags = {
    write: boolean({ summary: 'Write them' }),
    check: boolean({ summary: 'Fail if there are any', exclusive: ['write'] }),
  }

  protected override async execute(): Promise<View> {
    const { root, files, only } = await readPolicyFolder(this.args.path)
    const format = await formatterOf(files)
    const asked = files.filter(({ path }) => only === undefined || path === only)
    const changed: string[] = []
    for (const file of asked) {
      const path = join(root, file.path)
      const formatted = format(file)
      if (formatted === undefined) tell(`${path} is left as it is: see authctl policies validate`)
      else if (formatted !== file.text) {
        changed.push(path)
        if (this.flags.write) writeFileSync(path, formatted)
      }
    }
    if (this.flags.check && changed.length > 0) surroundings().exitCode = EXIT.failure.code
    const done = this.flags.write ? 'written' : 'not in the one form'
    tell(`${this.args.path}: ${changed.length} of ${asked.length} files ${done}`)
    return { data: { files: changed }, rows: changed.map((file) => ({ file })), columns: ['file'], empty: '' }
  }
}
