import { string } from '@oclif/core/flags'
import type { WrittenAttachment } from '../../../policies/validate/index.ts'
import { tellPassage } from '../../connection/acting.ts'
import { attachmentsView, changesOf } from '../../policies/attachments.ts'
import { RemoteCommand } from '../../base-command.ts'
import { NAMESPACE_FLAG } from '../../policies/namespace.ts'
import { namedNamespace, orNotFound } from '../../errors/not-found.ts'
import { tell, type View } from '../../output/print.ts'
import { fileArg } from '../../policies/args.ts'
import { putText, readPolicyText } from '../../policies/text.ts'
import { makeSafe } from '../../output/text.ts'

/** Replaces the attachments of a namespace; shows what changes, and asks first. */
export default class AttachmentsPut extends RemoteCommand<typeof AttachmentsPut> {
  static override summary = 'Replace who gets which policies in a namespace, from a file'
  static override description =
    'The whole list: what the file leaves out is taken away; what is added and taken away is shown before. In force on every daemon within a second. What `attachments get --json` prints is taken as well: into the namespace that it was read from, if none is named.'
  static override examples = [
    '<%= config.bin %> attachments get --json > attachments.json',
    '<%= config.bin %> attachments put policies/attachments/clients.json',
    { description: 'In a script', command: '<%= config.bin %> attachments put attachments.json --yes' },
  ]
  static override args = { file: fileArg }
  static override flags = {
    ...NAMESPACE_FLAG,
    'if-match': string({
      helpValue: 'REVISION',
      summary: 'Replace only this revision; else what is there when the command begins',
    }),
  }

  protected override async execute(): Promise<View> {
    const source = await readPolicyText(this.args.file, 'attachments')
    const { yes } = this.flags
    this.refuseUnasked(yes)
    const namespace = this.flags.namespace ?? source.from.namespace
    const named = namespace === undefined ? undefined : namedNamespace(namespace)
    const { connect } = await import('../../connection/client.ts')
    const connection = await connect(this.flags)
    tellPassage(connection)
    const { attachments } = connection.client
    const present = await orNotFound(attachments.get({ namespace }), named)
    const { eachAttachment } = await import('../../../policies/validate/index.ts')
    const written = (JSON.parse(source.text) as { attachments: WrittenAttachment[] }).attachments
    const wanted = written.flatMap(eachAttachment)
    const changes = changesOf(present.attachments, wanted).map(makeSafe)
    if (this.format === 'table' || !yes) tell(changes.join('\n') || 'Nothing changes.')
    if (changes.length > 0) await this.confirm(`Replace the attachments of ${present.namespace}?`, yes)
    const ifMatch = this.flags['if-match'] ?? present.revision
    const put = (text: string) => attachments.put(text, { namespace, ifMatch })
    return attachmentsView(await putText(source, put))
  }
}
