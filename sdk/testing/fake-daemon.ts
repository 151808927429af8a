import { AuthctlError } from '../errors.ts'
import type { Auth } from '../server/token.ts'
import { createVerifier, InvalidTokenError } from '../server/verifier.ts'
import type { AnswerContract, OperationContract } from './contract.ts'
import { contract, type OperationId } from './contract.gen.ts'
import { findOperation, type Found, UNFOUND, type Unfound } from './find-operation.ts'
import { createTokenMinter, type TokenMinter } from './minter.ts'
import { challengeOf, errorOf, problemOf, type Said } from './problem.ts'
import { readRequest, type SentRequest } from './read-request.ts'
import { faultOf } from './schema.ts'

/** What a test answers is not what the daemon could answer: the test shows nothing. */
export class ContractError extends AuthctlError {
  constructor(operation: string, detail: string) {
    super('contract', `${operation} cannot answer this: ${detail}`)
  }
}

/** A request that fits the contract. */
export interface FakeRequest extends SentRequest {
  readonly operation: OperationId
  readonly params: Readonly<Record<string, string>>
  /** Who asks, by an access token of the minter. */
  readonly auth: Auth | undefined
}

/** What is answered: a success, by default with the first status and example of the contract, or an error. */
export type FakeAnswer =
  | { readonly status?: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly code: string; readonly detail?: string; readonly headers?: Readonly<Record<string, string>> }

