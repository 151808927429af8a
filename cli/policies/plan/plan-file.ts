import { writeFileSync } from 'node:fs'
import type { Plan } from '../../../policies/plan/index.ts'
import { readText } from '../../input/text-file.ts'
import { Problem } from '../../problem.ts'

/** What is no plan, or not as a server made it. */
const notAPlan = (path: string): Problem =>
  new Problem({
    code: 'plan_invalid',
    message: `${path} is no plan of authctl`,
    hint: 'Make one with: authctl policies plan --out FILE',
    exit: 'conflict',
  })

/** Writes a plan as the server signed it. */
export const writePlan = (path: string, plan: Plan): void =>
  writeFileSync(path, `${JSON.stringify(plan, null, 2)}\n`)

const isPlan = (value: unknown): value is Plan =>
  typeof value === 'object' &&
  value !== null &&
  'signature' in value &&
  'order' in value &&
  'files' in value &&
  (value as { version?: unknown }).version === 1

/**
 * A plan from its file. Only its form is looked at here: whether it is what a server has signed, that server
 * says. Throws `Problem` `plan_invalid`.
 */
export const readPlan = (path: string): Plan => {
  const text = readText(path)
  try {
    const value: unknown = JSON.parse(text)
    if (isPlan(value)) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw notAPlan(path)
}
