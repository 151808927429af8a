import { networkOf } from '../domain/address.ts'
import { Failure } from '../domain/failure.ts'
import type { Charge, Counted } from '../domain/charge.ts'
import type { Quota, RequestOrigin } from '../domain/request-origin.ts'
import type { Throttle } from '../domain/throttle.ts'
import type { Limit, LimitOutcome } from '../ports/stores/index.ts'
import type { Deps } from './deps.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The seconds after which another code may be asked for (F1). */
export const OTP_GAP_SECONDS = 60

/**
 * Every limit of the daemon, by what it protects. Keys never tell an existing account from an absent one
 * (E4).
 */
export const RATE_LIMITS = {
  /** F1: a 60 s gap, 5 an hour, 10 a day for each phone. */
  otpSend: (phone: string): Limit => ({
    key: `otp-send:${phone}`,
    windows: [
      { limit: 1, windowMs: OTP_GAP_SECONDS * SECOND },
      { limit: 5, windowMs: HOUR },
      { limit: 10, windowMs: DAY },
    ],
  }),
  /** A10: codes tried from one address, over all phones; one code tried at many phones is a guess too. */
  otpVerifyFrom: (ip: string | null, limit: number): Limit => ({
    key: `otp-verify-ip:${networkOf(ip)}`,
    windows: [{ limit, windowMs: 10 * MINUTE }],
  }),
  /** `name`: the MAC of what was typed as a name, which may be a password in the wrong field (B1). */
  passwordGuess: (name: string, ip: string | null): Limit => ({
    key: `password:${networkOf(ip)}:${name}`,
    windows: [{ limit: 10, windowMs: 10 * MINUTE }],
  }),
  signInFrom: (ip: string | null): Limit => ({
    key: `sign-in-ip:${networkOf(ip)}`,
    windows: [{ limit: 300, windowMs: 10 * MINUTE }],
  }),
  passwordChange: (accountId: string): Limit => ({
    key: `password-change:${accountId}`,
    windows: [{ limit: 10, windowMs: 10 * MINUTE }],
  }),
  /**
   * Wrong service keys for one application from one address, from one address for any, and for one from
   * anywhere; `name`: the MAC of what was sent as its id. Right keys are not counted, nor refused.
   */
  clientGuess: (name: string, ip: string | null): Limit => ({
    key: `client-guess:${networkOf(ip)}:${name}`,
    windows: [{ limit: 20, windowMs: 10 * MINUTE }],
  }),
  clientGuessFrom: (ip: string | null): Limit => ({
    key: `client-guess-ip:${networkOf(ip)}`,
    windows: [{ limit: 300, windowMs: 10 * MINUTE }],
  }),
  clientGuessOf: (name: string): Limit => ({
    key: `client-guess-name:${name}`,
    windows: [{ limit: 1000, windowMs: 10 * MINUTE }],
  }),
  /** Devices that ask to be signed in, from one address. */
  devicesFrom: (ip: string | null): Limit => ({
    key: `device-ip:${networkOf(ip)}`,
    windows: [{ limit: 60, windowMs: 10 * MINUTE }],
  }),
  /**
   * User codes that one address looks up, right or wrong (RFC 8628 section 5.1): with 20^8 codes, ten
   * thousand addresses find one of a hundred that wait in one of 4,000 such spans.
   */
  userCodesFrom: (ip: string | null): Limit => ({
    key: `user-code-ip:${networkOf(ip)}`,
    windows: [{ limit: 60, windowMs: 10 * MINUTE }],
  }),
  /** Names that processes of one application report under, each of which is kept for minutes. */
  newAgent: (audience: string): Limit => ({
    key: `new-agent:${audience}`,
    windows: [{ limit: 200, windowMs: HOUR }],
  }),
  bootstrapFrom: (ip: string | null): Limit => ({
    key: `bootstrap-ip:${networkOf(ip)}`,
    windows: [{ limit: 20, windowMs: 10 * MINUTE }],
  }),
} as const

/**
 * The partner of `passwordGuess` over all addresses (B11): ten tries wait for nothing, then the wait doubles
 * from a second to a minute. It slows guesses from many addresses down to one a minute; it never locks.
 * `name`: the MAC of what was typed as a name.
 */
export const passwordThrottle = (name: string): Throttle => ({
  key: `password-name:${name}`,
  free: 10,
  firstWaitMs: SECOND,
  maxWaitMs: MINUTE,
  forgottenAfterMs: HOUR,
})

