import { boolean } from '@oclif/core/flags'
import { writeFileSync } from 'node:fs'
import { LocalCommand } from '../../base-command.ts'
import { readInput } from '../../input/prompt.ts'
import { EXIT } from '../../exit-codes.ts'
import { tell, type View } from '../../output/print.ts'
import type { FileText, PolicyFolder } from '../../policies/folder.ts'
import { readSources, SOURCE_ARG, SOURCE_FLAGS, sourceWords } from '../../policies/source.ts'
import { requireReadable } from '../../policies/text.ts'
import { usageProblem } from '../../problem.ts'
import { surroundings } from '../../surroundings.ts'

type Formatter = (file: FileText) => string | undefined

const formatterOf = async (files: readonly FileText[]): Promise<Formatter> => {
  const { formatJson } = await import('../../../policies/set/index.ts')
  const yaml = files.some(({ parse }) => parse !== undefined)
    ? await import('../../../policies/yaml/index.ts')
    : undefined
  return ({ text, parse }) =>
    parse === undefined || yaml === undefined ? formatJson(text) : yaml.formatYaml(text)
}

/** The files of a set that were named, each under the name that it has on the disk. */
const filesOf = ({ files, only, whole, shown }: PolicyFolder): FileText[] =>
  whole === undefined
    ? files
        .filter(({ path }) => only?.has(path) ?? true)
        .map((file) => ({ ...file, path: shown({ file: file.path, line: 1, column: 1 }).file }))
    : [whole]

/** Brings policy files into one form. */
export default class PoliciesFmt extends LocalCommand<typeof PoliciesFmt> {
  static override summary = 'Name the policy files that are not in the one form, or bring them into it'
  static override description = `Elements in the order of the reference, two blanks a level, 110 columns; comments of YAML stay. Nothing is written that is not read as the same afterwards; a file that cannot be read stays as it is. With --check the exit code is ${EXIT.failure.code} if a file is named.`
  static override examples = [
    '<%= config.bin %> policies fmt --write',
    '<%= config.bin %> policies fmt policies --check',
    '<%= config.bin %> policies fmt policies/documents/read-only.json --write',
    { description: 'In an editor', command: '<%= config.bin %> policies fmt -f -' },
  ]
  static override args = {
    path: SOURCE_ARG,
  }
  static override flags = {
    ...SOURCE_FLAGS,
    write: boolean({ summary: 'Write them' }),
    check: boolean({ summary: 'Fail if there are any', exclusive: ['write'] }),
  }

  protected override async execute(): Promise<View | undefined> {
    const asked = { ...this.flags, path: this.args.path }
    if (this.flags.filename?.includes('-') === true) return await this.formatStdin(this.flags.filename)
    const files = (await readSources(asked)).flatMap(filesOf)
    const format = await formatterOf(files)
    const changed: string[] = []
    for (const file of files) {
      const { path } = file
      const formatted = format(file)
      if (formatted === undefined) tell(`${path} is left as it is: see authctl policies validate`)
      else if (formatted !== file.text) {
        changed.push(path)
        if (this.flags.write) writeFileSync(path, formatted)
      }
    }
    if (this.flags.check && changed.length > 0) surroundings().exitCode = EXIT.failure.code
    const done = this.flags.write ? 'written' : 'not in the one form'
    tell(`${sourceWords(asked)}: ${changed.length} of ${files.length} files ${done}`)
    return { data: { files: changed }, rows: changed.map((file) => ({ file })), columns: ['file'], empty: '' }
  }

  /** As editors have it: the text comes in, and goes out in the one form. */
  private async formatStdin(named: readonly string[]): Promise<undefined> {
    if (named.length > 1 || this.flags.write)
      throw usageProblem('standard input is formatted alone, and to standard output', 'Pass -f - only.')
    const text = await readInput('-')
    const isJson = /^\s*[{[]/.test(text)
    const parse = isJson ? undefined : (await import('../../../policies/yaml/index.ts')).parseYaml
    requireReadable('standard input', text, parse)
    const file = { path: '-', text, ...(parse === undefined ? {} : { parse }) }
    const formatted = (await formatterOf([file]))(file) ?? text
    if (!this.flags.check) surroundings().stdout.write(formatted)
    else if (formatted !== text) surroundings().exitCode = EXIT.failure.code
  }
}
