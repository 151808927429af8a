import type { AuthctlClient } from '@authctl/sdk'
import type { Plan } from '../../../policies/plan/index.ts'
import type { ReadSet } from '../../policies/plan/request.ts'
import type { Replayed } from '../../policies/replay/replay.ts'
import { boolean, string } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { tell, type View } from '../../output/print.ts'
import { startProgress } from '../../output/progress.ts'
import { SET_FLAGS, planFormatOf } from '../../policies/plan/flags.ts'
import { SOURCE_ARG, SOURCE_FLAGS } from '../../policies/source.ts'
import { surroundings } from '../../surroundings.ts'

/** What applying a set would do. */
export default class PoliciesPlan extends RemoteCommand<typeof PoliciesPlan> {
  static override summary = 'What applying a folder of policies would do: who gains and loses what'
  static override description =
    'The server compares the set with its own state and decides every question that can differ, before and after: nothing is changed. Order, white space and other ways to say the same are no change. With what the server would refuse, the exit code is that of the apply.'
  static override examples = [
    '<%= config.bin %> policies plan policies',
    '<%= config.bin %> policies plan policies --out plan.json',
    {
      description: 'Only some files; what the set has besides stays as it is',
      command: '<%= config.bin %> policies plan -f policies/documents',
    },
    {
      description: 'On a pull request: a comment, and exit code 2 if anything changes',
      command: '<%= config.bin %> policies plan policies --exit-code -o markdown',
    },
    '<%= config.bin %> policies plan policies --fail-on escalation --max-lose 10',
    '<%= config.bin %> policies plan policies --replay decisions.jsonl',
  ]
  static override args = {
    path: SOURCE_ARG,
  }
  static override flags = {
    ...SOURCE_FLAGS,
    ...SET_FLAGS,
    out: string({ helpValue: 'FILE', summary: 'Write the signed plan, for `policies apply FILE`' }),
    'no-new-access': boolean({
      summary: 'Fail unless it is proved that nobody gains anything, whatever else they have',
    }),
    against: string({
      helpValue: 'STATE',
      dependsOn: ['no-new-access'],
      summary:
        'What it is compared with instead of what is in force: a revision, or without a server a folder or a commit of git',
    }),
    replay: string({
      multiple: true,
      helpValue: 'FILE',
      exclusive: ['against'],
      summary: 'Also which of the decisions that a daemon has recorded in FILE would be others',
    }),
    'exit-code': boolean({ summary: `Exit with ${EXIT.changes.code} if there are changes` }),
  }

  protected override async execute(): Promise<View | undefined> {
    const { against } = this.flags
    const { isRevision } = await import('../../policies/plan/against.ts')
    if (against !== undefined && !isRevision(against)) return await this.proveOffline(against)
    const { connect } = await import('../../connection/client.ts')
    const { makePlan } = await import('../../policies/plan/make.ts')
    const { readSet } = await import('../../policies/plan/request.ts')
    const { reportToActions } = await import('../../policies/plan/print.ts')
    const asked = { ...this.flags, path: this.args.path }
    const read = await readSet(asked, this.flags)
    const { client } = await connect(this.flags)
    const plan = await this.making(read, () => makePlan(client, read))
    if (this.flags.out !== undefined) {
      const { writePlan } = await import('../../policies/plan/plan-file.ts')
      writePlan(this.flags.out, plan)
    }
    await reportToActions(plan)
    const replayed = await this.replay(client, read)
    await this.printJudged(client, plan, replayed)
    if (plan.changes.length === 0) {
      if (this.planFormat === 'table') tell('The server has this set as it is here.')
      return undefined
    }
    const { applyCommand, approveCommand } = await import('../../policies/plan/command-line.ts')
    const { needsApproval } = await import('../../policies/plan/gate.ts')
    const next = needsApproval(plan) ? approveCommand(asked, this.flags) : applyCommand(asked, this.flags)
    if (this.planFormat === 'table') this.nextCommand = next
    if (this.flags['exit-code'] && surroundings().exitCode === 0) surroundings().exitCode = EXIT.changes.code
    return undefined
  }

  private async making<T>({ request: { files, set } }: ReadSet, work: () => Promise<T>): Promise<T> {
    using progress = startProgress()
    progress.show(`Planning ${files.length} files of the set ${set} ...`)
    return await work()
  }

  private async replay(client: AuthctlClient, read: ReadSet): Promise<Replayed | undefined> {
    const { replay: paths = [] } = this.flags
    if (paths.length === 0) return undefined
    const { replayRecordings } = await import('../../policies/replay/replay.ts')
    return await replayRecordings(client, read, paths)
  }

  private async printJudged(client: AuthctlClient, plan: Plan, replayed?: Replayed): Promise<void> {
    const { printJudged } = await import('../../policies/plan/print.ts')
    const replay = replayed && { replay: replayed }
    const { needsApproval, problemOf } = await import('../../policies/plan/gate.ts')
    // That somebody has to approve it is what the plan is made for.
    const judged = needsApproval(plan) ? { ...plan, refusals: [] } : plan
    const problem = await problemOf(judged, this.flags['fail-on'])
    if (!this.flags['no-new-access'])
      return await printJudged(plan, this.planFormat, { problem, more: { ...replay } })
    const { newAccessProblem, provePlanned } = await import('../../policies/plan/against.ts')
    const proved = await provePlanned(client, { plan, against: this.flags.against })
    if (proved.verdict === 'PASS') tell('PASS: it is proved that nobody gains anything.')
    const more = { new_access: proved, ...replay }
    await printJudged(plan, this.planFormat, { problem: problem ?? newAccessProblem(proved), more })
  }

  /** Against files no server is asked: the verdict is all. */
  private async proveOffline(against: string): Promise<View> {
    const { newAccessProblem, proveOffline, verdictWords } = await import('../../policies/plan/against.ts')
    const proved = await proveOffline(this.args.path ?? '.', against)
    const problem = newAccessProblem(proved)
    if (problem !== undefined && this.format === 'table') throw problem
    if (problem !== undefined) surroundings().exitCode = problem.exitCode
    return {
      data: proved,
      rows: [{ new_access: verdictWords(proved) }],
      columns: ['new_access'],
      isRecord: true,
    }
  }

  private get planFormat() {
    return planFormatOf(this.flags)
  }
}
