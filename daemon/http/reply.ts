import type { AuthMode } from '../contract/authentication.ts'
import type { BodyOf, ParamsOf, QueryOf, Route } from '../contract/route.ts'
import type { Account } from '../domain/account.ts'
import type { Application } from '../domain/application.ts'
import type { Precondition } from '../domain/precondition.ts'
import type { Principal, SignedIn } from '../domain/session.ts'
import type { RequestOrigin } from '../domain/request-origin.ts'

/** Where an answer goes on being written, for as long as the caller listens. */
export interface Sink {
  readonly send: (text: string) => void
  readonly end: () => void
}

/** What a handler answers; the body still passes through the response schema. */
export interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** A body written piece by piece instead; already in its wire form. */
  readonly stream?: AsyncIterable<string>
  /**
   * A body without an end: called when the head is sent; answers what is to be done when the caller is gone.
   */
  readonly live?: (sink: Sink) => () => void
  /** A body in its wire form, which is compressed for those who take that. */
  readonly wire?: string
}

/** The `ETag` header of a value that identifies what is answered. */
export const entityTag = (value: string) => ({ ETag: `"${value}"` })

/** What an application sends in the header to prove who it is; nothing of it is verified. */
export interface ClientClaim {
  readonly authorization: string | undefined
}

/**
 * Who calls a route of each kind: nobody known, a principal, somebody who has signed in, or what a refresh
 * token or an application's proof still has to be judged for.
 */
interface Callers {
  readonly none: undefined
  readonly access: Principal
  readonly session: SignedIn
  readonly 'expired-access': SignedIn
  readonly refresh: { readonly refreshToken: string }
  readonly client: ClientClaim
}

/** Who calls a route that authenticates in this way. */
export type Caller<A extends AuthMode> = Callers[A]

/** The caller, where it is one that the policies can be asked about. */
export const principalOf = (caller: Caller<AuthMode>): Principal | undefined =>
  caller !== undefined && 'account' in caller ? caller : undefined

/** What a route acts on. */
type TargetOf<R extends Route> = R['target'] extends 'application'
  ? Application
  : R['target'] extends string
    ? Account
    : undefined

/** A validated, authorised request of one route. */
export interface Request<R extends Route> {
  readonly params: ParamsOf<R>
  readonly query: QueryOf<R>
  readonly body: BodyOf<R>
  readonly caller: Caller<R['auth']>
  /** The account or application that the path names, if the route acts on one. */
  readonly target: TargetOf<R>
  readonly origin: RequestOrigin
  /** The body as it was sent, for texts whose errors are told by line and column. */
  readonly text: string
  /** Authenticates and authorises the same request again; throws as at first. For answers without an end. */
  readonly again: () => Promise<void>
  /** The request goes on for long and only waits: it takes no place of those that are to be answered soon. */
  readonly detach: () => void
  /** The last event that the caller has seen of a stream, by its `Last-Event-ID` header. */
  readonly lastEventId: string | undefined
  /** What the `If-Match` and `If-None-Match` headers say. */
  readonly precondition: Precondition
}

/** Answers the requests of one route. It throws a `Failure` to refuse. */
export type Handler<R extends Route> = (request: Request<R>) => Promise<Reply>

/** One handler for each route of a table: a missing or surplus one does not compile. */
export type Handlers<Table extends { [id: string]: Route }> = {
  readonly [Id in keyof Table]: Handler<Table[Id]>
}
