import type { ExitName } from '../exit-codes.ts'
import { isTyped } from './fields.ts'
import type { ProblemFields } from '../problem.ts'

/** An error of the API: of the SDK's `ApiError` what is told. */
export interface ApiErrorShape {
  readonly message: string
  readonly code: string
  readonly status: number
  readonly requestId?: string | undefined
  readonly decisionId?: string | undefined
  readonly details?: readonly unknown[] | undefined
  readonly retryAfter?: number | undefined
}

const STALE: readonly string[] = ['precondition_failed', 'precondition_required', 'plan_invalid']

/** Refused for what was typed, whichever field it came in. */
const TYPED: ReadonlySet<string> = new Set(['invalid_phone', 'phone_not_served', 'password_unacceptable'])

const exitOf = ({ status, code, details = [] }: ApiErrorShape): ExitName => {
  if (code === 'policy_invalid') return 'invalidPolicy'
  // Asked to repeat the request: nothing is in conflict.
  if (code === 'idempotency_in_progress') return 'retryLater'
  if (TYPED.has(code) || (code === 'invalid_request' && details.some(isTyped))) return 'usage'
  if (status === 401 || status === 403) return 'auth'
  if (status === 409 || status === 412 || STALE.includes(code)) return 'conflict'
  return status === 429 || status === 503 ? 'retryLater' : 'failure'
}

const HINTS: Readonly<Record<string, string>> = {
  authentication_required: 'Sign in with: authctl login',
  invalid_token: 'Sign in with: authctl login',
  invalid_grant: 'Sign in with: authctl login',
  invalid_setup_token: 'The daemon keeps the current one in the file setup-token of its data directory.',
  already_bootstrapped: 'Sign in with: authctl login --role super-admin --username NAME',
  plan_stale: 'Make a new plan, and look at it again: authctl policies plan',
  plan_invalid: 'Make a new plan with: authctl policies plan --out FILE',
  policy_conflict: 'Pass --adopt KIND/NAME for each, or call yours otherwise.',
  would_lock_out: 'Let another super-admin do it, or pass --allow-lockout where the command takes it.',
  invariant_broken:
    'Look at the request that breaks it: change the policies, or the invariant in the set that owns it.',
  approval_required:
    'Write a plan with `policies plan --out plan.json`, let another account run `policies approve plan.json`, and apply that file.',
  precondition_failed: 'Look at what is there now, and repeat the command.',
  precondition_required: 'Somebody else has put it a moment ago: look at it, and repeat the command.',
}

/** A wait as people say it: `45 seconds`, `10 minutes`, `3 hours`; never shorter than it is. */
const inWords = (seconds: number): string => {
  const [size, unit] = seconds > 2 * 3600 ? [3600, 'hour'] : seconds >= 120 ? [60, 'minute'] : [1, 'second']
  const count = Math.ceil(seconds / size)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

const hintOf = ({ status, code, retryAfter }: ApiErrorShape): string | undefined => {
  if (status === 429 || status === 503)
    return typeof retryAfter === 'number' ? `Try again in ${inWords(retryAfter)}.` : 'Try again in a moment.'
  return HINTS[code]
}

/** The catalogue's sentences for these speak of the fields and headers of HTTP. */
const MESSAGES: Readonly<Record<string, string>> = {
  invalid_request: 'the server does not accept these values',
  policy_invalid: 'the server does not accept this',
  password_unacceptable: 'the password is not acceptable',
  rate_limited: 'too many requests',
  precondition_failed: 'it has changed since it was read: nothing was changed',
  precondition_required: 'it exists already: nothing was changed',
}

/** What to tell about an error of the API. */
export const fromApi = (error: ApiErrorShape): ProblemFields => ({
  code: error.code,
  message: MESSAGES[error.code] ?? error.message,
  hint: hintOf(error),
  requestId: error.requestId,
  decisionId: error.decisionId,
  details: error.details?.length === 0 ? undefined : error.details,
  exit: exitOf(error),
})
