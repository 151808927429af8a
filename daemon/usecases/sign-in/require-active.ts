import { isActive } from '../../domain/session.ts'
import { refuse, requireAccount, type Step } from './attempt.ts'

/** Refuses an account that is not there, or is disabled, or stands under a disabled one. */
export const requireActive: Step = (_deps, attempt) => {
  requireAccount(attempt)
  return isActive(attempt.lineage ?? []) ? Promise.resolve(attempt) : refuse('not_active')
}
