import {
  AUTHENTICATION,
  type AuthenticationKind,
  type AuthMode,
  type BodyForm,
} from '../contract/authentication.ts'
import { NOTHING } from '../contract/checked-schemas.ts'
import { isGuarded, type GuardedRoute, type Route } from '../contract/route.ts'
import { Failure } from '../domain/failure.ts'
import { loadPart } from '../domain/part.ts'
import { callerIdOf, type Principal } from '../domain/session.ts'
import type { RequestOrigin } from '../domain/request-origin.ts'
import { formsOf, sendReply } from './answer.ts'
import type { createAuthenticateRequest } from './authenticate.ts'
import type { createAuthorizeRequest } from './authorize.ts'
import { echoRequestId, originOf, type Exchange } from './exchange.ts'
import type { createIdempotency } from './idempotency.ts'
import { compileMatcher, type Match } from './matcher.ts'
import { preconditionOf } from './precondition.ts'
import { announcesBody, readBody, type SentBody } from './read-body.ts'
import type { createRecordRefusal } from './refusal-audit.ts'
import { principalOf, type Caller, type Handler, type Reply, type Request } from './reply.ts'
import type { Target } from './target.ts'
import { loadValidators, validateBody, validateText } from './validate.ts'

/** The route table, and what serves each request of it. */
export interface MountOptions {
  readonly routes: { readonly [id: string]: Route }
  readonly handlers: { readonly [id: string]: Handler<never> }
  readonly authenticate: ReturnType<typeof createAuthenticateRequest>
  readonly authorize: ReturnType<typeof createAuthorizeRequest>
  readonly idempotently: ReturnType<typeof createIdempotency>
  readonly recordRefusal: ReturnType<typeof createRecordRefusal>
}

/** A route at its path, or at its alias, with all that does not change from request to request. */
interface Mounted {
  readonly route: Route
  readonly template: string
  readonly isAlias: boolean
  readonly handler: Handler<never>
  readonly bodyForm: BodyForm
  /** The names in its body that the route knows. */
  readonly names: ReadonlySet<string>
  readonly forms: ReturnType<typeof formsOf>
  /** Resolves when its validators are there; undefined once they are. */
  readonly load: () => Promise<void> | undefined
}

/** A path of the table: what is mounted there by method, and what `Allow` says of it. */
interface Place {
  readonly template: string
  readonly byMethod: Map<string, Mounted>
}

/** What comes with the path and the query of a request. */
interface Sent {
  readonly params: ReturnType<Match<Place>['params']>
  readonly query: Target['query']
}

type Input = Pick<Request<Route>, 'params' | 'query' | 'body' | 'text'>

/** What is no body of AuthZEN is a bad request there, whatever is wrong with it. */
const refuseAsAuthZen = (error: unknown): never => {
  if (!(error instanceof Failure) || error.code !== 'unsupported_media_type') throw error
  const fault = { pointer: '/header/content-type', code: 'type', detail: 'It must be application/json.' }
  throw new Failure('invalid_request', { errors: [fault], cause: error })
}

const sentBody = ({ route, bodyForm }: Mounted, { request }: Exchange): Promise<SentBody> => {
  const body = readBody(request, {
    form: bodyForm,
    types: route.bodyTypes,
    maxBytes: route.maxBodyBytes,
    maxKeys: route.maxBodyKeys,
  })
  return route.speaksAuthZen === true ? body.catch(refuseAsAuthZen) : body
}

/** What is left of a form without the parameters that the route does not know (RFC 6749 section 3.2). */
const known = ({ bodyForm, names }: Mounted, value: SentBody['value']): SentBody['value'] =>
  bodyForm !== 'form' || Object.keys(value).every((name) => names.has(name))
    ? value
    : Object.fromEntries(Object.entries(value).filter(([name]) => names.has(name)))

/** The validated input of a route; at an alias the path parameters are body fields. */
const readInput = async (
  mounted: Mounted,
  exchange: Exchange,
  { params: path, query: asked }: Sent,
): Promise<Input> => {
  const { route, isAlias } = mounted
  const loading = mounted.load()
  if (loading !== undefined) await loading
  const { value, text } = announcesBody(exchange.request)
    ? await sentBody(mounted, exchange)
    : { value: {}, text: '' }
  const body = validateBody(route.body ?? NOTHING, isAlias ? { ...value, ...path } : known(mounted, value))
  const params = isAlias ? {} : validateText(route.params ?? NOTHING, path, 'path')
  const query = validateText(route.query ?? NOTHING, route.ignoresQuery === true ? {} : asked, 'query')
  return { params, query, body, text }
}

/** Nobody gets past a guarded route without an account that the policies are asked about. */
const requirePrincipal = (route: GuardedRoute, caller: Caller<AuthMode>): Principal => {
  const principal = principalOf(caller)
  if (principal === undefined) throw new Error(`${route.operationId}: no principal`)
  return principal
}

const callerId = (caller: Caller<AuthMode>, origin: RequestOrigin): string => {
  const principal = principalOf(caller)
  return principal === undefined ? `ip:${origin.ip ?? ''}` : callerIdOf(principal)
}

/** Loads the validators of a route when it is asked for first, for all who ask meanwhile. */
const loadingOnce = (route: Route): Mounted['load'] => {
  let isDone = false
  let running: Promise<void> | undefined
  const load = async (): Promise<void> => {
    try {
      await loadPart(() => loadValidators(route))
      isDone = true
    } finally {
      // What failed, for want of a file descriptor for instance, is tried again by the next request.
      running = undefined
    }
  }
  return () => (isDone ? undefined : (running ??= load()))
}

