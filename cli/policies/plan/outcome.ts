import { printData, tell } from '../../output/print.ts'
import type { Outcome } from './make.ts'
import type { PlanFormat } from './flags.ts'
import { printPlan, reportToActions, type Beside } from './print.ts'
import { accessWords, changesWords } from './words.ts'

/**
 * Prints what came of an apply or a rollback: a line for people, who have seen the plan, else all of it, and
 * `more`.
 */
export const printOutcome = async (
  outcome: Outcome,
  format: PlanFormat,
  more: Beside = {},
): Promise<void> => {
  const { applied, revision, plan } = outcome
  await reportToActions(plan)
  if (format !== 'table') return printPlan(plan, format, { applied, revision, ...more })
  if (!applied) return tell('No changes: the server has it as it is here.')
  const words = `${changesWords(plan.changes)}; ${accessWords(plan.access)}`
  printData(`Revision ${revision.number} of ${plan.order.namespace} is in force: ${words}.`)
}
