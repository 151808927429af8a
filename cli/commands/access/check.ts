import { boolean } from '@oclif/core/flags'
import {
  asOf,
  CONTEXT_FLAG,
  contextOf,
  PRINCIPAL_FLAG,
  QUESTION_ARGS,
  reasonOf,
  refuseMisspelt,
} from '../../access/question.ts'
import { RemoteCommand } from '../../base-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { namedAccount, orNotFound } from '../../errors/not-found.ts'
import { recordView, type View } from '../../output/print.ts'
import { surroundings } from '../../surroundings.ts'

/** Asks the policies. */
export default class AccessCheck extends RemoteCommand<typeof AccessCheck> {
  static override summary = 'May you, or an account below you, do an action on a resource?'
  static override description = `Prints the decision: ALLOW, DENY_EXPLICIT or DENY_IMPLICIT. The exit code is 0 for all; with --exit-code it is ${EXIT.denied.code} for a denial.`
  static override examples = [
    '<%= config.bin %> access check places:List place/all',
    '<%= config.bin %> access check orders:Read order/42 --principal sub_01j… --context orders.total=120 -o name',
    {
      description: 'In a script',
      command: '<%= config.bin %> access check orders:Read order/42 --exit-code && echo allowed',
    },
  ]
  static override args = QUESTION_ARGS
  static override flags = {
    ...PRINCIPAL_FLAG,
    ...CONTEXT_FLAG,
    'exit-code': boolean({ summary: `Exit with ${EXIT.denied.code} for a denial` }),
  }

  protected override async execute(): Promise<View> {
    const { action, resource } = this.args
    const { principal, context } = this.flags
    const question = { ...asOf(principal), action, resource, context: contextOf(context) }
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const subject = principal === undefined ? undefined : namedAccount(principal)
    const { decision_id, ...answer } = await orNotFound(client.access.check(question), subject)
    if (answer.reason === 'unknown_action') await refuseMisspelt(client, action)
    if (this.flags['exit-code'] && !answer.allowed) surroundings().exitCode = EXIT.denied.code
    // Where no policy was asked, no layer can say why. The id holds the whole question.
    if (decision_id !== null && answer.reason === null)
      this.nextCommand = `authctl access explain --decision ${decision_id}`
    return recordView(
      { ...answer, decision_id },
      { allowed: answer.allowed, decision: answer.decision, reason: reasonOf(answer) },
      'decision',
    )
  }
}
