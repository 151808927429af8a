import type { TSchema } from 'typebox'
import { ERRORS, type ErrorCode } from './errors.ts'
import { OAUTH_STATUS, OAuthError } from './oauth-errors.ts'
import { Problem } from './schema.ts'

/**
 * The forms in which a route answers errors. `http/failures.ts` writes each; one without a body has no
 * schema.
 */
export const ERROR_FORMS = {
  /** RFC 9457 problem details. */
  problem: { contentType: 'application/problem+json', schema: Problem, status: {} },
  /** RFC 6749 section 5.2. */
  oauth: { contentType: 'application/json', schema: OAuthError, status: OAUTH_STATUS },
} as const satisfies Readonly<
  Record<
    string,
    {
      contentType: string
      schema?: TSchema
      /** Where the status of a code is not that of the catalogue. */
      status: Partial<Record<ErrorCode, number>>
    }
  >
>

/** A form in which errors are answered. */
export type ErrorForm = keyof typeof ERROR_FORMS

/** The status that a code is answered with in a form. */
export const statusOf = (form: ErrorForm, code: ErrorCode): number => {
  const own: Partial<Record<ErrorCode, number>> = ERROR_FORMS[form].status
  return own[code] ?? ERRORS[code].status
}

/**
 * The forms in which a route takes a body, and how a body can be refused in each. `http/read-body.ts` reads
 * each.
 */
export const BODY_FORMS = {
  json: {
    contentType: 'application/json',
    codes: ['invalid_json', 'body_too_large', 'unsupported_media_type'],
  },
  /**
   * RFC 6749 appendix B. What is no form is an `invalid_request`; a parameter that is not known is passed
   * over, one without a value is none, and one that is there twice is refused (sections 3.1 and 3.2).
   */
  form: { contentType: 'application/x-www-form-urlencoded', codes: ['body_too_large'] },
} as const satisfies Readonly<Record<string, { contentType: string; codes: readonly ErrorCode[] }>>

/** A form in which a body is sent. */
export type BodyForm = keyof typeof BODY_FORMS

/** What follows from the way in which a route authenticates. */
export interface AuthenticationKind {
  /**
   * Whether the policies are asked about the caller: only then does a route have an action and a resource.
   */
  readonly isGuarded: boolean
  readonly errorForm: ErrorForm
  readonly bodyForm: BodyForm
  /** What every route of the kind can answer. */
  readonly codes: readonly ErrorCode[]
  /** Headers of every answer of the kind, names and values in turn. */
  readonly headers?: readonly string[]
}

const WITH_PRINCIPAL = {
  isGuarded: true,
  errorForm: 'problem',
  bodyForm: 'json',
  codes: ['authentication_required', 'invalid_token', 'forbidden'],
} as const satisfies AuthenticationKind

/**
 * Every way in which a route authenticates, and what follows from it. A new kind is a row here; the compiler
 * then names the places that must know it: who calls (`http/reply.ts`, `http/authenticate.ts`), OpenAPI, and
 * the reference.
 */
export const AUTHENTICATION = {
  /** Anyone. */
  none: { isGuarded: false, errorForm: 'problem', bodyForm: 'json', codes: [] },
  /** A live access token: of an account that has signed in, or of an application. */
  access: WITH_PRINCIPAL,
  /** A live access token of an account that has signed in itself: applications are refused. */
  session: WITH_PRINCIPAL,
  /** The same, whose expiry is not looked at. */
  'expired-access': WITH_PRINCIPAL,
  /** A refresh token as bearer, which the use case judges. */
  refresh: {
    isGuarded: false,
    errorForm: 'problem',
    bodyForm: 'json',
    codes: ['authentication_required', 'invalid_token'],
  },
  /**
   * An application that names itself (RFC 6749 section 2.3), by the header or by the body, which the use case
   * judges.
   */
  client: {
    isGuarded: false,
    errorForm: 'oauth',
    bodyForm: 'form',
    codes: ['invalid_client'],
    // RFC 6749 section 5.1; `Cache-Control: no-store` is on every answer that says nothing else.
    headers: ['Pragma', 'no-cache'],
  },
} as const satisfies Readonly<Record<string, AuthenticationKind>>

type Kinds = typeof AUTHENTICATION

/** How a route authenticates. */
export type AuthMode = keyof Kinds

/** The ways to authenticate after which the policies are asked. */
export type GuardedAuth = { [A in AuthMode]: Kinds[A]['isGuarded'] extends true ? A : never }[AuthMode]
