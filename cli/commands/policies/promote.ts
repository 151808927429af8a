import { boolean } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { tell, type View } from '../../output/print.ts'
import { WAIT_FLAGS } from '../../policies/fleet/flags.ts'
import { BOUND_FLAGS, planFormatOf } from '../../policies/plan/flags.ts'

/** Makes what stands in the shadow what is in force. */
export default class PoliciesPromote extends RemoteCommand<typeof PoliciesPromote> {
  static override summary = 'Make what was applied with --shadow what is in force, or drop it'
  static override description =
    'Shows who would gain and lose what, and asks. It is judged as an apply is; if the policies have changed since, nothing is done and the exit code is 5. `policies status` says what live requests it would answer otherwise.'
  static override examples = [
    '<%= config.bin %> policies promote',
    '<%= config.bin %> policies promote --yes --wait',
    '<%= config.bin %> policies promote --drop',
  ]
  static override flags = {
    ...BOUND_FLAGS,
    ...WAIT_FLAGS,
    drop: boolean({ exclusive: ['dry-run', 'wait'], summary: 'Drop it: nothing of it comes to be in force' }),
    'dry-run': boolean({ summary: 'Only show what it would do' }),
  }

  protected override async execute(): Promise<View | undefined> {
    const { connect } = await import('../../connection/client.ts')
    const { tellPassage } = await import('../../connection/acting.ts')
    const connection = await connect(this.flags)
    if (!this.flags['dry-run']) tellPassage(connection)
    const { namespace } = this.flags
    if (this.flags.drop) {
      await connection.client.policies.dropShadow({ namespace })
      tell('Dropped: what is in force stays.')
      return undefined
    }
    const { promote } = await import('../../policies/plan/make.ts')
    const { limitsOf } = await import('../../policies/plan/request.ts')
    const { problemOf, requireApplicable } = await import('../../policies/plan/gate.ts')
    const order = {
      ...(namespace !== undefined && { namespace }),
      allow_lockout: this.flags['allow-lockout'],
      limits: limitsOf(this.flags),
    }
    const { plan } = await promote(connection.client, { ...order, dry_run: true })
    const format = planFormatOf(this.flags)
    if (this.flags['dry-run']) {
      const { printJudged } = await import('../../policies/plan/print.ts')
      await printJudged(plan, format, { problem: await problemOf(plan, this.flags['fail-on']) })
      return undefined
    }
    const { planText } = await import('../../policies/plan/text.ts')
    if (format === 'table') tell(await planText(plan))
    await requireApplicable(plan, this.flags['fail-on'])
    const { questionOf } = await import('../../policies/plan/decide.ts')
    await this.confirm(questionOf(plan), this.flags.yes || plan.changes.length === 0)
    const outcome = await promote(connection.client, order)
    const { finishOutcome } = await import('../../policies/fleet/wait.ts')
    const { wait, 'wait-timeout': seconds } = this.flags
    await finishOutcome(connection.client, outcome, { format, wait, seconds })
    return undefined
  }
}
