import { boolean } from '@oclif/core/flags'
import type { PolicySet } from '../../policies/set/index.ts'
import { LocalCommand } from '../base-command.ts'
import { diagnosticsText, diagnosticsView, exitCodeOf, tally } from './diagnostics.ts'
import { readChecked } from '../input/text-file.ts'
import { toJson } from '../output/json.ts'
import { printData, printView, tell, type View } from '../output/print.ts'
import { annotate } from './annotations.ts'
import { readSources, SOURCE_ARG, SOURCE_FLAGS, sourceWords } from './source.ts'
import { annotationsOf } from './sound-set.ts'
import { usageProblem } from '../problem.ts'
import { WATCH_FLAG, watching } from './watch.ts'
import { surroundings } from '../surroundings.ts'

const TEXTS = {
  validate: {
    summary: 'Check a folder of policies, or one file of it, offline',
    description:
      'Every file of the set: documents, services, attachments, tests, and what they say of one another. All errors are shown together; with any, the exit code is 3. A single file is checked as a part of its set.',
  },
  lint: {
    summary: 'Check a folder of policies, and advise on what is legal and probably not meant',
    description:
      'What `policies validate` checks, and the warnings. Warnings alone leave the exit code at 0.',
  },
} as const

const isText = (text: string | undefined): text is string => text !== undefined

/** What was read, in numbers; of several sets, their names as a list. */
const summaryOf = (sets: readonly PolicySet[]): object => {
  const names = sets.map(({ name = null }) => name)
  const sum = (count: (set: PolicySet) => number): number => sets.reduce((all, set) => all + count(set), 0)
  return {
    ...(names.length === 1 ? { set: names[0] } : { sets: names }),
    documents: sum(({ documents }) => documents.length),
    services: sum(({ services }) => services.length),
  }
}

/** The `validate` and `lint` commands: they read a folder and speak to nobody. */
export const checkCommand = (verb: keyof typeof TEXTS) =>
  class Check extends LocalCommand<typeof Check> {
    static override summary = TEXTS[verb].summary
    static override description = TEXTS[verb].description
    static override examples = [
      `<%= config.bin %> policies ${verb}`,
      `<%= config.bin %> policies ${verb} examples/policies --json`,
      `<%= config.bin %> policies ${verb} examples/policies/documents/read-only.json`,
      `<%= config.bin %> policies ${verb} --sarif > policies.sarif`,
    ]
    static override args = {
      path: SOURCE_ARG,
    }
    static override flags = {
      ...SOURCE_FLAGS,
      ...WATCH_FLAG,
      sarif: boolean({
        summary: 'Print SARIF 2.1.0, which code hosts show beside the lines',
        exclusive: ['json'],
      }),
    }

    protected override async execute(): Promise<View | undefined> {
      if (!this.flags.watch) return await this.once()
      const asked = { ...this.flags, path: this.args.path }
      if (this.flags.filename?.includes('-') === true)
        throw usageProblem('standard input does not change', 'Leave out --watch.')
      const roots = (await readSources(asked, readChecked)).map(({ root }) => root)
      return await watching(roots, () => this.once())
    }

    private async once(): Promise<undefined> {
      const { lintSet, validateSet } = await import('../../policies/set/index.ts')
      const asked = { ...this.flags, path: this.args.path }
      const sources = await readSources(asked, readChecked)
      const sets = sources.map((source) => ({ source, set: validateSet(source.files) }))
      const diagnostics = sets.flatMap(({ source, set }) =>
        [...set.diagnostics, ...(verb === 'lint' ? lintSet(set, { now: Date.now() }) : [])]
          .filter(({ file }) => source.only?.has(file) ?? true)
          .map(source.shown),
      )
      const isForPeople = this.format === 'table' && !this.flags.sarif
      if (this.flags.sarif) {
        const { findingsOf, renderSarif } = await import('../../policies/validate/index.ts')
        printData(toJson(renderSarif(findingsOf(diagnostics))))
      } else if (isForPeople) {
        const textOf = (file: string) => sources.map((each) => each.textOf(file)).find(isText)
        printData(diagnosticsText(diagnostics, textOf))
      } else await printView(diagnosticsView(diagnostics, summaryOf(sets.map(({ set }) => set))), this.format)
      annotate(annotationsOf(diagnostics))
      surroundings().exitCode = exitCodeOf(diagnostics)
      if (!isForPeople) return undefined
      if (diagnostics.length > 0) tell('Each code is explained in docs/reference/policies.md.')
      const documents = sets.reduce((sum, { set }) => sum + set.documents.length, 0)
      tell(`${sourceWords(asked)}: ${tally(documents, diagnostics)}`)
      return undefined
    }
  }
