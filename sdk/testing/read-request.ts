import { contract } from './contract.gen.ts'
import type { OperationContract } from './contract.ts'
import type { Found } from './find-operation.ts'
import { faultOf, ownOf, type Schema, type SchemaFault } from './schema.ts'

/** What a request sends. */
export interface SentRequest {
  readonly query: Readonly<Record<string, unknown>>
  /** Parsed; undefined if there is none. */
  readonly body: unknown
  readonly headers: Headers
}

/** The code that a request is refused with, and the fields at fault. */
export interface Unfit {
  readonly refusal: 'invalid_request' | 'invalid_json' | 'unsupported_media_type'
  readonly errors: readonly SchemaFault[]
}

/** In AuthZEN a body of another type is a bad request. */
const NO_JSON: SchemaFault = { pointer: '/header/content-type', detail: 'It must be application/json.' }
const NOTHING: Schema = { type: 'object', additionalProperties: false }
const FORM = 'application/x-www-form-urlencoded'

const schemaOf = (schema: Schema): Schema => {
  const name = schema.$ref?.slice(schema.$ref.lastIndexOf('/') + 1)
  return (name !== undefined && contract.schemas[name]) || schema
}

/** A text of a query as its schema wants it, as the daemon reads it. */
const coerced = (text: string, { type }: Schema): unknown => {
  const types = typeof type === 'string' ? [type] : (type ?? [])
  if ((types.includes('integer') || types.includes('number')) && text !== '' && !Number.isNaN(Number(text)))
    return Number(text)
  return types.includes('boolean') && /^(true|false)$/.test(text) ? text === 'true' : text
}

/** Names that are there more than once have a list, which fits no schema. */
const readQuery = (url: string, { query = NOTHING }: OperationContract): Record<string, unknown> => {
  const { searchParams } = new URL(url)
  return Object.fromEntries(
    Array.from(searchParams, ([name, text]) => {
      const all = searchParams.getAll(name)
      return [name, all.length > 1 ? all : coerced(text, schemaOf(ownOf(query.properties ?? {}, name) ?? {}))]
    }),
  )
}

const unfit = (refusal: Unfit['refusal'], ...errors: readonly SchemaFault[]): Unfit => ({ refusal, errors })

/** A media type, with an empty parameter or a charset of UTF-8, as the daemon takes it. */
const MEDIA_TYPE = /^([a-z0-9/+.-]+)[ \t]*(?:;[ \t]*(?:charset="?utf-?8"?[ \t]*)?)*$/i

const typeOf = (headers: Headers): string =>
  MEDIA_TYPE.exec(headers.get('content-type') ?? '')?.[1]?.toLowerCase() ?? ''

/** The known parameters of a form: one without a value is none, and one that is there twice is refused. */
const readForm = (text: string, { body = NOTHING }: OperationContract): { body: unknown } | Unfit => {
  const pairs = Array.from(new URLSearchParams(text))
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) return unfit('invalid_request')
  const { properties = {} } = schemaOf(body)
  const known = pairs.filter(([name, value]) => value !== '' && Object.hasOwn(properties, name))
  return { body: Object.fromEntries(known) }
}

const readJson = (text: string): { body: unknown } | Unfit => {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? { body }
      : unfit('invalid_json')
  } catch {
    return unfit('invalid_json')
  }
}

/** The body by the form of its operation. */
const readBody = async (
  request: Request,
  operation: OperationContract,
): Promise<{ body: unknown } | Unfit> => {
  const text = await request.text()
  if (text === '') return { body: undefined }
  const { bodyTypes } = operation
  const isForm = bodyTypes[0] === FORM
  if (!bodyTypes.includes(typeOf(request.headers))) {
    if (operation.answers[415] !== undefined) return unfit('unsupported_media_type')
    return unfit('invalid_request', ...(isForm ? [] : [NO_JSON]))
  }
  return isForm ? readForm(text, operation) : readJson(text)
}

/** The first fault of a part of a request; those of the body are told without its name. */
const faultIn = (part: string, schema: Schema | undefined, value: unknown): SchemaFault | undefined => {
  const found = schema && faultOf(schema, value, contract.schemas)
  return found && { ...found, pointer: `${part}${found.pointer}` }
}

/** Reads a request and holds it against the contract, in the order of the daemon. */
export const readRequest = async (
  request: Request,
  { operation, params }: Pick<Found, 'operation' | 'params'>,
): Promise<SentRequest | Unfit> => {
  const read = await readBody(request, operation)
  if ('refusal' in read) return read
  const query = readQuery(request.url, operation)
  const found =
    faultIn('', operation.body ?? NOTHING, read.body ?? {}) ??
    faultIn('/path', operation.params, params) ??
    faultIn('/query', operation.query, query)
  return found === undefined ? { query, ...read, headers: request.headers } : unfit('invalid_request', found)
}
