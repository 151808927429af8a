import type { Static, TSchema } from 'typebox'
import { AUTHENTICATION, type AuthMode, type GuardedAuth } from './authentication.ts'
import type { ErrorCode } from './errors.ts'

/** The groups of operations in the docs, in their order, and what each is about. */
export const TAGS = {
  'Sign-in': 'Codes by SMS, passwords, and the sign-in of each role.',
  Tokens: 'Access and refresh tokens are renewed and verified.',
  OAuth: 'Tokens for applications and devices, in the words of OAuth 2.0 (RFC 6749).',
  Sessions: 'What the caller has signed in to, and how to end it.',
  Accounts: 'The tree of accounts: super-admins, admins, clients, sub-clients and users.',
  Applications: 'Programs that act for an account by service keys.',
  Policies: 'Who may do what: policies, attachments, boundaries and the services that they are about.',
  'Local decisions': 'What applications load and follow to decide by themselves.',
  Access: 'Questions to the policies: may somebody do that, why, and who may.',
  Places: 'The directory of EV chargers and battery swap stations.',
  System: 'What runs here, and whether it can serve.',
} as const

/** One success answer of a route. Without a schema it has no body. */
export interface RouteResponse {
  readonly description: string
  readonly schema?: TSchema
  /** Default `application/json`. */
  readonly contentType?: string
  /** The handler writes the body itself, item by item. */
  readonly streamed?: boolean
}

/** What every route has, whether or not it is guarded. */
interface RouteParts {
  readonly operationId: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly alias?: string
  readonly tag: keyof typeof TAGS
  readonly summary: string
  readonly description?: string
  readonly params?: TSchema
  readonly query?: TSchema
  /**
   * For probes: monitors add parameters of their own. Elsewhere a parameter that is not declared is refused.
   */
  readonly ignoresQuery?: boolean
  /**
   * As AuthZEN 1.0 has it: answers bear the `X-Request-Id` of the request, whatever that is, where others
   * bear a harmless one; and a body of another type is an `invalid_request`.
   */
  readonly speaksAuthZen?: true
  readonly body?: TSchema
  /** Types of the body that are read beside that of its form, such as `application/geo+json`. */
  readonly bodyTypes?: readonly string[]
  /** Default 16 KiB. Larger bodies are read only after authentication. */
  readonly maxBodyBytes?: number
  /** Default 200. */
  readonly maxBodyKeys?: number
  /**
   * Changes what is there only in the state that `If-Match` or `If-None-Match` names (RFC 9110 section 13).
   */
  readonly precondition?: true
  /** Honours `Idempotency-Key`. */
  readonly idempotent?: boolean
  /** The success responses by status. */
  readonly responses: { readonly [status: number]: RouteResponse }
  /** The codes this route can answer beyond those every route of its kind has. */
  readonly errors: readonly ErrorCode[]
}

/** A route whose caller is known: the policies decide whether that account may do it. */
export interface GuardedRoute extends RouteParts {
  readonly auth: GuardedAuth
  /** The action that the policy engine decides, in canonical case. */
  readonly action: `${string}:${string}`
  /**
   * The resource as `type/path`; `{name}` is filled from the path parameters, `${caller.path}` and
   * `${target.path}` from the accounts.
   */
  readonly resource: `${string}/${string}`
  /**
   * The path parameter `id` names an account: one that the caller dominates, or sees (itself too); or an
   * `application` of an account that the caller sees. Any other answers `not_found`, before a policy is
   * asked.
   */
  readonly target?: 'visible' | 'dominated' | 'application'
}

/** A route about which no policy is asked, so that none can deny it. */
export interface UnguardedRoute extends RouteParts {
  readonly auth: Exclude<AuthMode, GuardedAuth>
  readonly action?: never
  readonly resource?: never
  readonly target?: never
}

/**
 * One operation of the HTTP API. Validation, OpenAPI, handler types, the SDK's types and the docs derive from
 * it. `path` uses OpenAPI templates. `alias` is the documented form with secrets in the path: its path
 * parameters are read as body fields and validated by the same body schema.
 */
export type Route = GuardedRoute | UnguardedRoute

/** Whether the policies are asked before the route does its work. */
export const isGuarded = (route: Route): route is GuardedRoute => AUTHENTICATION[route.auth].isGuarded

/** Keeps the literal types of a route so that its handler is typed by its schemas. */
export const route = <const R extends Route>(definition: R): R => definition

type Of<S, Fallback> = S extends TSchema ? Static<S> : Fallback
/** The parsed parameters of a route. */
export type ParamsOf<R extends Route> = Of<R['params'], Record<string, never>>
/** The parsed query of a route. */
export type QueryOf<R extends Route> = Of<R['query'], Record<string, never>>
/** The parsed body of a route. */
export type BodyOf<R extends Route> = Of<R['body'], undefined>
