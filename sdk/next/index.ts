import { createCore, type GuardOptions, type Of, type RequireOptions } from '../guard/guard.ts'
import { responseOf } from '../guard/refusal.ts'
import type { Auth } from '../server/token.ts'

export type { Decider, PolicyContext, PolicyDecision } from '../guard/ask.ts'
export type { GuardOptions, RequireOptions } from '../guard/guard.ts'
export type { AccountAuth, ApplicationAuth, Auth } from '../server/token.ts'

/** A request of somebody who is known. */
export type Authenticated<Req extends Request> = Req & {
  /** Who asks, as the access token says. */
  readonly auth: Auth
}

/** A route handler of the App Router; its context has the `params`. */
export type Handler<Req extends Request, Context> = (request: Req, context: Context) => Promise<Response>

/** What is guarded: a route handler that knows who asks. */
export type GuardedHandler<Req extends Request, Context> = (
  request: Authenticated<Req>,
  context: Context,
) => Response | Promise<Response>

/** Makes route handlers of guarded ones, and the proxy in front of them. */
export interface Guard<Req extends Request> {
  /** A route handler for everybody who is signed in. */
  <Context>(handler: GuardedHandler<Req, Context>): Handler<Req, Context>
  /**
   * A route handler for those to whom the policies allow this action on this resource; others are answered
   * 403 with the id of the decision, and 503 if the daemon cannot be asked. Needs a `client` or a `decider`.
   */
  readonly require: <Context>(
    action: string,
    resource: Of<[request: Authenticated<Req>, context: Context], string>,
    options?: RequireOptions<[request: Authenticated<Req>, context: Context]>,
  ) => (handler: GuardedHandler<Req, Context>) => Handler<Req, Context>
  /**
   * For `proxy.ts` (before Next 16: `middleware.ts`): answers 401 before anything of the application runs,
   * and lets the others on. Handlers must be guarded all the same: a proxy is passed by in many ways.
   */
  readonly proxy: (request: Req) => Promise<Response | undefined>
}

/**
 * Makes the guard of a Next application, in the Node and in the edge runtime: it verifies the access token in
 * the process, puts who asks into `request.auth`, and answers 401 to everybody else. Say
 * `authctl<NextRequest>({ … })` for handlers that use what Next adds to a request. It guards whatever else
 * has the `Request` and `Response` of the web just as well.
 */
export const authctl = <Req extends Request = Request>(options: GuardOptions): Guard<Req> => {
  const core = createCore(options)

  const authenticate = (request: Req) => {
    const value = request.headers.get('authorization')
    // Several headers come as one with commas between, which is no token.
    return core.authenticate(value === null ? [] : [value])
  }
  const guard = <Context>(handler: GuardedHandler<Req, Context>): Handler<Req, Context> => {
    return async (request, context) => {
      const { auth, refusal } = await authenticate(request)
      if (refusal !== undefined) return responseOf(refusal)
      return handler(Object.assign(request, { auth }), context)
    }
  }
  const requireAllowed: Guard<Req>['require'] = (action, resource, given) => {
    const permission = core.permission(action, resource, given)
    return (handler) =>
      guard(async (request, context) => {
        const refusal = await permission(request.auth, request, context)
        return refusal === undefined ? handler(request, context) : responseOf(refusal)
      })
  }
  const proxy = async (request: Req): Promise<Response | undefined> => {
    const { refusal } = await authenticate(request)
    return refusal && responseOf(refusal)
  }
  return Object.assign(guard, { require: requireAllowed, proxy })
}
