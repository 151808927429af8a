import { Type } from 'typebox'
import type { ErrorCode } from './errors.ts'
import { closed, oneOf } from './schema.ts'

/**
 * The error codes of OAuth that are registered (RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750 section 3.1, RFC
 * 7009 section 2.2.1, RFC 8628 section 3.5) and that this server answers.
 */
export const REGISTERED_ERRORS = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'invalid_token',
  'unsupported_token_type',
  'authorization_pending',
  'slow_down',
  'access_denied',
  'expired_token',
] as const

/** A registered error code. */
export type RegisteredError = (typeof REGISTERED_ERRORS)[number]

/** What a code of the catalogue is called where it is not one that is registered. */
const NAMES: Partial<Record<ErrorCode, RegisteredError>> = {
  authentication_required: 'invalid_client',
  rate_limited: 'temporarily_unavailable',
  overloaded: 'temporarily_unavailable',
  unavailable: 'temporarily_unavailable',
  internal: 'server_error',
}

const isRegistered = (code: string): code is RegisteredError =>
  (REGISTERED_ERRORS as readonly string[]).includes(code)

/** The registered code of a failure; whatever has none of its own is an `invalid_request`. */
export const registeredError = (code: ErrorCode): RegisteredError =>
  isRegistered(code) ? code : (NAMES[code] ?? 'invalid_request')

/** RFC 6749 section 5.2: a grant that is refused is a bad request, and no failed authentication. */
export const OAUTH_STATUS = { invalid_grant: 400 } as const satisfies Partial<Record<ErrorCode, number>>

/** Everything but `"` and `\\` in ASCII that shows (RFC 6749 section 5.2). */
const DESCRIPTION = '^[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]*$'

/** The text in the characters that a description may have. */
export const descriptionOf = (text: string): string =>
  text
    .replace(/[\u2018\u2019"]/g, "'")
    .replace(/\\/g, '/')
    .replace(/[^\x20-\x7e]/g, '?')

/** An error of an OAuth endpoint (RFC 6749 section 5.2). */
export const OAuthError = closed(
  {
    error: oneOf(REGISTERED_ERRORS, { description: 'The registered error code' }),
    error_description: Type.String({
      pattern: DESCRIPTION,
      description: 'For people who write programs',
      examples: ['The request lacks grant_type.'],
    }),
  },
  { title: 'OAuthError' },
)
