import { string as stringArg } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import { asOf, CONTEXT_FLAG, contextOf, PRINCIPAL_FLAG } from '../../access/question.ts'
import { RemoteCommand } from '../../base-command.ts'
import { explanationView } from '../../access/explanation.ts'
import { formed } from '../../input/forms.ts'
import { namedAccount, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'
import { usageProblem } from '../../problem.ts'

const USAGE = '<%= command.id %>'

/** Says why. */
export default class AccessExplain extends RemoteCommand<typeof AccessExplain> {
  static override summary = 'Why a decision is as it is: what each layer on the way up says'
  static override description =
    'Explains a question, or with --decision a denial by the decision_id of an answer or of the log; a denial is explained as things stand now. It shows which layer decides, what a statement that nearly allowed lacked, which keys were missing, what would allow, and by which revisions of the policies.'
  static override usage = [
    `${USAGE} ACTION RESOURCE [--principal ID] [--context KEY=VALUE...]`,
    `${USAGE} --decision ID`,
  ]
  static override examples = [
    '<%= config.bin %> access explain orders:Refund order/42 --principal sub_01j… --context orders.total=900',
    '<%= config.bin %> access explain --decision AX3k…',
  ]
  static override args = {
    action: stringArg({
      description: 'service:Verb, such as orders:Read',
      ...formed('action'),
    }),
    resource: stringArg({
      description: 'type/path, such as order/42',
      ...formed('resource'),
    }),
  }
  static override flags = {
    decision: string({
      helpValue: 'ID',
      summary: 'The decision_id of a denial; it holds the question',
      ...formed('decision'),
    }),
    ...PRINCIPAL_FLAG,
    ...CONTEXT_FLAG,
  }

  protected override async execute(): Promise<View> {
    const { decision } = this.flags
    return decision === undefined ? await this.explainQuestion() : await this.explainDenial(decision)
  }

  private async explainDenial(decision: string): Promise<View> {
    const { action } = this.args
    const { principal, context } = this.flags
    if (action !== undefined || principal !== undefined || context !== undefined)
      throw usageProblem('--decision holds the question already', 'Pass it alone.')
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const explained = await orNotFound(client.access.explain({ decision_id: decision }), {
      what: 'such decision of this server, or no account of it that you see',
      hint: 'Take the whole decision_id of an answer or of the log.',
    })
    return await explanationView(explained, explained.now, explained)
  }

  private async explainQuestion(): Promise<View> {
    const { action, resource } = this.args
    const { principal, context } = this.flags
    if (action === undefined || resource === undefined)
      throw usageProblem('name an action and a resource, or pass --decision', 'See the usage with --help.')
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const question = { ...asOf(principal), action, resource, context: contextOf(context) }
    const subject = principal === undefined ? undefined : namedAccount(principal)
    const answer = await orNotFound(client.access.check({ ...question, explain: true }), subject)
    return await explanationView({ ...question, principal }, answer, answer)
  }
}
