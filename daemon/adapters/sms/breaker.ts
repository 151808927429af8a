import type { Clock } from '../../ports/clock.ts'
import type { SmsSender } from '../../ports/sms.ts'

/** Failures in a row after which the provider is left alone. */
const FAILURES_TO_OPEN = 5
const OPEN_MS = 30_000

/**
 * Leaves a provider alone that is down (F11): after five messages in a row that it could not take, messages
 * are `unavailable` without asking it for 30 s; then one is let through to try, and its outcome decides. The
 * codes meanwhile wait in the durable queue.
 */
export const withBreaker = <S extends SmsSender>(sender: S, clock: Clock): S => {
  let failures = 0
  let openUntil = 0

  return {
    ...sender,
    send: async (message) => {
      const now = clock.now()
      if (failures >= FAILURES_TO_OPEN) {
        if (now < openUntil) return { kind: 'unavailable', detail: 'left alone after repeated failures' }
        openUntil = now + OPEN_MS
      }
      const outcome = await sender.send(message)
      failures = outcome.kind === 'unavailable' ? failures + 1 : 0
      if (failures >= FAILURES_TO_OPEN) openUntil = clock.now() + OPEN_MS
      return outcome
    },
  }
}
