import type { Express, Request as HttpRequest, Response } from 'express'
import { finished } from 'node:stream/promises'
import { Readable } from 'node:stream'
import type { TSchema } from 'typebox'
import { AUTHENTICATION, type AuthMode } from '../contract/authentication.ts'
import { isGuarded, type GuardedRoute, type Route } from '../contract/route.ts'
import { closed } from '../contract/schema.ts'
import { Failure } from '../domain/failure.ts'
import type { Principal } from '../domain/session.ts'
import type { RequestOrigin } from '../domain/request-origin.ts'
import type { createAuthenticateRequest } from './authenticate.ts'
import type { createAuthorizeRequest } from './authorize.ts'
import type { createIdempotency } from './idempotency.ts'
import { preconditionOf } from './precondition.ts'
import { readBody } from './read-body.ts'
import type { createRecordRefusal } from './refusal-audit.ts'
import type { Caller, Handler, Reply, Request } from './reply.ts'
import { originOf, setActor, setRoute } from './request-context.ts'
import { filterReply, validateBody, validateText } from './validate.ts'

const NOTHING = closed({})

/** The route table, and what serves each request of it. */
export interface MountOptions {
  readonly routes: { readonly [id: string]: Route }
  readonly handlers: { readonly [id: string]: Handler<never> }
  readonly authenticate: ReturnType<typeof createAuthenticateRequest>
  readonly authorize: ReturnType<typeof createAuthorizeRequest>
  readonly idempotently: ReturnType<typeof createIdempotency>
  readonly recordRefusal: ReturnType<typeof createRecordRefusal>
}

/** The OpenAPI path template in Express's syntax. */
const expressPath = (template: string): string => template.replace(/\{(\w+)\}/g, ':$1')

type Input = Pick<Request<Route>, 'params' | 'query' | 'body' | 'text'>

/** The validated input of a route; at an alias the path parameters are body fields. */
const readInput = async (
  route: Route,
  isAlias: boolean,
  request: HttpRequest,
  response: Response,
): Promise<Input> => {
  const { value: sent, text } = await readBody(request, response, {
    form: AUTHENTICATION[route.auth].bodyForm,
    types: route.bodyTypes,
    maxBytes: route.maxBodyBytes,
    maxKeys: route.maxBodyKeys,
  })
  const path = { ...request.params }
  const body = validateBody(route.body ?? NOTHING, isAlias ? { ...sent, ...path } : sent)
  const params = validateText(isAlias ? NOTHING : (route.params ?? NOTHING), isAlias ? {} : path, 'path')
  const query = validateText(
    route.query ?? NOTHING,
    route.ignoresQuery === true ? {} : request.query,
    'query',
  )
  return { params, query, body, text }
}

const schemaOf = (route: Route, status: number): TSchema | undefined => route.responses[status]?.schema

/** Writes a body item by item; for HEAD nothing is read at all. */
const sendStream = async (stream: AsyncIterable<string>, response: Response): Promise<void> => {
  if (response.req.method === 'HEAD') {
    response.end()
    return
  }
  const source = Readable.from(stream)
  source.on('error', () => response.destroy())
  source.pipe(response)
  await finished(response).catch(() => source.destroy())
}

const sendReply = async (route: Route, reply: Reply, response: Response): Promise<void> => {
  const declared = route.responses[reply.status]
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value)
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-store')
  response.status(reply.status).type(declared?.contentType ?? 'application/json')
  if (reply.stream !== undefined) {
    await sendStream(reply.stream, response)
    return
  }
  const schema = schemaOf(route, reply.status)
  if (schema === undefined) {
    response.end()
    return
  }
  const text = JSON.stringify(filterReply(schema, reply.body))
  // Node would leave it out of the answer to HEAD.
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.end(text)
}

/** Nobody gets past a guarded route without an account that the policies are asked about. */
const requirePrincipal = (route: GuardedRoute, caller: Caller<AuthMode>): Principal => {
  if (caller === undefined || !('account' in caller)) throw new Error(`${route.operationId}: no principal`)
  return caller
}

const callerId = (caller: unknown, origin: RequestOrigin): string =>
  (caller as Partial<Principal> | undefined)?.account?.id ?? `ip:${origin.ip ?? ''}`

/** Runs one request straight through: authenticate, validate, authorise, call, reply. */
const serve = (route: Route, isAlias: boolean, handler: Handler<never>, options: MountOptions) => {
  const { errorForm } = AUTHENTICATION[route.auth]
  return async (request: HttpRequest, response: Response): Promise<void> => {
    setRoute(response, isAlias ? (route.alias ?? route.path) : route.path, errorForm)
    const origin = originOf(request, response)
    let caller: Caller<AuthMode>
    try {
      caller = await options.authenticate(route.auth, request.headers.authorization)
      if (caller !== undefined && 'account' in caller) setActor(response, caller.account.id)
      const input = await readInput(route, isAlias, request, response)
      const params = input.params as Record<string, string>
      const target = isGuarded(route)
        ? await options.authorize(route, { principal: requirePrincipal(route, caller), params, origin })
        : undefined
      const precondition = preconditionOf(request.headers)
      const make = () => handler({ ...input, caller, target, origin, precondition } as never)
      const key = request.headers['idempotency-key'] as string | undefined
      const call = { key, callerId: callerId(caller, origin), operationId: route.operationId, content: input }
      const reply = route.idempotent === true ? await options.idempotently(call, make) : await make()
      await sendReply(route, reply, response)
    } catch (error) {
      options.recordRefusal(route, { caller, params: request.params, origin, error })
      throw error
    }
  }
}

/** Mounts every route of the table, and answers 405 with `Allow` for the other methods of its paths. */
export const mountRoutes = (app: Express, options: MountOptions): void => {
  const methods = new Map<string, Set<string>>()
  const mount = (route: Route, template: string, isAlias: boolean): void => {
    const path = expressPath(template)
    const handler = options.handlers[route.operationId]
    if (handler === undefined) throw new Error(`no handler for ${route.operationId}`)
    app[route.method.toLowerCase() as Lowercase<Route['method']>](
      path,
      serve(route, isAlias, handler, options),
    )
    const allowed = methods.get(path) ?? new Set()
    methods.set(path, allowed.add(route.method))
    // Express answers HEAD by the route of GET (RFC 9110 section 9.3.2).
    if (route.method === 'GET') allowed.add('HEAD')
  }
  for (const route of Object.values(options.routes)) {
    mount(route, route.path, false)
    if (route.alias !== undefined) mount(route, route.alias, true)
  }
  for (const [path, allowed] of methods) {
    app.all(path, (_request, response) => {
      setRoute(response, path)
      response.setHeader('Allow', [...allowed].join(', '))
      throw new Failure('method_not_allowed')
    })
  }
}
