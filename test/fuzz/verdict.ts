import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { ErrorCode } from '../../daemon/contract/errors.ts'
import { registeredError } from '../../daemon/contract/oauth-errors.ts'
import { FORM } from '../support/api.ts'
import type { Operation } from './requests.ts'
import type { Lookup, Schema } from './values.ts'
import type { WireAnswer } from './wire.ts'

interface Response {
  readonly content?: Readonly<Record<string, { schema: Schema }>>
  readonly 'x-authctl-codes'?: readonly string[]
}

interface Described {
  readonly operationId: string
  readonly parameters?: Operation['parameters']
  readonly requestBody?: { content: Readonly<Record<string, { schema: Schema; example?: unknown }>> }
  readonly responses: Readonly<Record<string, Response>>
}

/** The OpenAPI document, as far as it is looked at here. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** What a request was, as far as an answer can be judged by it. */
interface Sent {
  readonly method: string
  readonly target: string
}

/** What every refusal says, whatever its body is (RFC 9110 sections 10.2.1, 10.2.3 and 11.6.1, RFC 9111). */
const refusalFault = ({ status, headers }: WireAnswer): string | undefined => {
  if (status < 400) return undefined
  const needed = { 401: 'www-authenticate', 405: 'allow', 429: 'retry-after', 503: 'retry-after' }[status]
  if (needed !== undefined && !headers.has(needed)) return `${status} without ${needed}`
  return headers.get('cache-control') === 'no-store' ? undefined : `${status} that may be kept`
}

/** What is wrong with an answer, under which words it is counted, or nothing. */
export type Judge = (sent: Sent, answer: WireAnswer) => string | undefined

export const lookupIn =
  ({ components }: Document): Lookup =>
  (reference) =>
    components.schemas[reference.replace('#/components/schemas/', '')] ?? {}

/** Every operation of the document that is no alias of another, and the aliases too. */
export const operationsOf = ({ paths }: Document): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [], requestBody }]) => ({
      operationId,
      method: method.toUpperCase(),
      path,
      parameters,
      isForm: requestBody?.content[FORM] !== undefined,
      body: (requestBody?.content['application/json'] ?? requestBody?.content[FORM])?.schema,
      example: (requestBody?.content['application/json'] ?? requestBody?.content[FORM])?.example,
    })),
  )

const pathPattern = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`)

const OUTSIDE = new Set([
  '400 invalid_request',
  '404 not_found',
  '405 method_not_allowed',
  // What that is called below `/oauth`.
  '405 invalid_request',
  '503 overloaded',
])

/** Too much was asked at once; HEAD does not say what it was. */
const MAY_BE_503 = ['overloaded', 'temporarily_unavailable', '']

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const codeOf = (body: unknown): string => {
  const { code, error } = (body ?? {}) as { code?: unknown; error?: unknown }
  return String(code ?? error)
}

/** What a documented code is called in one form or the other. */
const namesOf = (codes: readonly string[]): string[] =>
  codes.flatMap((code) => [code, registeredError(code as ErrorCode)])

/**
 * Judges answers by the document: their status, their code, their type and their schema. A failure of the
 * server is a fault, documented or not, unless the daemon `mayFail`.
 */
export const createJudge = (document: Document, { mayFail = false } = {}): Judge => {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, ownProperties: true })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'api', ...document })
  // Most answers are of the same few schemas, which every operation names anew.
  const compiled = new Map<string, ValidateFunction>()
  const fits = (schema: Schema, body: unknown): string | undefined => {
    const text = JSON.stringify(schema).replaceAll('"#/', '"api#/')
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text) as object)
    compiled.set(text, validate)
    if (validate(body)) return undefined
    const [error] = validate.errors ?? []
    return `the body does not fit at ${error?.instancePath ?? ''}: ${error?.message ?? ''}`
  }
  const literalFirst = Object.entries(document.paths)
    .sort(([a], [b]) => Number(a.includes('{')) - Number(b.includes('{')))
    .map(([path, methods]) => ({ pattern: pathPattern(path), methods }))

  const describedBy = ({ method, target }: Sent): Described | undefined => {
    const [path = ''] = target.split('?', 1)
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase()
    // `/policies/plan` is also the policy of that name, for the methods that only `/policies/{name}` has.
    return literalFirst.find(({ pattern, methods }) => pattern.test(path) && methods[verb] !== undefined)
      ?.methods[verb]
  }

  const judgeContent = (response: Response, { status, headers, text }: WireAnswer): string | undefined => {
    const [type = ''] = (headers.get('content-type') ?? '').split(';', 1)
    if (response.content === undefined) return text === '' ? undefined : `${status} has a body`
    const content = response.content[type]
    if (content === undefined) return `${status} is of the type ${type}`
    if (type === 'text/event-stream')
      return /^(?:id|event|data|retry):/m.test(text) ? undefined : `${status} is no stream of events`
    const body = parse(text)
    if (body === undefined) return `${status} is no JSON`
    const codes = response['x-authctl-codes']
    if (codes !== undefined && !namesOf(codes).includes(codeOf(body)))
      return `${status} ${codeOf(body)} is not documented`
    const misfit = fits(content.schema, body)
    return misfit === undefined ? undefined : `${status}: ${misfit}`
  }

  return (sent, answer) => {
    const { status, headers, text } = answer
    const code = sent.method === 'HEAD' ? '' : codeOf(parse(text))
    const isExpected = status < 500 || mayFail || (status === 503 && MAY_BE_503.includes(code))
    if (!isExpected) return `${status} ${code}`
    if (!headers.has('x-request-id')) return `${status} without a request id`
    const refusal = refusalFault(answer)
    if (refusal !== undefined) return refusal
    const described = describedBy(sent)
    if (described === undefined)
      return sent.method === 'HEAD' || OUTSIDE.has(`${status} ${code}`)
        ? undefined
        : `${status} ${code} of no operation`
    const response = described.responses[String(status)]
    if (response === undefined) return `${described.operationId}: ${status} ${code} is not documented`
    if (sent.method === 'HEAD') return text === '' ? undefined : `${described.operationId}: HEAD has a body`
    const fault = judgeContent(response, answer)
    return fault === undefined ? undefined : `${described.operationId}: ${fault}`
  }
}
