import type { Plan } from '../../../policies/plan/index.ts'
import type { Connection } from '../../connection/client.ts'
import { tellActor } from '../../connection/acting.ts'
import { changesWords, accessWords } from './words.ts'

/** What is asked before a plan is applied, on which server and as whom (CLI-C14). */
export const questionOf = async (connection: Connection, plan: Plan): Promise<string> => {
  await tellActor(connection)
  return `Apply this (${changesWords(plan.changes)}; ${accessWords(plan.access)})?`
}
