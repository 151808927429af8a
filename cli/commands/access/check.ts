import { CONTEXT_FLAG, contextOf, PRINCIPAL_FLAG, QUESTION_ARGS } from '../../access-question.ts'
import { RemoteCommand } from '../../base-command.ts'
import { recordView, type View } from '../../output.ts'

/** Asks the policies. */
export default class AccessCheck extends RemoteCommand<typeof AccessCheck> {
  static override summary = 'May you, or an account below you, do an action on a resource?'
  static override description =
    'Prints the decision: ALLOW, DENY_EXPLICIT or DENY_IMPLICIT. The exit code is 0 for all.'
  static override examples = [
    '<%= config.bin %> access check places:List place/all',
    '<%= config.bin %> access check orders:Read order/42 --principal sub_01j… --context orders.total=120 -o name',
  ]
  static override args = QUESTION_ARGS
  static override flags = { ...PRINCIPAL_FLAG, ...CONTEXT_FLAG }

  protected override async execute(): Promise<View> {
    const { action, resource } = this.args
    const { principal, context } = this.flags
    const question = { principal, action, resource, context: contextOf(context) }
    const { connect } = await import('../../api.ts')
    const { client } = connect(this.flags)
    const { decision_id, ...answer } = await client.access.check(question)
    if (decision_id !== null)
      this.nextCommand = `authctl access explain ${action} ${resource}${principal === undefined ? '' : ` --principal ${principal}`}`
    return recordView({ ...answer, decision_id }, { ...answer }, 'decision')
  }
}
