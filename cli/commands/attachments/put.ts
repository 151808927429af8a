import { string as stringArg } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output.ts'
import { readInput } from '../../prompt.ts'
import { chooseServer } from '../../server.ts'

/** Replaces the attachments of a namespace; asks first. */
export default class AttachmentsPut extends RemoteCommand<typeof AttachmentsPut> {
  static override summary = 'Replace who gets which policies in a namespace, from a file'
  static override description =
    'The whole list: what the file leaves out is taken away. In force on every daemon within a second.'
  static override examples = [
    '<%= config.bin %> attachments get --json > attachments.json',
    '<%= config.bin %> attachments put policies/attachments/clients.json',
  ]
  static override args = {
    file: stringArg({ required: true, description: 'The file, or - for standard input', ignoreStdin: true }),
  }
  static override flags = {
    namespace: string({
      helpValue: 'ID',
      summary: 'Of root, or of this admin or client; your own, if left out',
    }),
    'if-match': string({
      helpValue: 'REVISION',
      summary: 'Replace only this revision; else what is there when the command begins',
    }),
  }

  protected override async execute(): Promise<View> {
    const text = await readInput(this.args.file)
    const { namespace, server, yes } = this.flags
    await this.confirm(
      `Replace the attachments of ${namespace ?? 'your namespace'} on ${chooseServer(server)}?`,
      yes,
    )
    const { connect } = await import('../../api.ts')
    const { client } = connect(this.flags)
    const ifMatch = this.flags['if-match'] ?? (await client.attachments.get({ namespace })).revision
    const list = await client.attachments.put(text, { namespace, ifMatch })
    return {
      data: list,
      rows: list.attachments.map((each) => ({ ...each })),
      columns: ['to', 'policies', 'boundary'],
    }
  }
}
