import type { RequestListener } from 'node:http'
import { routes } from '../contract/routes.ts'
import { Failure } from '../domain/failure.ts'
import { loadPart } from '../domain/part.ts'
import type { Log } from '../ports/log.ts'
import { createFindTarget } from '../usecases/access/target.ts'
import { createAuthenticate } from '../usecases/access/authenticate.ts'
import { createAuthorize } from '../usecases/access/authorize.ts'
import type { Deps } from '../usecases/deps.ts'
import type { Admission } from './admission.ts'
import { createAnswerError } from './answer-error.ts'
import { createAuthenticateRequest } from './authenticate.ts'
import { createAuthorizeRequest } from './authorize.ts'
import { createHandlers } from './handlers.ts'
import type { Lifecycle } from './handlers/system.ts'
import { requireOneReading } from './door.ts'
import { createIdempotency } from './idempotency.ts'
import { mountRoutes, type AnswerRoute, type FindRoute } from './mount.ts'
import type { Pages, ShowPage } from './pages.ts'
import { compileTrust, peerOf } from './peer.ts'
import { createRecordRefusal } from './refusal-audit.ts'
import { openExchange, type Exchange } from './exchange.ts'
import { createRequestLog, type ServedRequest } from './request-log.ts'
import { createCors, securityHeaders } from './security-headers.ts'
import { readTarget, withoutIssuerPath, type Target } from './target.ts'

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
  readonly admission: Pick<Admission, 'admit' | 'detach'>
  /** Beside the contract: the documentation pages and the metrics. */
  readonly pages: readonly Pages[]
  readonly observe: (served: ServedRequest) => void
}

/** What must answer however much is asked: the admission does not hold it up. */
export const PROBES = ['/healthz', '/readyz', '/metrics']

const mountTable = ({ deps, lifecycle, publicUrl }: AppOptions): FindRoute => {
  const authorize = createAuthorize(deps)
  return mountRoutes({
    routes,
    handlers: createHandlers({ deps: { ...deps, authorize }, lifecycle, publicUrl }),
    authenticate: createAuthenticateRequest(createAuthenticate(deps)),
    authorize: createAuthorizeRequest(authorize, {
      findTarget: createFindTarget(deps),
      policies: deps.policies,
    }),
    recordRefusal: createRecordRefusal(deps.audit),
    idempotently: createIdempotency({ store: deps.store.idempotency, vault: deps.vault, clock: deps.clock }),
  })
}

/** What shows the pages. Express is loaded for the first of them; a path that is nowhere needs none of it. */
const createShowPage = (
  pages: readonly Pages[],
  fail: Parameters<typeof import('./pages.ts').createPages>[1],
): ((exchange: Exchange, target: Target | undefined) => Promise<void>) => {
  let loaded: Promise<ShowPage> | undefined
  const load = (): Promise<ShowPage> =>
    loadPart(async () => await (await import('./pages.ts')).createPages(pages, fail))
  return async (exchange, target) => {
    if (target === undefined || !pages.some(({ at }) => at.test(target.path))) throw new Failure('not_found')
    loaded ??= load().catch((error: unknown) => {
      // What could not be read now, for want of file descriptors, may be readable later.
      loaded = undefined
      throw error
    })
    const show = await loaded
    show(exchange)
  }
}

/**
 * The HTTP face. A request of the contract goes straight to its route: no router, no chain, one head. The
 * pages are shown by Express. What is asked for is found first, so that whatever refuses the request answers
 * in the form of its route.
 */
export const createApp = (options: AppOptions): RequestListener => {
  const { log, lifecycle, admission } = options
  const isTrusted = compileTrust(options.trustProxy)
  const always = securityHeaders({ hsts: options.hsts })
  const answersPreflight = createCors(options.corsOrigins)
  const watch = createRequestLog(log, options.observe)
  const fail = createAnswerError(log)
  const find = mountTable(options)
  const showPage = createShowPage(options.pages, fail)

  const enter = (
    exchange: Exchange,
    target: Target | undefined,
    answer: AnswerRoute | undefined,
  ): Promise<void> | undefined => {
    requireOneReading(exchange.request)
    return answer === undefined ? showPage(exchange, target) : answer()
  }

  return (request, response) => {
    const exchange = openExchange(request, response, peerOf(request, isTrusted))
    exchange.detach = () => admission.detach(response)
    const refuse = (error: unknown): void => fail(exchange, error)
    const target = readTarget(request.url ?? '')
    watch(exchange)
    // Answers sent while draining close their connection, so that clients move to another daemon.
    if (lifecycle.draining) exchange.headers.push('Connection', 'close')
    exchange.headers.push(...always)
    const answer = target && find(exchange, withoutIssuerPath(target, options.publicUrl))
    // Before anything is refused: what a browser may not read, it cannot tell its page.
    if (answersPreflight(exchange)) return
    admission.admit(target?.path ?? '', response, (refusal) => {
      try {
        if (refusal !== undefined) throw refusal
        enter(exchange, target, answer)?.catch(refuse)
      } catch (error) {
        refuse(error)
      }
    })
  }
}
