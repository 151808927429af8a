import { string as stringArg } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { tell, type View } from '../../output/print.ts'
import { WAIT_FLAGS } from '../../policies/fleet/flags.ts'
import { SET_FLAGS, planFormatOf } from '../../policies/plan/flags.ts'
import type { ReadSet } from '../../policies/plan/request.ts'
import { SOURCE_FLAGS } from '../../policies/source.ts'
import { usageProblem } from '../../problem.ts'

/** A plan file settles everything. */
const SETTLED = [
  'namespace',
  'prune',
  'prune-used',
  'adopt',
  'allow-lockout',
  'max-gain',
  'max-lose',
  'max-deletes',
] as const

/** Applies a set, or a plan of it. */
export default class PoliciesApply extends RemoteCommand<typeof PoliciesApply> {
  static override summary = 'Apply a folder of policies, or a plan of it, in one step'
  static override description =
    'Shows the plan and asks; all of it is in force afterwards, or nothing. What is applied is what was shown: if something changes in between, or the files are not those of the plan, nothing is done and the exit code is 5. Applying the same again changes nothing.'
  static override examples = [
    '<%= config.bin %> policies apply policies',
    '<%= config.bin %> policies apply plan.json',
    '<%= config.bin %> policies apply policies --shadow',
    {
      description: 'A plan of files that lie elsewhere now, or of some files only',
      command: '<%= config.bin %> policies apply plan.json -f checkout/policies',
    },
    {
      description: 'On the main branch, where nobody is asked',
      command: '<%= config.bin %> policies apply policies --yes --fail-on escalation --wait',
    },
  ]
  static override args = {
    path: stringArg({
      description:
        'A file that `policies plan --out` wrote, or the folder that holds authctl.json; the working folder, if left out',
    }),
  }
  static override flags = {
    ...SOURCE_FLAGS,
    ...SET_FLAGS,
    ...WAIT_FLAGS,
    shadow: boolean({
      exclusive: ['wait'],
      summary: 'Not in force, but compared with live requests, until `policies promote`',
    }),
    approval: string({
      helpValue: 'FILE',
      summary: 'What `policies approve` wrote; beside the plan file, if left out',
    }),
  }

  protected override async execute(): Promise<View | undefined> {
    const { connect } = await import('../../connection/client.ts')
    const { tellPassage } = await import('../../connection/acting.ts')
    const { applyPlan, makePlan } = await import('../../policies/plan/make.ts')
    const { requireApplicable } = await import('../../policies/plan/gate.ts')
    const { planText } = await import('../../policies/plan/text.ts')
    const { questionOf } = await import('../../policies/plan/decide.ts')
    const { path } = this.args
    const isPlanFile = path?.endsWith('.json') === true
    const planned = isPlanFile ? await this.readPlanFile(path) : await this.readFolder()
    const { read, plan: given, approval } = planned
    const connection = await connect(this.flags)
    tellPassage(connection)
    const plan = given ?? (await makePlan(connection.client, read))
    if (this.planFormat === 'table') tell(await planText(plan))
    // What a plan file says of refusals is of then: the server judges anew.
    const judged = given === undefined ? plan : { ...plan, refusals: [] }
    await requireApplicable(judged, this.flags['fail-on'])
    const isConfirmed = this.flags.yes || plan.changes.length === 0
    await this.confirm(questionOf(plan), isConfirmed)
    const { shadow } = this.flags
    const outcome = await applyPlan(connection.client, read, { plan, approval, shadow })
    if (shadow && outcome.applied && this.planFormat === 'table') {
      tell(`Revision ${outcome.revision.number} stands in the shadow: nothing has changed.`)
      this.nextCommand = 'authctl policies status --daemons'
      return undefined
    }
    const { finishOutcome } = await import('../../policies/fleet/wait.ts')
    const { wait, 'wait-timeout': seconds } = this.flags
    await finishOutcome(connection.client, outcome, { format: this.planFormat, wait, seconds })
    return undefined
  }

  private async readFolder(): Promise<{ read: ReadSet; plan?: undefined; approval?: undefined }> {
    if (this.flags.approval !== undefined)
      throw usageProblem(
        'an approval goes with a plan file',
        'Name the file that `policies plan --out` wrote.',
      )
    const { readSet } = await import('../../policies/plan/request.ts')
    return { read: await readSet({ ...this.flags, path: this.args.path }, this.flags) }
  }

  private async readPlanFile(path: string) {
    const { readPlan } = await import('../../policies/plan/plan-file.ts')
    const { readPlanned } = await import('../../policies/plan/request.ts')
    const { folderOf } = await import('../../policies/plan/checkout.ts')
    const said = SETTLED.find((name) => this.flags[name] !== undefined && this.flags[name] !== false)
    if (said !== undefined)
      throw usageProblem(`--${said} is settled by the plan`, 'Pass it to `authctl policies plan --out FILE`.')
    const plan = readPlan(path)
    const { filename = [], recursive } = this.flags
    const from = filename.length > 0 ? filename : [folderOf(plan.order.directory)]
    const { readApproval } = await import('../../policies/plan/approval-file.ts')
    const approval = readApproval(this.flags.approval, path)
    return { plan, approval, read: await readPlanned({ filename: from, recursive }, plan) }
  }

  private get planFormat() {
    return planFormatOf(this.flags)
  }
}
