import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createCore, type GuardOptions, type Of, type RequireOptions } from '../guard/guard.ts'
import { authorizationOf } from '../guard/node.ts'
import type { Refusal } from '../guard/refusal.ts'
import type { Auth } from '../server/token.ts'

export type { Decider, PolicyContext, PolicyDecision } from '../guard/ask.ts'
export type { GuardOptions, RequireOptions } from '../guard/guard.ts'
export type { AccountAuth, ApplicationAuth, Auth } from '../server/token.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, as the access token says; undefined where no guard is registered. */
    auth?: Auth
  }
}

/** A hook of a route or of an application; it resolves with the reply if it has answered. */
export type Hook<Req extends FastifyRequest = FastifyRequest> = (
  request: Req,
  reply: FastifyReply,
) => Promise<FastifyReply | undefined>

/** Makes the hook of a route; say the type of its requests where the resource or the context needs it. */
export interface Require {
  (
    action: string,
    resource: Of<[request: FastifyRequest], string>,
    options?: RequireOptions<[request: FastifyRequest]>,
  ): Hook
  <Req extends FastifyRequest>(
    action: string,
    resource: Of<[request: Req], string>,
    options?: RequireOptions<[request: Req]>,
  ): Hook<Req>
}

/**
 * A plugin: `app.register(auth)` guards the routes that are registered after it, in the same scope and below
 * it.
 */
export interface Guard {
  (app: FastifyInstance): Promise<void>
  /**
   * A `preHandler` that lets a request through if the policies allow this action on this resource to the
   * account that asks; it is answered 403 with the id of the decision if they do not, and 503 if the daemon
   * cannot be asked. Needs a `client` or a `decider`.
   */
  readonly require: Require
}

const refuse = (reply: FastifyReply, { status, headers, body }: Refusal): FastifyReply =>
  reply.code(status).headers(headers).send(body)

/** Fastify gives a plugin a scope of its own without it. */
const SAME_SCOPE = Symbol.for('skip-override')

/**
 * Makes the guard of a Fastify application: it verifies the access token in the process, puts who asks into
 * `request.auth`, and answers 401 to everybody else. Make one for the application.
 */
export const authctl = (options: GuardOptions): Guard => {
  const core = createCore(options)

  const authenticate: Hook = async (request, reply) => {
    const { auth, refusal } = await core.authenticate(authorizationOf(request.raw.rawHeaders))
    if (refusal !== undefined) return refuse(reply, refusal)
    request.auth = auth
    return undefined
  }
  const plugin = async (app: FastifyInstance): Promise<void> => {
    if (!app.hasRequestDecorator('auth')) app.decorateRequest('auth')
    app.addHook('onRequest', authenticate)
  }
  const requireAllowed: Require = <Req extends FastifyRequest>(
    action: string,
    resource: Of<[request: Req], string>,
    given?: RequireOptions<[request: Req]>,
  ): Hook<Req> => {
    const permission = core.permission(action, resource, given)
    return async (request, reply) => {
      const refusal = await permission(request.auth, request)
      return refusal && refuse(reply, refusal)
    }
  }
  return Object.assign(plugin, { [SAME_SCOPE]: true, require: requireAllowed })
}
