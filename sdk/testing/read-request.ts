import { contract } from './contract.gen.ts'
import type { OperationContract } from './contract.ts'
import { faultOf, type Schema, type SchemaFault } from './schema.ts'

/** What a request sends. */
export interface SentRequest {
  readonly query: Readonly<Record<string, unknown>>
  /** Parsed; undefined if there is none, or if it is not JSON and no form. */
  readonly body: unknown
  readonly headers: Headers
}

/** The code that a request is refused with, and the fields at fault. */
export interface Unfit {
  readonly refusal: 'invalid_request' | 'invalid_json'
  readonly errors: readonly SchemaFault[]
}

/** A text of a query as its schema wants it, as the daemon reads it. */
const coerced = (text: string, { type }: Schema): unknown => {
  const types = typeof type === 'string' ? [type] : (type ?? [])
  if ((types.includes('integer') || types.includes('number')) && /^-?\d+(\.\d+)?$/.test(text))
    return Number(text)
  return types.includes('boolean') && /^(true|false)$/.test(text) ? text === 'true' : text
}

const schemaOf = (schema: Schema): Schema => {
  const name = schema.$ref?.slice(schema.$ref.lastIndexOf('/') + 1)
  return (name !== undefined && contract.schemas[name]) || schema
}

const readQuery = (url: string, { query }: OperationContract): Record<string, unknown> =>
  Object.fromEntries(
    Array.from(new URL(url).searchParams, ([name, text]) => [
      name,
      coerced(text, schemaOf(query?.properties?.[name] ?? {})),
    ]),
  )

const unfit = (refusal: Unfit['refusal'], ...errors: readonly SchemaFault[]): Unfit => ({ refusal, errors })

/** The body by its form; what is no JSON is refused where the operation takes JSON. */
const readBody = async (
  request: Request,
  { body, bodyType }: OperationContract,
): Promise<{ body: unknown } | Unfit> => {
  const text = await request.text()
  if (body === undefined || text === '') return { body: undefined }
  if (bodyType?.includes('form') === true) return { body: Object.fromEntries(new URLSearchParams(text)) }
  try {
    return { body: JSON.parse(text) as unknown }
  } catch {
    return unfit('invalid_json')
  }
}

/** Reads a request and holds it against the contract. */
export const readRequest = async (
  request: Request,
  operation: OperationContract,
): Promise<SentRequest | Unfit> => {
  const query = readQuery(request.url, operation)
  const badQuery = operation.query && faultOf(operation.query, query, contract.schemas)
  if (badQuery !== undefined)
    return unfit('invalid_request', { ...badQuery, pointer: `/query${badQuery.pointer}` })
  const read = await readBody(request, operation)
  if ('refusal' in read) return read
  const { body = {} } = read
  const badBody = operation.body && faultOf(operation.body, body, contract.schemas)
  return badBody === undefined
    ? { query, ...read, headers: request.headers }
    : unfit('invalid_request', badBody)
}
