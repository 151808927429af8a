import { option } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { FOLDER_ARG } from '../../policies/args.ts'
import { EXIT } from '../../exit-codes.ts'
import { tell, type View } from '../../output/print.ts'
import { NAMESPACE_FLAG } from '../../policies/namespace.ts'
import { surroundings } from '../../surroundings.ts'

const CLASSES = ['here', 'there', 'both', 'only-there'] as const

/** What differs between a checkout and the server. */
export default class PoliciesStatus extends RemoteCommand<typeof PoliciesStatus> {
  static override summary = 'What differs between a folder of policies and the server, and who changed it'
  static override description =
    'Objects are compared, not checksums, with what was applied the last time as the common ground: changed here, changed there by somebody else, on both sides, or only there: made by hand, in no set.'
  static override examples = [
    '<%= config.bin %> policies status policies',
    {
      description: `Every night: exit code ${EXIT.changes.code} if somebody has changed the server by hand`,
      command:
        '<%= config.bin %> policies status policies --fail-on there --fail-on both --fail-on only-there',
    },
  ]
  static override args = {
    path: FOLDER_ARG,
  }
  static override flags = {
    ...NAMESPACE_FLAG,
    'fail-on': option({
      options: CLASSES,
      multiple: true,
      summary: `Exit with ${EXIT.changes.code} if something has changed here, there, on both sides, or is only there`,
    })(),
  }

  protected override async execute(): Promise<View | undefined> {
    const { path } = this.args
    const { requireSound } = await import('../../policies/sound-set.ts')
    const folder = await requireSound(path)
    if (folder === undefined) return undefined
    const { connect } = await import('../../connection/client.ts')
    const { statusOf } = await import('../../policies/plan/status.ts')
    const { client } = await connect(this.flags)
    const status = await statusOf(client, folder.set, this.flags.namespace)
    const { drifted, data, applied } = status
    const failing = this.flags['fail-on'] ?? []
    if (drifted.some(({ drift }) => failing.includes(drift))) surroundings().exitCode = EXIT.changes.code
    const isForPeople = this.format === 'table'
    if (isForPeople) tell(applied)
    if (isForPeople && drifted.some(({ drift }) => drift === 'here'))
      this.nextCommand = `authctl policies plan ${path}`
    return {
      data,
      rows: drifted.map((each) => ({ ...each })),
      columns: ['drift', 'kind', 'name', 'what', 'by', 'when'],
      nameColumn: 'name',
      empty: 'The folder and the server are the same.',
    }
  }
}
