import { boolean, option } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { FOLDER_ARG } from '../../policies/args.ts'
import { EXIT } from '../../exit-codes.ts'
import { momentWords } from '../../output/moment.ts'
import { tell, type View } from '../../output/print.ts'
import { shellWord } from '../../output/shell-word.ts'
import { NAMESPACE_FLAG } from '../../policies/namespace.ts'
import { surroundings } from '../../surroundings.ts'

const CLASSES = ['here', 'there', 'both', 'only-there'] as const

/** What differs between a checkout and the server. */
export default class PoliciesStatus extends RemoteCommand<typeof PoliciesStatus> {
  static override summary = 'What differs between a folder of policies and the server, and who changed it'
  static override description =
    'Objects are compared, not checksums, with what was applied the last time as the common ground: changed here, changed there by somebody else, on both sides, or only there: made by hand, in no set. Daemons that decide by an older revision than the one in force are named.'
  static override examples = [
    '<%= config.bin %> policies status policies',
    {
      description: `Every night: exit code ${EXIT.changes.code} if somebody has changed the server by hand`,
      command:
        '<%= config.bin %> policies status policies --fail-on there --fail-on both --fail-on only-there',
    },
    '<%= config.bin %> policies status --daemons',
  ]
  static override args = {
    path: FOLDER_ARG,
  }
  static override flags = {
    ...NAMESPACE_FLAG,
    daemons: boolean({
      exclusive: ['fail-on'],
      summary: 'Only the daemons, with the revision that each decides by; no folder is read',
    }),
    'fail-on': option({
      options: CLASSES,
      multiple: true,
      summary: `Exit with ${EXIT.changes.code} if something has changed here, there, on both sides, or is only there`,
    })(),
  }

  protected override async execute(): Promise<View | undefined> {
    if (this.flags.daemons) return await this.daemons()
    const { path } = this.args
    const { readPolicyFolder } = await import('../../policies/folder.ts')
    const { requireSound } = await import('../../policies/sound-set.ts')
    const folder = await requireSound(await readPolicyFolder(path))
    if (folder === undefined) return undefined
    const { connect } = await import('../../connection/client.ts')
    const { statusOf } = await import('../../policies/plan/status.ts')
    const { client } = await connect(this.flags)
    const status = await statusOf(client, folder.set, this.flags.namespace)
    const fleet = await client.policies.status({ namespace: this.flags.namespace })
    const { agentWords, fleetWords, shadowText } = await import('../../policies/fleet/words.ts')
    const { drifted, applied } = status
    const { daemons, agents, has_more_agents, shadow } = fleet
    const data = { ...status.data, daemons, agents, has_more_agents, shadow }
    const failing = this.flags['fail-on'] ?? []
    if (drifted.some(({ drift }) => failing.includes(drift))) surroundings().exitCode = EXIT.changes.code
    const isForPeople = this.format === 'table'
    const lines = [applied, fleetWords(fleet), agentWords(fleet), shadowText(fleet)]
    if (isForPeople) tell(lines.filter((line) => line !== undefined).join('\n'))
    if (isForPeople && drifted.some(({ drift }) => drift === 'here'))
      this.nextCommand = `authctl policies plan ${shellWord(path)}`
    return {
      data,
      rows: drifted.map(({ when, ...each }) => ({
        ...each,
        object: `${each.kind} ${each.name}`,
        when: when === null ? null : momentWords(when),
      })),
      columns: ['drift', 'object', 'what', 'by', 'when'],
      nameColumn: 'name',
      empty: 'The folder and the server are the same.',
    }
  }

  private async daemons(): Promise<View> {
    const { connect } = await import('../../connection/client.ts')
    const { DAEMON_COLUMNS, daemonRow } = await import('../../policies/fleet/words.ts')
    const { client } = await connect(this.flags)
    const status = await client.policies.status({ namespace: this.flags.namespace })
    const { shadowText } = await import('../../policies/fleet/words.ts')
    const shadow = shadowText(status)
    if (shadow !== undefined && this.format === 'table') tell(shadow)
    return {
      data: status,
      rows: status.daemons.map(daemonRow),
      columns: DAEMON_COLUMNS,
      nameColumn: 'id',
      empty: 'no daemon has said that it lives',
    }
  }
}
