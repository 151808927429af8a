import { string as stringArg } from '@oclif/core/args'
import { RemoteCommand } from '../../base-command.ts'
import { localProblem } from '../../problem.ts'
import { tell, type View } from '../../output/print.ts'
import { WAIT_FLAGS } from '../../policies/fleet/flags.ts'
import { BOUND_FLAGS, planFormatOf } from '../../policies/plan/flags.ts'
import { boolean } from '@oclif/core/flags'

/** Brings an older revision back. */
export default class PoliciesRollback extends RemoteCommand<typeof PoliciesRollback> {
  static override summary = 'Bring an older revision of your policies back'
  static override description =
    'Shows who would gain and lose what, and asks. It makes a new revision with everything that was in force in that one, with the objects of all sets; within your own rights. If a policy of it names what a service does not declare any more, it says so and nothing is done.'
  static override examples = [
    '<%= config.bin %> policies rollback',
    '<%= config.bin %> policies rollback 41 --dry-run',
    '<%= config.bin %> policies rollback 41 --yes',
  ]
  static override args = {
    revision: stringArg({
      description: 'The number of the revision, or its id; the one before, if left out',
    }),
  }
  static override flags = {
    ...BOUND_FLAGS,
    ...WAIT_FLAGS,
    'dry-run': boolean({ summary: 'Only show what it would do' }),
  }

  protected override async execute(): Promise<View | undefined> {
    const { connect } = await import('../../connection/client.ts')
    const { tellPassage } = await import('../../connection/acting.ts')
    const { rollBack } = await import('../../policies/plan/make.ts')
    const { limitsOf } = await import('../../policies/plan/request.ts')
    const { problemOf, requireApplicable } = await import('../../policies/plan/gate.ts')
    const { printJudged } = await import('../../policies/plan/print.ts')
    const { planText } = await import('../../policies/plan/text.ts')
    const connection = await connect(this.flags)
    if (!this.flags['dry-run']) tellPassage(connection)
    const order = {
      ...(this.flags.namespace !== undefined && { namespace: this.flags.namespace }),
      revision: this.args.revision ?? (await this.before(connection.client)),
      allow_lockout: this.flags['allow-lockout'],
      limits: limitsOf(this.flags),
    }
    const { plan } = await rollBack(connection.client, { ...order, dry_run: true })
    const failOn = this.flags['fail-on']
    // People know a revision by its number; the plan, which scripts read, has its id.
    const told = { ...plan, order: { ...plan.order, rollback_to: order.revision } }
    if (this.flags['dry-run']) {
      await printJudged(this.planFormat === 'table' ? told : plan, this.planFormat, {
        problem: await problemOf(plan, failOn),
      })
      return undefined
    }
    if (this.planFormat === 'table') tell(await planText(told))
    await requireApplicable(plan, failOn)
    const { questionOf } = await import('../../policies/plan/decide.ts')
    const { finishOutcome } = await import('../../policies/fleet/wait.ts')
    const { wait, 'wait-timeout': seconds } = this.flags
    await this.confirm(questionOf(plan), this.flags.yes || plan.changes.length === 0)
    const outcome = await rollBack(connection.client, { ...order, base: plan.base.revision })
    await finishOutcome(connection.client, outcome, { format: this.planFormat, wait, seconds })
    return undefined
  }

  /** The revision before the one in force. */
  private async before(
    client: Parameters<typeof import('../../policies/plan/make.ts').rollBack>[0],
  ): Promise<string> {
    const { namespace } = this.flags
    const { items } = await client.policies.revisions({ namespace, limit: 2 })
    const [, previous] = items
    if (previous !== undefined) return String(previous.number)
    throw localProblem(
      'not_found',
      'there is no revision before the one in force',
      'Those there are: authctl policies history',
    )
  }

  private get planFormat() {
    return planFormatOf(this.flags)
  }
}
