import { string as stringArg } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { RemoteCommand } from '../../base-command.ts'
import { tell, type View } from '../../output/print.ts'
import { shellWord } from '../../output/shell-word.ts'
import type { FileText } from '../../policies/folder.ts'
import { NAMESPACE_FLAG } from '../../policies/namespace.ts'
import { count } from '../../policies/plan/words.ts'
import { usageProblem } from '../../problem.ts'

const SET_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** The state of the server as files. */
export default class PoliciesExport extends RemoteCommand<typeof PoliciesExport> {
  static override summary = 'Print a set as the server has it, or write it into a folder'
  static override description =
    'With --split, the folder says afterwards what is in force, so that a plan of it is empty: files that say it already are left as they are; in the others, what differs is written where it stands, and the rest keeps its order, layout and comments.'
  static override examples = [
    '<%= config.bin %> policies export --set acme > acme.json',
    '<%= config.bin %> policies export policies --split',
    {
      description: 'Begin with what was made by hand; adopt it with the first plan',
      command: '<%= config.bin %> policies export policies --split --set acme --all',
    },
  ]
  static override args = {
    path: stringArg({
      default: '.',
      description: 'With --split, the folder; it also says which set',
    }),
  }
  static override flags = {
    ...NAMESPACE_FLAG,
    set: string({
      helpValue: 'NAME',
      summary: 'The set; as authctl.json of the folder names it, if left out',
    }),
    all: boolean({ summary: 'Everything of the namespace, with the objects of other sets' }),
    split: boolean({ summary: 'Write a folder, one file for each policy and service' }),
    prune: boolean({
      summary: 'With --split: delete files of which nothing is on the server',
      dependsOn: ['split'],
    }),
  }

  protected override async execute(): Promise<View | undefined> {
    const { connect } = await import('../../connection/client.ts')
    const { ownedBy, readHead } = await import('../../policies/plan/objects.ts')
    const files = await this.presentFiles()
    const set = this.setName(files)
    const { client } = await connect(this.flags)
    const all = (await readHead(client, this.flags.namespace))?.objects ?? []
    const objects = this.flags.all ? all : ownedBy(all, set)
    if (this.flags.split) {
      const { exportFiles } = await import('../../policies/plan/export-files.ts')
      return this.write(await exportFiles(set, { objects, files }), objects.length)
    }
    const valuesOf = (kind: string): object[] =>
      objects.filter((each) => each.kind === kind).map(({ value }) => value)
    return {
      data: {
        set,
        services: valuesOf('service'),
        documents: valuesOf('document'),
        attachments: valuesOf('attachment'),
        invariants: valuesOf('invariant'),
      },
      rows: objects.map(({ kind, name, origin }) => ({
        kind,
        name,
        set: origin?.set ?? null,
        source: origin?.source,
      })),
      columns: ['kind', 'name', 'set', 'source'],
      nameColumn: 'name',
      empty: `the server has nothing of the set ${set}`,
    }
  }

  private async presentFiles(): Promise<readonly FileText[]> {
    const { path } = this.args
    if (!existsSync(join(path, 'authctl.json'))) return []
    const { readPolicyFolder } = await import('../../policies/folder.ts')
    return (await readPolicyFolder(path)).files
  }

  private setName(files: readonly FileText[]): string {
    const { set } = this.flags
    if (set !== undefined && SET_NAME.test(set)) return set
    if (set !== undefined)
      throw usageProblem(`${JSON.stringify(set)} is not the name of a set`, 'A set is like acme-policies.')
    const file = files.find(({ path }) => path === 'authctl.json')
    const named = file && (JSON.parse(file.text) as { set?: unknown }).set
    if (typeof named === 'string') return named
    throw usageProblem('no set is named here', 'Pass --set NAME, or the folder that has an authctl.json.')
  }

  private write(
    { written, stray }: { written: readonly FileText[]; stray: readonly string[] },
    total: number,
  ): undefined {
    const { path } = this.args
    for (const file of written) {
      const target = join(path, file.path)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, file.text)
      tell(`wrote ${target}`)
    }
    for (const name of stray) {
      const target = join(path, name)
      if (this.flags.prune) rmSync(target)
      tell(this.flags.prune ? `deleted ${target}` : `${target} is not on the server; --prune deletes it`)
    }
    tell(`${count(total, 'object')}, ${count(written.length, 'file')} written.`)
    if (written.length > 0) this.nextCommand = `authctl policies plan ${shellWord(path)}`
  }
}
