import { AuthctlError } from '../errors.ts'
import type { Auth } from '../server/token.ts'
import { createVerifier } from '../server/verifier.ts'
import type { AnswerContract, OperationContract } from './contract.ts'
import { contract, type OperationId } from './contract.gen.ts'
import { findOperation, type Found } from './find-operation.ts'
import { createTokenMinter, type TokenMinter } from './minter.ts'
import { problemOf } from './problem.ts'
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
    return { status, body: problemOf(status, answer.code, answer), headers }
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

const refused = (status: number, code: string, rest: Parameters<typeof problemOf>[2] = {}): Response =>
  responseOf({ status, body: problemOf(status, code, rest), headers: {} }, 'application/problem+json')

const BEARER = /^Bearer +(\S+)$/i

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

  /** Who asks; or the refusal, where the operation needs to know. */
  const authenticate = async (
    { auth }: OperationContract,
    headers: Headers,
  ): Promise<Auth | Response | undefined> => {
    const token = BEARER.exec(headers.get('authorization') ?? '')?.[1]
    if (auth !== 'access')
      return auth === 'none' || token !== undefined ? undefined : refused(401, 'authentication_required')
    if (token === undefined) return refused(401, 'authentication_required')
    return verifier.verify(token).catch(() => refused(401, 'invalid_token'))
  }

  const answer = async (request: FakeRequest, operation: OperationContract): Promise<Response> => {
    const answering = answers.get(request.operation) ?? {}
    const made = typeof answering === 'function' ? await answering(request) : answering
    const whole = completed(operation, made)
    return responseOf(whole, requireFit(request.operation, operation, whole).type)
  }

  const serve = async (request: Request, { id, operation, params }: Found): Promise<Response> => {
    const auth = await authenticate(operation, request.headers)
    if (auth instanceof Response) return auth
    const sent = await readRequest(request, operation)
    if ('refusal' in sent) return refused(400, sent.refusal, { errors: sent.errors })
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
      const { pathname } = new URL(request.url.slice(prefix.length), 'http://x')
      const found = findOperation(request.method, pathname)
      if (typeof found === 'object') return serve(request, found)
      return refused(found === 'not_found' ? 404 : 405, found)
    },
  }
}