/** What makes an answer of a request. */
export type Answering = FakeAnswer | ((request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>)

/** A daemon in memory: give its `fetch` to `createClient`, `createVerifier` and guards. */
export interface FakeDaemon {
  readonly baseUrl: string
  readonly fetch: typeof globalThis.fetch
  readonly minter: TokenMinter
  /**
   * From now on this operation answers so; throws {@link ContractError} for what the daemon could not
   * answer. A function that makes such an answer fails the call with that error.
   */
  readonly on: (operation: OperationId, answering: Answering) => void
  /** The requests that fitted the contract, in their order. */
  readonly requests: readonly FakeRequest[]
}

interface Whole {
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

const firstSuccess = ({ answers }: OperationContract): number =>
  Number(Object.keys(answers).find((status) => status.startsWith('2')))

const statusOfCode = ({ answers }: OperationContract, code: string): number =>
  Number(Object.entries(answers).find(([, { codes }]) => codes?.includes(code))?.[0])

/** The answer with everything that a test may leave out. */
const completed = (operation: OperationContract, answer: FakeAnswer): Whole => {
  const { headers = {} } = answer
  if ('code' in answer) {
    const status = statusOfCode(operation, answer.code)
    const body = errorOf(operation, status, answer.code, { detail: answer.detail })
    return { status, body, headers: { ...challengeOf(operation, status, answer.code), ...headers } }
  }
  const { status = firstSuccess(operation) } = answer
  const body = 'body' in answer ? answer.body : operation.answers[status]?.example
  return { status, body, headers }
}

/** The contract of an answer; throws if the daemon has no such one. */
const requireFit = (
  id: OperationId,
  operation: OperationContract,
  { status, body }: Whole,
): AnswerContract => {
  const declared = operation.answers[status]
  if (declared === undefined) {
    const known = Object.values(operation.answers).flatMap(({ codes = [] }) => codes)
    throw new ContractError(
      id,
      `it has the statuses ${Object.keys(operation.answers).join()} and the codes ${known.join()}`,
    )
  }
  // As it goes over the wire: dates are texts there, and what is undefined is not there.
  const sent: unknown = body === undefined ? undefined : JSON.parse(JSON.stringify(body))
  if (declared.schema === undefined && sent === undefined) return declared
  const found = faultOf(declared.schema ?? { not: {} }, sent, contract.schemas)
  if (found !== undefined) throw new ContractError(id, `${found.pointer || 'the body'} ${found.detail}`)
  const { code } = (sent ?? {}) as { code?: unknown }
  if (declared.codes !== undefined && typeof code === 'string' && !declared.codes.includes(code))
    throw new ContractError(id, `its status ${status} has the codes ${declared.codes.join()}`)
  return declared
}

const responseOf = ({ status, body, headers }: Whole, type: string): Response =>
  new Response(body === undefined || status === 204 ? null : JSON.stringify(body), {
    status,
    headers: { ...(body === undefined ? {} : { 'content-type': type }), ...headers },
  })

const PROBLEM = 'application/problem+json'

/** The refusal of a request for an operation, in its form. */
const refused = (operation: OperationContract, code: string, said: Said = {}): Response => {
  const status = statusOfCode(operation, code)
  const { type = PROBLEM } = operation.answers[status] ?? {}
  const headers = challengeOf(operation, status, code)
  return responseOf({ status, body: errorOf(operation, status, code, said), headers }, type)
}

/** The refusal of a request for which there is no operation, in the form of those at its path. */
const refusedUnfound = ({ refusal, operation, allow }: Unfound): Response => {
  const status = UNFOUND[refusal]
  const headers = allow === undefined ? {} : { allow }
  const body = operation === undefined ? problemOf(status, refusal) : errorOf(operation, status, refusal)
  return responseOf({ status, body, headers }, operation?.auth === 'client' ? 'application/json' : PROBLEM)
}

/** A token as the daemon reads it; what comes near to it is a token that is none. */
const tokenIn = (header: string): { readonly token: string } | { readonly refusal: string } => {
  const [, token] = /^bearer ([^\s,]+)$/i.exec(header) ?? []
  if (token !== undefined) return { token }
  return { refusal: /^bearer/i.test(header) ? 'invalid_token' : 'authentication_required' }
}

/** Whether an application says which it is (RFC 6749 section 2.3). */
const namesItself = ({ body, headers }: SentRequest): boolean =>
  headers.has('authorization') || Object.hasOwn(Object(body), 'client_id')

/** Where accounts act that have signed in themselves. */
const NOT_FOR_APPLICATIONS: ReadonlySet<string> = new Set(['session', 'expired-access'])

/**
 * Makes a daemon for the unit tests of an application. Requests are held against the contract of the real
 * one and refused as it refuses them: 404, 401 without a token of its minter, 400 with the field at fault.
 * What fits is answered as the test says, or else with the example of the contract; the keys at
 * `/.well-known/jwks.json` are those of the minter. It decides nothing and keeps nothing by itself.
 */
export const createFakeDaemon = async (
  options: { readonly minter?: TokenMinter | undefined } = {},
): Promise<FakeDaemon> => {
  const minter = options.minter ?? (await createTokenMinter())
  const { issuer, audience, keys } = minter
  const verifier = createVerifier({ issuer, audience, keys })
  const answers = new Map<OperationId, Answering>([['keys.jwks', { body: { keys } }]])
  const requests: FakeRequest[] = []

  /** Who a token speaks for; the code of the refusal if it is not to act by. */
  const verify = async (
    token: string,
    { auth: way }: OperationContract,
  ): Promise<Auth | string | undefined> => {
    try {
      const auth = await verifier.verify(token)
      return auth.role === 'application' && NOT_FOR_APPLICATIONS.has(way) ? 'forbidden' : auth
    } catch (error) {
      const hasExpired = error instanceof InvalidTokenError && error.fault === 'expired'
      return hasExpired && way === 'expired-access' ? undefined : 'invalid_token'
    }
  }

  /** Who asks, or the code of the refusal, where that matters. Applications name themselves. */
  const authenticate = async (
    operation: OperationContract,
    headers: Headers,
  ): Promise<Auth | string | undefined> => {
    const { auth } = operation
    const header = headers.get('authorization') ?? ''
    if (auth === 'none' || (auth === 'client' && !/^bearer/i.test(header))) return undefined
    const sent = tokenIn(header)
    if ('refusal' in sent) return sent.refusal
    // The minter makes no refresh tokens: any is good.
    return auth === 'refresh' ? undefined : verify(sent.token, operation)
  }

  const answer = async (request: FakeRequest, operation: OperationContract): Promise<Response> => {
    const answering = answers.get(request.operation) ?? {}
    const made = typeof answering === 'function' ? await answering(request) : answering
    const whole = completed(operation, made)
    return responseOf(whole, requireFit(request.operation, operation, whole).type)
  }

  const serve = async (request: Request, found: Found): Promise<Response> => {
    const { id, operation, params } = found
    const auth = await authenticate(operation, request.headers)
    if (typeof auth === 'string') return refused(operation, auth)
    const sent = await readRequest(request, found)
    if ('refusal' in sent) return refused(operation, sent.refusal, { errors: sent.errors })
    if (operation.auth === 'client' && !namesItself(sent)) return refused(operation, 'invalid_client')
    const fitting = { ...sent, operation: id, params, auth }
    requests.push(fitting)
    return answer(fitting, operation)
  }

  const prefix = issuer.replace(/\/$/, '')
  return {
    baseUrl: prefix,
    minter,
    requests,
    on: (id, answering) => {
      const operation = contract.operations[id]
      if (operation === undefined) throw new ContractError(id, 'there is no such operation')
      if (typeof answering !== 'function') requireFit(id, operation, completed(operation, answering))
      answers.set(id, answering)
    },
    fetch: async (input, init) => {
      const request = new Request(input, init)
      if (!request.url.startsWith(`${prefix}/`)) throw new TypeError(`no daemon is at ${request.url}`)
      const [path = ''] = request.url.slice(prefix.length).split(/[?#]/, 1)
      const found = findOperation(request.method, path)
      const made = 'refusal' in found ? refusedUnfound(found) : await serve(request, found)
      return request.method === 'HEAD' ? new Response(null, made) : made
    },
  }
}
