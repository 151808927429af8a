import type { TSchema } from 'typebox'
import type { ErrorCode } from './errors.ts'
import { Problem } from './schema.ts'

/**
 * The forms in which a route answers errors. `http/failures.ts` writes each; one without a body has no
 * schema.
 */
export const ERROR_FORMS = {
  /** RFC 9457 problem details. */
  problem: { contentType: 'application/problem+json', schema: Problem },
} as const satisfies Readonly<Record<string, { contentType: string; schema?: TSchema }>>

/** A form in which errors are answered. */
export type ErrorForm = keyof typeof ERROR_FORMS

/**
 * The forms in which a route takes a body, and how a body can be refused in each. `http/read-body.ts` reads
 * each.
 */
export const BODY_FORMS = {
  json: {
    contentType: 'application/json',
    codes: ['invalid_json', 'body_too_large', 'unsupported_media_type'],
  },
} as const satisfies Readonly<Record<string, { contentType: string; codes: readonly ErrorCode[] }>>

/** A form in which a body is sent. */
export type BodyForm = keyof typeof BODY_FORMS

interface AuthenticationKind {
  /**
   * Whether the policies are asked about the caller: only then does a route have an action and a resource.
   */
  readonly isGuarded: boolean
  readonly errorForm: ErrorForm
  readonly bodyForm: BodyForm
  /** What every route of the kind can answer. */
  readonly codes: readonly ErrorCode[]
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
} as const satisfies Readonly<Record<string, AuthenticationKind>>

type Kinds = typeof AUTHENTICATION

/** How a route authenticates. */
export type AuthMode = keyof Kinds

/** The ways to authenticate after which the policies are asked. */
export type GuardedAuth = { [A in AuthMode]: Kinds[A]['isGuarded'] extends true ? A : never }[AuthMode]
