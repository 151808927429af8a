import { attachmentsView } from '../../policies/attachments.ts'
import { RemoteCommand } from '../../base-command.ts'
import { NAMESPACE_FLAG } from '../../policies/namespace.ts'
import { namedNamespace, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'

/** Who gets which policies by selectors. */
export default class AttachmentsGet extends RemoteCommand<typeof AttachmentsGet> {
  static override summary = 'Show who gets which policies by role, attribute, id or username'
  static override description =
    'At the root, the managed policy of each role stands here from the beginning. What --json prints can be changed and put back by `attachments put`.'
  static override examples = [
    '<%= config.bin %> attachments get',
    '<%= config.bin %> attachments get --namespace adm_01j… --json > attachments.json',
  ]
  static override flags = { ...NAMESPACE_FLAG }

  protected override async execute(): Promise<View> {
    const { namespace } = this.flags
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const named = namespace === undefined ? undefined : namedNamespace(namespace)
    return attachmentsView(await orNotFound(client.attachments.get({ namespace }), named))
  }
}
