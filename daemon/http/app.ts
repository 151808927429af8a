import express, { type Express, type NextFunction, type Request, type Response, type Router } from 'express'
import { routes } from '../contract/routes.ts'
import { Failure } from '../domain/failure.ts'
import type { Log } from '../ports/log.ts'
import { createFindTarget } from '../usecases/access/target.ts'
import { createAuthenticate } from '../usecases/access/authenticate.ts'
import { createAuthorize } from '../usecases/access/authorize.ts'
import type { Deps } from '../usecases/deps.ts'
import type { Admission } from './admission.ts'
import { createAuthenticateRequest } from './authenticate.ts'
import { createAuthorizeRequest } from './authorize.ts'
import { sendFailure, toFailure } from './failures.ts'
import { createHandlers } from './handlers.ts'
import type { Lifecycle } from './handlers/system.ts'
import { requireOneReading } from './door.ts'
import { createIdempotency } from './idempotency.ts'
import { mountRoutes } from './mount.ts'
import { createRecordRefusal } from './refusal-audit.ts'
import { identifyRequest, logFieldsOf, routeOf } from './request-context.ts'
import { logRequests, type ServedRequest } from './request-log.ts'
import { cors, securityHeaders } from './security-headers.ts'

/** What the HTTP face is made of. */
export interface AppOptions {
  readonly deps: Deps
  readonly log: Log
  readonly lifecycle: Lifecycle
  /** Read at each use: with port 0 it is known only after listening. */
  readonly publicUrl: () => string
  readonly corsOrigins: readonly string[]
  readonly trustProxy: number | readonly string[]
  readonly hsts: boolean
  readonly admission: Pick<Admission, 'admit'>
  /** Routers beside the contract: the documentation pages and the metrics. */
  readonly extras: readonly Router[]
  readonly observe: (served: ServedRequest) => void
}

/** What must answer however much is asked: the admission does not hold it up. */
export const PROBES = ['/healthz', '/readyz', '/metrics']

const MAX_LOGGED_CAUSES = 5

/** A cause chain for the log: names, codes and stacks of our own errors; never a request. */
const describe = (error: unknown): object => {
  const chain: object[] = []
  let cause = error
  while (cause instanceof Error && chain.length < MAX_LOGGED_CAUSES) {
    chain.push({ name: cause.name, message: cause.message, stack: cause.stack })
    cause = cause.cause
  }
  return { causes: chain }
}

const answerErrors =
  (log: Log) =>
  (error: unknown, _request: Request, response: Response, _next: NextFunction): void => {
    const failure = toFailure(error)
    const about = { ...logFieldsOf(response), route: routeOf(response), code: failure.code }
    if (failure.code === 'internal') log.error({ ...about, ...describe(failure.cause) }, 'internal error')
    else if (failure.code === 'unavailable')
      log.warn({ ...about, ...describe(failure.cause) }, 'store unavailable')
    else if (failure.code === 'forbidden' && failure.cause !== undefined)
      log.error({ ...about, reason: failure.reason, ...describe(failure.cause) }, 'error while deciding')
    else if (failure.reason !== undefined) log.debug({ ...about, reason: failure.reason }, 'refused')
    sendFailure(response, failure)
  }

/** Answers sent while draining close their connection, so that clients move to another daemon. */
const closeWhileDraining =
  (lifecycle: Lifecycle) =>
  (_request: Request, response: Response, next: NextFunction): void => {
    if (lifecycle.draining) response.setHeader('Connection', 'close')
    next()
  }

/** The HTTP face: every route of the contract, mounted in one loop over the table. */
export const createApp = (options: AppOptions): Express => {
  const { deps, log, lifecycle } = options
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.set('case sensitive routing', true)
  app.set(
    'trust proxy',
    typeof options.trustProxy === 'number' ? options.trustProxy : [...options.trustProxy],
  )

  app.use(identifyRequest, logRequests(log, options.observe), closeWhileDraining(lifecycle))
  app.use(options.admission.admit)
  app.use(securityHeaders({ hsts: options.hsts }), cors(options.corsOrigins))
  app.use(requireOneReading)
  for (const router of options.extras) app.use(router)
  const authorize = createAuthorize(deps)
  mountRoutes(app, {
    routes,
    handlers: createHandlers({ deps: { ...deps, authorize }, lifecycle, publicUrl: options.publicUrl }),
    authenticate: createAuthenticateRequest(createAuthenticate(deps)),
    authorize: createAuthorizeRequest(authorize, {
      findTarget: createFindTarget(deps),
      policies: deps.policies,
    }),
    recordRefusal: createRecordRefusal(deps.audit),
    idempotently: createIdempotency({ store: deps.store.idempotency, vault: deps.vault, clock: deps.clock }),
  })
  app.use(() => {
    throw new Failure('not_found')
  })
  app.use(answerErrors(log))
  return app
}
