import { boolean } from '@oclif/core/flags'
import { LocalCommand } from '../base-command.ts'
import { FOLDER_OR_FILE_ARG } from './args.ts'
import { diagnosticsText, diagnosticsView, exitCodeOf, tally } from './diagnostics.ts'
import { toJson } from '../output/json.ts'
import { printData, printView, tell, type View } from '../output/print.ts'
import { annotate } from './annotations.ts'
import { readPolicyFolder } from './folder.ts'
import { annotationsOf } from './sound-set.ts'
import { surroundings } from '../surroundings.ts'

const TEXTS = {
  validate: {
    summary: 'Check a folder of policies, or one file of it, offline',
    description:
      'Every file of the set: documents, services, attachments, tests, and what they say of one another. All errors are shown together; with any, the exit code is 3. Of a file, what is wrong with it as a part of its set.',
  },
  lint: {
    summary: 'Check a folder of policies, and advise on what is legal and probably not meant',
    description:
      'What `policies validate` checks, and the warnings. Warnings alone leave the exit code at 0.',
  },
} as const

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
      path: FOLDER_OR_FILE_ARG,
    }
    static override flags = {
      sarif: boolean({
        summary: 'Print SARIF 2.1.0, which code hosts show beside the lines',
        exclusive: ['json'],
      }),
    }

    protected override async execute(): Promise<View | undefined> {
      const { lintSet, validateSet } = await import('../../policies/set/index.ts')
      const { root, files, only } = await readPolicyFolder(this.args.path)
      const set = validateSet(files)
      const warnings = verb === 'lint' ? lintSet(set, { now: Date.now() }) : []
      const diagnostics = [...set.diagnostics, ...warnings]
        .filter(({ file }) => only === undefined || file === only)
        .map((each) => ({ ...each, file: `${root}/${each.file}` }))
      const isForPeople = this.format === 'table' && !this.flags.sarif
      if (this.flags.sarif) {
        const { renderSarif } = await import('../../policies/validate/index.ts')
        printData(toJson(renderSarif(diagnostics)))
      } else if (isForPeople) {
        const texts = new Map(files.map(({ path, text }) => [`${root}/${path}`, text]))
        printData(diagnosticsText(diagnostics, (file) => texts.get(file)))
      } else {
        const { name = null, documents, services } = set
        const summary = { set: name, documents: documents.length, services: services.length }
        await printView(diagnosticsView(diagnostics, summary), this.format)
      }
      annotate(annotationsOf(diagnostics))
      surroundings().exitCode = exitCodeOf(diagnostics)
      if (!isForPeople) return undefined
      if (diagnostics.length > 0) tell('Each code is explained in docs/reference/policies.md.')
      tell(`${this.args.path}: ${tally(set.documents.length, diagnostics)}`)
      return undefined
    }
  }
