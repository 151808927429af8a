import { string as stringArg } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import type { AccessDecision } from '@authctl/sdk'
import { CONTEXT_FLAG, contextOf, PRINCIPAL_FLAG } from '../../access-question.ts'
import { RemoteCommand } from '../../base-command.ts'
import type { Row, View } from '../../output.ts'
import { usageProblem } from '../../problem.ts'

/** Each layer on the way up, with what it says and why. */
const rowsOf = ({ explanation }: AccessDecision): Row[] =>
  (explanation?.layers ?? []).map(({ kind, principal, outcome, matched, near_misses }) => {
    const [statement] = matched
    const [miss] = near_misses
    const nearly =
      miss === undefined
        ? ''
        : `${miss.policy} ${miss.sid ?? miss.statement}: ${miss.key ?? miss.failed} is ${JSON.stringify(miss.actual)}, not ${miss.expected.join(' or ')}`
    return {
      layer: `${kind} of ${principal}`,
      outcome,
      statement: statement === undefined ? '' : `${statement.policy} ${statement.sid ?? statement.statement}`,
      nearly,
    }
  })

const viewOf = (decision: AccessDecision, data: unknown): View => ({
  data,
  rows: [
    { layer: 'decision', outcome: decision.decision, statement: decision.reason ?? '', nearly: '' },
    ...rowsOf(decision),
  ],
  columns: ['layer', 'outcome', 'statement', 'nearly'],
  nameColumn: 'outcome',
})

/** Says why. */
export default class AccessExplain extends RemoteCommand<typeof AccessExplain> {
  static override summary = 'Why a decision is as it is: what each layer on the way up says'
  static override description =
    'Of a question, or with --decision of a denial, by the decision_id of an answer or of the log. With --json everything: near misses, missing keys, what would allow.'
  static override examples = [
    '<%= config.bin %> access explain orders:Read order/42 --principal sub_01j…',
    '<%= config.bin %> access explain --decision AX3k…',
  ]
  static override args = {
    action: stringArg({ description: 'service:Verb, such as orders:Read', ignoreStdin: true }),
    resource: stringArg({ description: 'type/path, such as order/42', ignoreStdin: true }),
  }
  static override flags = {
    decision: string({
      helpValue: 'ID',
      summary: 'The decision_id of a denial',
      exclusive: ['principal', 'context'],
    }),
    ...PRINCIPAL_FLAG,
    ...CONTEXT_FLAG,
  }

  protected override async execute(): Promise<View> {
    const { action, resource } = this.args
    const { principal, context, decision } = this.flags
    if ((decision === undefined) === (action === undefined || resource === undefined))
      throw usageProblem('name an action and a resource, or pass --decision', 'See the usage with --help.')
    const { connect } = await import('../../api.ts')
    const { client } = connect(this.flags)
    if (decision !== undefined) {
      const explained = await client.access.explain({ decision_id: decision })
      return viewOf(explained.now, explained)
    }
    const question = {
      principal,
      action: action ?? '',
      resource: resource ?? '',
      context: contextOf(context),
    }
    const answer = await client.access.check({ ...question, explain: true })
    return viewOf(answer, answer)
  }
}
