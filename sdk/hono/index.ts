import type { Context, MiddlewareHandler } from 'hono'
import { createCore, type GuardOptions, type Of, type RequireOptions } from '../guard/guard.ts'
import { responseOf } from '../guard/refusal.ts'
import type { Auth } from '../server/token.ts'

export type { Decider, PolicyContext, PolicyDecision } from '../guard/ask.ts'
export type { GuardOptions, RequireOptions } from '../guard/guard.ts'
export type { AccountAuth, ApplicationAuth, Auth } from '../server/token.ts'

/** What the guard puts into the context: `new Hono<{ Variables: AuthVariables }>()` has it everywhere. */
export interface AuthVariables {
  /** Who asks, as the access token says. */
  auth: Auth
}

/** The environment of what is guarded. */
export interface GuardedEnv {
  Variables: AuthVariables
}

/** A guard for an application, and for single routes of it. */
export interface Guard extends MiddlewareHandler<GuardedEnv> {
  /**
   * Lets a request through if the policies allow this action on this resource to the account that asks; it is
   * answered 403 with the id of the decision if they do not, and 503 if the daemon cannot be asked. Needs a
   * `client` or a `decider`.
   */
  readonly require: (
    action: string,
    resource: Of<[context: Context<GuardedEnv>], string>,
    options?: RequireOptions<[context: Context<GuardedEnv>]>,
  ) => MiddlewareHandler<GuardedEnv>
}

/**
 * Makes the guard of a Hono application, on Node and at the edge: it verifies the access token in the
 * process, puts who asks into `c.var.auth`, and answers 401 to everybody else. Make one for the application.
 */
export const authctl = (options: GuardOptions): Guard => {
  const core = createCore(options)

  const guard: MiddlewareHandler<GuardedEnv> = async (context, next) => {
    // Several headers come as one with commas between, which is no token.
    const value = context.req.header('authorization')
    const { auth, refusal } = await core.authenticate(value === undefined ? [] : [value])
    if (refusal !== undefined) return responseOf(refusal)
    context.set('auth', auth)
    return next()
  }
  const requireAllowed: Guard['require'] = (action, resource, given) => {
    const permission = core.permission(action, resource, given)
    return async (context, next) => {
      const refusal = await permission(context.get('auth'), context)
      return refusal === undefined ? next() : responseOf(refusal)
    }
  }
  return Object.assign(guard, { require: requireAllowed })
}
