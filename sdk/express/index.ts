import { createCore, type GuardOptions, type Of, type RequireOptions } from '../guard/guard.ts'
import { authorizationOf } from '../guard/node.ts'
import type { Refusal } from '../guard/refusal.ts'
import type { Auth } from '../server/token.ts'

export type { Decider, PolicyContext, PolicyDecision } from '../guard/ask.ts'
export type { GuardOptions, RequireOptions } from '../guard/guard.ts'
export type { AccountAuth, ApplicationAuth, Auth } from '../server/token.ts'

declare global {
  namespace Express {
    interface Request {
      /** Who asks, as the access token says; undefined before `authctl()` has run. */
      auth?: Auth
    }
  }
}

/** What of a request is read. Express 4 and 5 have it, and what else builds on `node:http`. */
export interface GuardedRequest {
  readonly rawHeaders: readonly string[]
  auth?: Auth
}

/** What of an answer is written. */
export interface GuardedResponse {
  statusCode: number
  readonly setHeader: (name: string, value: string) => unknown
  readonly end: (body: string) => unknown
}

type Next = (error?: unknown) => void
/** A function as Express calls it. */
export type Middleware<Req extends GuardedRequest> = (
  request: Req,
  response: GuardedResponse,
  next: Next,
) => Promise<void>

/** A guard for an application, and for single routes of it. */
export interface Guard extends Middleware<GuardedRequest> {
  /**
   * Lets a request through if the policies allow this action on this resource to the account that asks; it is
   * answered 403 with the id of the decision if they do not, and 503 if the daemon cannot be asked. Needs a
   * `client` or a `decider`.
   */
  readonly require: <Req extends GuardedRequest>(
    action: string,
    resource: Of<[request: Req], string>,
    options?: RequireOptions<[request: Req]>,
  ) => Middleware<Req>
}

const refuse = (response: GuardedResponse, { status, headers, body }: Refusal): void => {
  response.statusCode = status
  for (const name of Object.keys(headers)) response.setHeader(name, headers[name] ?? '')
  response.end(body)
}

/** Goes on to what comes next unless a step refuses, or fails. */
const goOn = async (step: Promise<Refusal | undefined>, response: GuardedResponse, next: Next) => {
  let refusal: Refusal | undefined
  try {
    refusal = await step
  } catch (error) {
    next(error)
    return
  }
  if (refusal === undefined) next()
  else refuse(response, refusal)
}

/**
 * Makes the guard of an Express application: it verifies the access token in the process, puts who asks into
 * `request.auth`, and answers 401 to everybody else. Make one for the application.
 */
export const authctl = (options: GuardOptions): Guard => {
  const core = createCore(options)

  const authenticate = async (request: GuardedRequest): Promise<Refusal | undefined> => {
    const { auth, refusal } = await core.authenticate(authorizationOf(request.rawHeaders))
    if (auth !== undefined) request.auth = auth
    return refusal
  }
  const guard: Middleware<GuardedRequest> = (request, response, next) =>
    goOn(authenticate(request), response, next)

  const requireAllowed: Guard['require'] = (action, resource, given) => {
    const permission = core.permission(action, resource, given)
    return (request, response, next) => goOn(permission(request.auth, request), response, next)
  }
  return Object.assign(guard, { require: requireAllowed })
}