const namesOf = ({ body = NOTHING }: Route): ReadonlySet<string> => {
  const { properties = {} } = body as { properties?: object }
  return new Set(Object.keys(properties))
}

/** What is mounted where; a path keeps the place of its first route in the table. */
const placesOf = ({ routes, handlers }: MountOptions): Place[] => {
  const places = new Map<string, Place>()
  const mount = (route: Route, template: string): void => {
    const handler = handlers[route.operationId]
    if (handler === undefined) throw new Error(`no handler for ${route.operationId}`)
    const { bodyForm } = AUTHENTICATION[route.auth]
    const isAlias = template !== route.path
    const mounted = {
      route,
      template,
      isAlias,
      handler,
      bodyForm,
      names: namesOf(route),
      forms: formsOf(route),
      load: loadingOnce(route),
    }
    const place = places.get(template) ?? { template, byMethod: new Map<string, Mounted>() }
    places.set(template, place)
    place.byMethod.set(route.method, mounted)
    // HEAD is answered by the route of GET (RFC 9110 section 9.3.2).
    if (route.method === 'GET') place.byMethod.set('HEAD', mounted)
  }
  for (const route of Object.values(routes)) {
    mount(route, route.path)
    if (route.alias !== undefined) mount(route, route.alias)
  }
  return [...places.values()]
}

/** The form of all answers to a route, also of those that come before it is served, and their headers. */
const speak = (exchange: Exchange, { auth, speaksAuthZen }: Route): void => {
  const kind: AuthenticationKind = AUTHENTICATION[auth]
  if (speaksAuthZen === true) echoRequestId(exchange)
  exchange.errorForm = kind.errorForm
  if (kind.headers !== undefined) exchange.headers.push(...kind.headers)
}

/** What lets a request in, once more: for one that goes on while its caller may lose the right to it. */
const admitAgain = async (
  { authenticate, authorize }: MountOptions,
  {
    route,
    exchange: { request },
    params,
    origin,
  }: { route: Route; exchange: Exchange; params: Record<string, string>; origin: RequestOrigin },
): Promise<void> => {
  const caller = await authenticate(route.auth, request.headers.authorization)
  if (isGuarded(route)) await authorize(route, { principal: requirePrincipal(route, caller), params, origin })
}

/** Runs one request straight through: authenticate, validate, authorise, call, reply. */
const createServe =
  (options: MountOptions) =>
  async (mounted: Mounted, exchange: Exchange, sent: Sent): Promise<void> => {
    const { route, handler } = mounted
    const { headers } = exchange.request
    exchange.route = mounted.template
    const origin = originOf(exchange)
    let caller: Caller<AuthMode>
    try {
      caller = await options.authenticate(route.auth, headers.authorization)
      exchange.actorId = principalOf(caller)?.account.id
      const input = await readInput(mounted, exchange, sent)
      const params = input.params as Record<string, string>
      const target = isGuarded(route)
        ? await options.authorize(route, { principal: requirePrincipal(route, caller), params, origin })
        : undefined
      const precondition = preconditionOf(headers)
      const again = (): Promise<void> => admitAgain(options, { route, exchange, params, origin })
      const lastEventId = headers['last-event-id'] as string | undefined
      const { detach } = exchange
      const own = { origin, precondition, again, detach, lastEventId }
      const make = (): Promise<Reply> => handler({ ...input, caller, target, ...own } as never)
      const key = headers['idempotency-key'] as string | undefined
      const call = { key, callerId: callerId(caller, origin), operationId: route.operationId, content: input }
      const reply = route.idempotent === true ? await options.idempotently(call, make) : await make()
      await sendReply(exchange, mounted.forms, reply)
    } catch (error) {
      options.recordRefusal(route, { caller, params: sent.params, origin, error })
      throw error
    }
  }

/** Answers one request; throws what it is refused with. Its path must be text in percent-encoded UTF-8. */
export type AnswerRoute = () => Promise<void>

/**
 * Finds what answers a request; undefined where the table has no such path. From then on every answer is in
 * the form of the route that was asked for, whatever the request is refused for.
 */
export type FindRoute = (exchange: Exchange, target: Target) => AnswerRoute | undefined

/**
 * Compiles the table into what finds its routes. A path that has other methods only is answered
 * `method_not_allowed` with `Allow`, in the form of the first of them.
 */
export const mountRoutes = (options: MountOptions): FindRoute => {
  const serve = createServe(options)
  const match = compileMatcher(placesOf(options).map((place) => [place.template, place] as const))
  const refuseMethod = (exchange: Exchange, { template, byMethod }: Place): Promise<never> => {
    exchange.route = template
    exchange.headers.push('Allow', [...byMethod.keys()].join(', '))
    return Promise.reject(new Failure('method_not_allowed'))
  }
  return (exchange, { path, query }) => {
    const matches = match(path)
    for (const { value, params } of matches) {
      const mounted = value.byMethod.get(exchange.request.method ?? '')
      if (mounted === undefined) continue
      speak(exchange, mounted.route)
      return () => serve(mounted, exchange, { params: params(), query })
    }
    const [first] = matches
    if (first === undefined) return undefined
    const [any] = first.value.byMethod.values()
    if (any !== undefined) speak(exchange, any.route)
    return () => refuseMethod(exchange, first.value)
  }
}
