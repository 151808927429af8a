import type { Approval } from '@authctl/sdk'
import { existsSync, writeFileSync } from 'node:fs'
import { readText } from '../../input/text-file.ts'
import { Problem } from '../../problem.ts'

/** Where the approval of a plan lies, unless it is said otherwise: beside it. */
export const approvalPathOf = (plan: string): string => plan.replace(/(?:\.json)?$/, '.approval.json')

/** Writes an approval as the server signed it. */
export const writeApproval = (path: string, approval: Approval): void =>
  writeFileSync(path, `${JSON.stringify(approval, null, 2)}\n`)

const isApproval = (value: unknown): value is Approval =>
  typeof value === 'object' && value !== null && 'plan' in value && 'actor' in value && 'signature' in value

/**
 * The approval in a file; without a name the one beside the plan, and undefined if there is none. Whether it
 * is what a server has signed, that server says. Throws `Problem` `plan_invalid`.
 */
export const readApproval = (named: string | undefined, plan: string): Approval | undefined => {
  const path = named ?? approvalPathOf(plan)
  if (named === undefined && !existsSync(path)) return undefined
  try {
    const value: unknown = JSON.parse(readText(path))
    if (isApproval(value)) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new Problem({
    code: 'plan_invalid',
    message: `${path} is no approval of authctl`,
    hint: 'Another account makes one with: authctl policies approve PLAN',
    exit: 'conflict',
  })
}
