import { PRINCIPAL_FLAG, QUESTION_ARGS } from '../../access/question.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedAccount, orNotFound } from '../../errors/not-found.ts'
import { momentWords } from '../../output/moment.ts'
import type { View } from '../../output/print.ts'
import type { Blame } from '../../policies/plan/blame.ts'
import { NAMESPACE_FLAG } from '../../policies/namespace.ts'

const sinceWords = (since: Blame['since']): string => {
  if (since === null) return 'before the history that is kept'
  return `revision ${since.number}${since.commit === null ? '' : `, commit ${since.commit.slice(0, 12)}`}`
}

/** Since when, and by whom, something is allowed. */
export default class PoliciesBlame extends RemoteCommand<typeof PoliciesBlame> {
  static override summary = 'Which policies allow something, and the commit and the person that began it'
  static override description =
    'Looks at the Allows of a namespace that may be about the action and the resource, for any account; with --principal at those by which that account is allowed. Going back through the revisions, it names the one since which each policy allows it.'
  static override examples = [
    '<%= config.bin %> policies blame orders:Refund order/42',
    '<%= config.bin %> policies blame orders:Refund order/adm_01j…/cli_01j…/7 --principal cli_01j…',
  ]
  static override args = QUESTION_ARGS
  static override flags = { ...NAMESPACE_FLAG, ...PRINCIPAL_FLAG }

  protected override async execute(): Promise<View> {
    const { action, resource } = this.args
    const { principal, namespace } = this.flags
    const { connect } = await import('../../connection/client.ts')
    const { allowingPolicies, blameIn } = await import('../../policies/plan/blame.ts')
    const { client } = await connect(this.flags)
    const asked = { action, resource }
    const answer =
      principal === undefined
        ? undefined
        : await orNotFound(allowingPolicies(client, { ...asked, principal }), namedAccount(principal))
    const searches =
      answer === undefined
        ? [{ namespace, only: undefined }]
        : [...answer.byNamespace].map(([name, only]) => ({ namespace: name, only }))
    const blames = await Promise.all(searches.map((search) => blameIn(client, { ...search, asked })))
    const found = blames.flat()
    if (answer !== undefined) this.footnote = this.noteOf(answer)
    return {
      data: { ...asked, principal: principal ?? null, decision: answer?.decision ?? null, policies: found },
      rows: found.map(({ policy, statement, source, since }) => ({
        policy: `${policy} ${statement}`,
        since: sinceWords(since),
        by: since?.actor ?? null,
        when: since === null ? null : momentWords(since.created_at),
        source,
      })),
      columns: ['policy', 'since', 'by', 'when', 'source'],
      empty: `no policy ${answer === undefined ? 'of this namespace' : 'of a set or by hand'} allows that`,
    }
  }

  private noteOf({ decision, managed }: { decision: string; managed: readonly string[] }): string {
    const decided = `Today the answer is ${decision}.`
    return managed.length === 0 ? decided : `${decided} Managed policies allow it too: ${managed.join(', ')}.`
  }
}