/** F2: how many numbers an address may ask codes for in an hour. The same number counts once. */
export const otpNumbersFrom = (ip: string | null, phone: string, limit: number): Charge => ({
  kind: 'distinct',
  key: `otp-numbers-ip:${networkOf(ip)}`,
  member: phone,
  window: { limit, windowMs: HOUR },
})

/** One event of a limit, as a charge. */
export const toCharge = ({ key, windows }: Limit): Charge => ({ kind: 'amount', key, amount: 1, windows })

/** What a key is about, without whom: `sms:block:+91...` is `sms-block`. */
const reasonOf = (key: string): string => {
  const words = key.split(':')
  return words.slice(0, words[0] === 'sms' ? (words[1] === 'conversion' ? 3 : 2) : 1).join('-')
}

/** The failure that a refused event is: `rate_limited`, with the seconds to wait. */
export const refusal = ({ key, retryAfterMs }: Extract<LimitOutcome, { allowed: false }>): Failure =>
  new Failure('rate_limited', {
    retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / SECOND)),
    reason: reasonOf(key),
  })

/** What is left of a window, by its place among the windows of a limit. */
type Left = (n: number) => Quota['left']

/** The windows of a limit as quotas; where it has several, each name has its seconds. */
const quotasOf = ({ key, windows }: Limit, left: Left): Quota[] =>
  windows.map(({ limit, windowMs }, n) => {
    const name = windows.length === 1 ? reasonOf(key) : `${reasonOf(key)}-${windowMs / SECOND}s`
    const known = left(n)
    return { name, limit, windowMs, ...(known === undefined ? {} : { left: known }) }
  })

const leftOf =
  (
    { key, windows }: Limit,
    outcome: LimitOutcome,
    counted: readonly Counted[] | undefined,
    now: number,
  ): Left =>
  (n) => {
    const { limit, windowMs } = windows[n] ?? { limit: 0, windowMs: 0 }
    const [startedAt, count] = counted?.[n] ?? []
    if (startedAt !== undefined && count !== undefined)
      return { events: Math.max(0, limit - count), resetMs: startedAt + windowMs - now }
    return outcome.allowed || outcome.key !== key ? undefined : { events: 0, resetMs: outcome.retryAfterMs }
  }

/**
 * The quotas of a code: what a number has left is told only as far as this request has used it, for others
 * ask codes for the same number. The first window is the gap to the next code.
 */
export const codeQuotas = (send: Limit, numbers: Charge, outcome: LimitOutcome): Quota[] => {
  const refused = outcome.allowed ? undefined : outcome
  const isFull = (key: string): Quota['left'] =>
    refused?.key === key ? { events: 0, resetMs: refused.retryAfterMs } : undefined
  const gap: Left = (n) => {
    if (n > 0) return undefined
    return outcome.allowed ? { events: 0, resetMs: OTP_GAP_SECONDS * SECOND } : isFull(send.key)
  }
  const ofAddress = numbers.kind === 'distinct' ? [{ key: numbers.key, windows: [numbers.window] }] : []
  return [...quotasOf(send, gap), ...ofAddress.flatMap((limit) => quotasOf(limit, () => isFull(limit.key)))]
}

const requireAllowed = (outcome: LimitOutcome): void => {
  if (!outcome.allowed) throw refusal(outcome)
}

/**
 * Takes one event from each limit or throws `rate_limited` with the seconds to wait; the caller is told of
 * both.
 */
export const takeLimits = async (
  { store, clock, settings }: Pick<Deps, 'store' | 'clock' | 'settings'>,
  limits: readonly Limit[],
  { tellQuotas }: RequestOrigin,
): Promise<void> => {
  if (!settings.limitsOn) return
  const now = clock.now()
  const outcome = await store.limits.take(limits, now)
  tellQuotas?.(limits.flatMap((limit, n) => quotasOf(limit, leftOf(limit, outcome, outcome.counted[n], now))))
  requireAllowed(outcome)
}

/** Counts one event of a throttle or throws `rate_limited` with the seconds to wait. */
export const takeThrottle = async (
  { store, clock, settings }: Pick<Deps, 'store' | 'clock' | 'settings'>,
  throttle: Throttle,
): Promise<void> => {
  if (settings.limitsOn) requireAllowed(await store.limits.wait(throttle, clock.now()))
}

/** Forgets what was counted against a limit or a throttle after a success. */
export const forgetLimit = async (
  { store, settings }: Pick<Deps, 'store' | 'settings'>,
  { key }: { readonly key: string },
): Promise<void> => {
  if (settings.limitsOn) await store.limits.forget(key)
}
