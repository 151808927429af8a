import { string as stringArg } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { LocalCommand } from './base-command.ts'
import { diagnosticsView, requireNoErrors, tally } from './diagnose.ts'
import { printData, render, tell, toJson, type View } from './output.ts'
import { readPolicyFolder } from './policy-files.ts'

const TEXTS = {
  validate: {
    summary: 'Check a folder of policies, offline',
    description:
      'Every file of the set: documents, services, attachments, tests, and what they say of one another. All errors are shown together; with any, the exit code is 3.',
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
      `<%= config.bin %> policies ${verb} --sarif > policies.sarif`,
    ]
    static override args = {
      dir: stringArg({ default: '.', description: 'The folder that holds authctl.json', ignoreStdin: true }),
    }
    static override flags = {
      sarif: boolean({
        summary: 'Print SARIF 2.1.0, which code hosts show beside the lines',
        exclusive: ['json'],
      }),
    }

    protected override async execute(): Promise<View | undefined> {
      const { lintSet, validateSet } = await import('../policies/set.ts')
      const { OWN_SERVICES } = await import('../policies/managed.ts')
      const { root, files } = readPolicyFolder(this.args.dir)
      const set = validateSet(files, { own: OWN_SERVICES })
      const warnings = verb === 'lint' ? lintSet(set, { now: Date.now() }) : []
      const diagnostics = [...set.diagnostics, ...warnings].map((each) => ({
        ...each,
        file: `${root}/${each.file}`,
      }))
      if (this.flags.sarif) {
        const { renderSarif } = await import('../policies/diagnostics.ts')
        printData(toJson(renderSarif(diagnostics)))
      } else {
        const summary = {
          set: set.name ?? null,
          documents: set.documents.length,
          services: set.services.length,
        }
        printData(render(diagnosticsView(diagnostics, summary), this.format))
      }
      requireNoErrors(diagnostics)
      if (this.format === 'table') tell(`${root}: ${tally(set.documents.length, diagnostics)}`)
      return undefined
    }
  }
