import type { AuthctlClient } from '../client.ts'
import { isApiError } from '../errors.ts'
import type { AccessCheck } from '../types.gen.ts'
import type { Asked, LocalDecision, Unasked } from './types.ts'

/** An application that waits for a decision does not wait long. */
const LIMITS = { timeoutMs: 3000, deadlineMs: 5000, retries: 1 } as const

/** Why the daemon gave no decision: it refuses the question, it knows no such account, or it cannot. */
const refusalOf = (error: unknown): { reason: Unasked; pointer: string | null } => {
  if (!isApiError(error)) return { reason: 'unavailable', pointer: null }
  if (error.status === 400) return { reason: 'invalid_question', pointer: error.details[0]?.pointer ?? null }
  return { reason: error.status === 404 ? 'not_loaded' : 'unavailable', pointer: null }
}

/** Who asks the daemon, and until when. */
export interface Asker {
  readonly client: Pick<AuthctlClient, 'access'>
  readonly signal: AbortSignal
}

/** Has the daemon decide what could not be decided here; denies if it does not. Never rejects. */
export const askDaemon = async (
  { client, signal }: Asker,
  [principal, action, resource, context = {}]: Asked,
  undecided: LocalDecision,
): Promise<LocalDecision> => {
  try {
    const question = { principal, action, resource, context: context as AccessCheck['context'] }
    const answer = await client.access.check(question, { ...LIMITS, signal })
    const { allowed, decision, reason, decision_id: decisionId } = answer
    return { ...undecided, allowed, decision, reason, source: 'daemon', decisionId }
  } catch (error) {
    return { ...undecided, ...refusalOf(error) }
  }
}
