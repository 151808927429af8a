import type { Clock } from '../../ports/clock.ts'
import type { SmsMessage, SmsOutcome, SmsSender } from '../../ports/sms.ts'

/** Messages without an answer, one after another, after which the provider is left alone. */
const SILENCES_TO_OPEN = 5
/** To so many numbers at least: the trouble of a few numbers is theirs. */
const NUMBERS_TO_OPEN = 3
const OPEN_MS = 30_000

/**
 * Leaves a provider alone that is down (F11): after five messages in a row without an answer, to at least
 * three numbers, messages are `unavailable` without asking it for 30 s; then one is let through to try, and
 * its outcome decides.
 *
 * Only silence counts: a connection that fails, a time-out, an answer that broke off. A provider that says
 * no, whatever it says no to, is there, and a number that it does not like must not keep the codes of all
 * others. Those that come meanwhile wait in the durable queue until the provider is tried again.
 */
export const withBreaker = <S extends SmsSender>(sender: S, clock: Clock): S => {
  let silences = 0
  let openUntil = 0
  const numbers = new Set<string>()
  const isOpen = () => silences >= SILENCES_TO_OPEN && numbers.size >= NUMBERS_TO_OPEN

  const count = ({ phone }: SmsMessage, outcome: SmsOutcome): void => {
    if (outcome.kind === 'sent' || outcome.isSilent !== true) {
      silences = 0
      numbers.clear()
      return
    }
    silences++
    if (numbers.size < NUMBERS_TO_OPEN) numbers.add(phone)
    if (isOpen()) openUntil = clock.now() + OPEN_MS
  }

  return {
    ...sender,
    send: async (message) => {
      const now = clock.now()
      if (isOpen()) {
        if (now < openUntil)
          return {
            kind: 'unavailable',
            detail: 'left alone after repeated failures',
            retryAfterMs: openUntil - now,
          }
        openUntil = now + OPEN_MS
      }
      const outcome = await sender.send(message)
      count(message, outcome)
      return outcome
    },
  }
}
