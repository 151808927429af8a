import { string } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output.ts'

/** Who gets which policies by selectors. */
export default class AttachmentsGet extends RemoteCommand<typeof AttachmentsGet> {
  static override summary = 'Show who gets which policies by role, attribute, id or username'
  static override description = 'At the root, the managed policy of each role stands here from the beginning.'
  static override examples = [
    '<%= config.bin %> attachments get',
    '<%= config.bin %> attachments get --namespace adm_01j… --json',
  ]
  static override flags = {
    namespace: string({
      helpValue: 'ID',
      summary: 'Of root, or of this admin or client; your own, if left out',
    }),
  }

  protected override async execute(): Promise<View> {
    const { connect } = await import('../../api.ts')
    const { client } = connect(this.flags)
    const list = await client.attachments.get({ namespace: this.flags.namespace })
    return {
      data: list,
      rows: list.attachments.map((each) => ({ ...each })),
      columns: ['to', 'policies', 'boundary'],
    }
  }
}
