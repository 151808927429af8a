import type { AuthctlClient } from '../client.ts'
import { ApiError, ArgumentError, UnansweredError } from '../errors.ts'
import type { AccessDecision } from '../types.gen.ts'
import { KeysUnavailableError } from '../server/keys.ts'
import type { Auth } from '../server/token.ts'
import { createVerifier, InvalidTokenError, type VerifierOptions } from '../server/verifier.ts'

declare global {
  namespace Express {
    interface Request {
      /** Who asks, as the access token says; undefined before `authctl()` has run. */
      auth?: Auth
    }
  }
}

/** What of a request is read. Express 4 and 5 have it, and whatever else builds on `node:http`. */
export interface GuardedRequest {
  readonly headers: { readonly authorization?: string | undefined }
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
type Middleware<Req extends GuardedRequest> = (
  request: Req,
  response: GuardedResponse,
  next: Next,
) => Promise<void>

/** A value, or what makes it of a request. */
type Of<Req, T> = T | ((request: Req) => T)

/** What is asked beside the action. */
export interface RequireOptions<Req> {
  /** Values of the context keys that the policies name. */
  readonly context?:
    Of<Req, NonNullable<Parameters<AuthctlClient['access']['check']>[0]['context']>> | undefined
}

/** A guard for an application, and for single routes of it. */
export interface Guard extends Middleware<GuardedRequest> {
  /**
   * Lets a request through if the policies allow this action on this resource to the account that asks; it is
   * answered
   * 403
   * with the id of the decision if they do not, and 503 if the daemon cannot be asked. Needs a `client`,
   * signed in as an account that stands above those who ask.
   */
  readonly require: <Req extends GuardedRequest>(
    action: string,
    resource: Of<Req, string>,
    options?: RequireOptions<Req>,
  ) => Middleware<Req>
}

/** What a guard is made of: a verifier's options, and a client to ask the policies with. */
export interface GuardOptions extends VerifierOptions {
  readonly client?: Pick<AuthctlClient, 'access'> | undefined
}

interface Refusal {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly headers?: Readonly<Record<string, string>>
  readonly decision_id?: string | undefined
}

const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i

/** An answer as the daemon's own (RFC 9457). */
const refuse = (response: GuardedResponse, { headers = {}, ...problem }: Refusal): void => {
  response.statusCode = problem.status
  response.setHeader('Content-Type', 'application/problem+json')
  response.setHeader('Cache-Control', 'no-store')
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(JSON.stringify({ type: 'about:blank', ...problem }))
}

/** RFC 6750 section 3: who sent nothing is told no error. */
const challenge = (response: GuardedResponse, code: 'authentication_required' | 'invalid_token'): void => {
  const [title, value] =
    code === 'invalid_token'
      ? ['The access token is not valid: sign in again, or refresh it', 'Bearer error="invalid_token"']
      : ['Send an access token: Authorization: Bearer …', 'Bearer']
  refuse(response, { status: 401, code, title, headers: { 'WWW-Authenticate': value } })
}

const unavailable = (response: GuardedResponse): void =>
  refuse(response, {
    status: 503,
    code: 'unavailable',
    title: 'The auth server cannot be asked: try again',
    headers: { 'Retry-After': '1' },
  })

/** The one token of a request; undefined if there is none, several, or something else. */
const tokenOf = ({ headers, rawHeaders }: GuardedRequest): string | undefined => {
  const names = rawHeaders.filter((_, index) => index % 2 === 0)
  if (names.filter((name) => name.toLowerCase() === 'authorization').length !== 1) return undefined
  return BEARER.exec(headers.authorization ?? '')?.[1]
}

const valueOf = <Req, T>(of: Of<Req, T>, request: Req): T =>
  typeof of === 'function' ? (of as (request: Req) => T)(request) : of

/** Whether asking again may help: no answer, too many requests, or a fault of the server. */
const isPassing = (error: unknown): boolean =>
  error instanceof ApiError ? error.status === 429 || error.status >= 500 : error instanceof UnansweredError

/**
 * Who asks is not below the account of the client, so that the daemon does not know it there: the policies
 * allow it nothing.
 */
const isUnknown = (error: unknown): boolean => error instanceof ApiError && error.status === 404

/** Goes on to what comes next if a step says so; otherwise the step has answered, or failed. */
const goOn = async (step: () => Promise<boolean>, next: Next): Promise<void> => {
  let isThrough: boolean
  try {
    isThrough = await step()
  } catch (error) {
    next(error)
    return
  }
  if (isThrough) next()
}

/**
 * Makes the guard of an Express application: it verifies the access token in the process, puts who asks into
 * `request.auth`, and answers 401 to everybody else. Make one for the application.
 */
export const authctl = ({ client, ...options }: GuardOptions): Guard => {
  const verifier = createVerifier(options)

  const authenticate = async (request: GuardedRequest, response: GuardedResponse): Promise<boolean> => {
    const token = tokenOf(request)
    if (token === undefined) {
      challenge(
        response,
        request.headers.authorization === undefined ? 'authentication_required' : 'invalid_token',
      )
      return false
    }
    try {
      request.auth = await verifier.verify(token)
      return true
    } catch (error) {
      if (error instanceof InvalidTokenError) challenge(response, 'invalid_token')
      else if (error instanceof KeysUnavailableError) unavailable(response)
      else throw error
      return false
    }
  }

  const decide = async (ask: () => Promise<AccessDecision>, response: GuardedResponse): Promise<boolean> => {
    let decision: Pick<AccessDecision, 'allowed' | 'decision_id'>
    try {
      decision = await ask()
    } catch (error) {
      if (isPassing(error)) {
        unavailable(response)
        return false
      }
      if (!isUnknown(error)) throw error
      decision = { allowed: false, decision_id: null }
    }
    if (!decision.allowed)
      refuse(response, {
        status: 403,
        code: 'forbidden',
        title: 'The policies do not allow this',
        decision_id: decision.decision_id ?? undefined,
      })
    return decision.allowed
  }

  const guard: Middleware<GuardedRequest> = (request, response, next) =>
    goOn(() => authenticate(request, response), next)
  const requireAllowed: Guard['require'] = (action, resource, { context } = {}) => {
    if (client === undefined) throw new ArgumentError('require needs a client: authctl({ issuer, client })')
    return async (request, response, next) => {
      const { auth } = request
      // What others put there may name nobody, and of nobody the daemon takes the client itself to be asked
      // about.
      if (typeof auth?.accountId !== 'string') {
        next(new ArgumentError('put authctl() before require(): nobody has said who asks'))
        return
      }
      const ask = async (): Promise<AccessDecision> =>
        client.access.check({
          principal: auth.accountId,
          action,
          resource: valueOf(resource, request),
          ...(context === undefined ? {} : { context: valueOf(context, request) }),
        })
      await goOn(() => decide(ask, response), next)
    }
  }
  return Object.assign(guard, { require: requireAllowed })
}
