import { string as stringArg } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { recordView, tell, type View } from '../../output/print.ts'
import { shellWord } from '../../output/shell-word.ts'

/** Approves the plan of another account. */
export default class PoliciesApprove extends RemoteCommand<typeof PoliciesApprove> {
  static override summary = 'Approve a plan that another account has made'
  static override description =
    'For objects that two accounts change together (`needsApproval` of an invariant). Shows the plan and asks; the approval is written beside the plan, where `policies apply PLAN` finds it. The account that made the plan or applies it cannot approve it, and the one that approves it must be able to make each of its changes.'
  static override examples = [
    '<%= config.bin %> policies approve plan.json',
    {
      description: 'All three steps, the second by another account',
      command:
        '<%= config.bin %> policies plan --out plan.json && <%= config.bin %> policies approve plan.json && <%= config.bin %> policies apply plan.json',
    },
  ]
  static override args = {
    path: stringArg({
      required: true,
      description: 'A file that `policies plan --out` wrote',
    }),
  }
  static override flags = {
    out: string({
      helpValue: 'FILE',
      summary: 'Where the approval is written; beside the plan, if left out',
    }),
  }

  protected override async execute(): Promise<View> {
    const { path } = this.args
    const { connect } = await import('../../connection/client.ts')
    const { tellPassage } = await import('../../connection/acting.ts')
    const { readPlan } = await import('../../policies/plan/plan-file.ts')
    const { approvePlan } = await import('../../policies/plan/make.ts')
    const { planText } = await import('../../policies/plan/text.ts')
    const { accessWords, changesWords } = await import('../../policies/plan/words.ts')
    const { approvalPathOf, writeApproval } = await import('../../policies/plan/approval-file.ts')
    const plan = readPlan(path)
    const connection = await connect(this.flags)
    tellPassage(connection)
    if (this.format === 'table') tell(await planText(plan))
    await this.confirm(
      `Approve this plan of ${plan.actor} (${changesWords(plan.changes)}; ${accessWords(plan.access)})?`,
      this.flags.yes,
    )
    const approval = await approvePlan(connection.client, plan)
    const out = this.flags.out ?? approvalPathOf(path)
    writeApproval(out, approval)
    this.nextCommand = `authctl policies apply ${shellWord(path)}`
    const { plan: _plan, signature: _signature, version: _version, ...said } = approval
    return recordView({ ...approval, file: out }, { ...said, file: out }, 'file')
  }
}
