import type { Answered } from './state.ts'
import type { LocalDecision, Unasked } from './types.ts'

/** Reasons for which nothing was decided: it is denied. */
const UNDECIDED: ReadonlySet<Unasked | null> = new Set<Unasked | null>([
  'not_loaded',
  'not_covered',
  'stale',
  'invalid_question',
  'unavailable',
])

/** The decision that an answer of this process is. */
export const decisionOf = (
  { decision, reason, pointer }: Answered,
  revision: string | null,
  staleMs: number,
): LocalDecision => ({
  allowed: decision === 'ALLOW',
  decision,
  reason,
  source: UNDECIDED.has(reason) ? 'nobody' : 'process',
  revision,
  staleMs,
  pointer,
  decisionId: null,
})
