import type { Plan } from '../../../policies/plan/index.ts'
import { changesWords, accessWords } from './words.ts'

/** What is asked before a plan is applied. */
export const questionOf = (plan: Plan): string =>
  `Apply this (${changesWords(plan.changes)}; ${accessWords(plan.access)})?`
