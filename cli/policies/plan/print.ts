import { appendFileSync } from 'node:fs'
import type { Plan } from '../../../policies/plan/index.ts'
import { toJson } from '../../output/json.ts'
import { printData } from '../../output/print.ts'
import { toYaml } from '../../output/yaml.ts'
import type { Problem } from '../../problem.ts'
import type { Replayed } from '../replay/replay.ts'
import { surroundings } from '../../surroundings.ts'
import type { PlanFormat } from './flags.ts'
import { planText } from './text.ts'
import { hasChanges, tallyOf } from './words.ts'

/** What is told beside a plan. */
export interface Beside {
  readonly replay?: Replayed
  readonly [name: string]: unknown
}

/** A plan as scripts read it: what the server said, and whether anything changes. */
const dataOf = (plan: Plan, more: object): object => ({ has_changes: hasChanges(plan), ...more, ...plan })

const printReplay = async ({ replay }: Beside, format: 'table' | 'markdown'): Promise<void> => {
  if (replay === undefined) return
  const { replayMarkdown, replayText } = await import('../replay/words.ts')
  printData(`\n${format === 'table' ? replayText(replay) : replayMarkdown(replay)}`)
}

/** Prints a plan to standard output; `more` is told beside it to scripts, a replay to everybody. */
export const printPlan = async (plan: Plan, format: PlanFormat, more: Beside = {}): Promise<void> => {
  switch (format) {
    case 'json':
      return printData(toJson(dataOf(plan, more)))
    case 'yaml':
      return printData(toYaml(dataOf(plan, more)).trimEnd())
    case 'markdown': {
      const { planMarkdown } = await import('./markdown.ts')
      printData(planMarkdown(plan))
      return printReplay(more, 'markdown')
    }
    case 'table':
      printData(await planText(plan))
      return printReplay(more, 'table')
  }
}

/**
 * Prints a plan with why it is not to be applied: to people as an error after it, to scripts inside of the
 * one value that they read, with its exit code.
 */
export const printJudged = async (
  plan: Plan,
  format: PlanFormat,
  { problem, more = {} }: { problem: Problem | undefined; more?: Beside },
): Promise<void> => {
  const told = problem && { code: problem.fields.code, message: problem.message, hint: problem.fields.hint }
  await printPlan(plan, format, { problem: told ?? null, ...more })
  if (problem === undefined) return
  if (format !== 'json' && format !== 'yaml') throw problem
  surroundings().exitCode = problem.exitCode
}

const appendTo = (variable: string, text: string): void => {
  const path = surroundings().env[variable] ?? ''
  if (path !== '') appendFileSync(path, `${text}\n`)
}

/**
 * Under GitHub Actions: the plan in the summary of the step, and what later steps ask for as outputs; else
 * nothing.
 */
export const reportToActions = async (plan: Plan): Promise<void> => {
  const { env } = surroundings()
  if (env['GITHUB_ACTIONS'] !== 'true') return
  if ((env['GITHUB_STEP_SUMMARY'] ?? '') !== '') {
    const { planMarkdown } = await import('./markdown.ts')
    appendTo('GITHUB_STEP_SUMMARY', planMarkdown(plan))
  }
  const tally = tallyOf(plan.changes)
  const { gained, lost } = plan.access
  const outputs = {
    has_changes: hasChanges(plan),
    created: tally.create,
    changed: tally.update,
    deleted: tally.delete,
    accounts_that_gain: gained.accounts,
    accounts_that_lose: lost.accounts,
    can_be_applied: plan.refusals.length === 0,
  }
  appendTo(
    'GITHUB_OUTPUT',
    Object.entries(outputs)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  )
}
