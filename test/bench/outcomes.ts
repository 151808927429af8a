import type { Outcome } from './load.ts'

/** A run in which any answer was not a success, or any connection failed, measures nothing. */
export const requireClean = (name: string, outcome: Outcome): Outcome => {
  const bad = Object.keys(outcome.statuses).filter((status) => !status.startsWith('2'))
  if (bad.length > 0 || outcome.failed > 0 || outcome.requests === 0)
    throw new Error(`${name}: ${JSON.stringify(outcome.statuses)}, ${outcome.failed} failed`)
  return outcome
}
