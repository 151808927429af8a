import type { OpenApiDocument } from '../daemon/contract/openapi.ts'
import type { Route } from '../daemon/contract/route.ts'
import type { Contract, OperationContract } from '../sdk/testing/contract.ts'
import type { Schema } from '../sdk/testing/schema.ts'

interface Content {
  readonly [type: string]: { readonly schema?: Schema; readonly example?: unknown }
}

interface Described {
  readonly operationId: string
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: Schema }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { content?: Content; 'x-authctl-codes'?: readonly string[] }>>
  readonly 'x-alias-of'?: string
}

/** What people read, and nothing checks. */
const UNCHECKED = new Set(['description', 'title', 'examples', 'default'])

/** A schema without what nothing checks. */
const bare = (value: unknown, isNames = false): unknown => {
  if (Array.isArray(value)) return value.map((item) => bare(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => isNames || !UNCHECKED.has(key))
      .map(([key, item]) => [key, ['enum', 'const'].includes(key) ? item : bare(item, key === 'properties')]),
  )
}

const queryOf = ({ parameters }: Described, route: Route): Schema | undefined => {
  if (route.ignoresQuery === true) return undefined
  const query = parameters.filter((parameter) => parameter.in === 'query')
  return {
    type: 'object',
    properties: Object.fromEntries(query.map(({ name, schema }) => [name, bare(schema) as Schema])),
    required: query.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
  }
}

const answersOf = ({ responses }: Described): OperationContract['answers'] =>
  Object.fromEntries(
    Object.entries(responses).map(([status, { content = {}, 'x-authctl-codes': codes }]) => {
      const [[type, { schema, example }] = ['', {}]] = Object.entries(content)
      const isError = codes !== undefined
      const body = schema === undefined ? {} : { schema: bare(schema) as Schema }
      return [status, { type, ...body, ...(isError ? { codes } : { example }) }]
    }),
  )

const operationOf = (described: Described, route: Route): OperationContract => {
  const [[bodyType, body] = [undefined, undefined]] = Object.entries(described.requestBody?.content ?? {})
  const query = queryOf(described, route)
  const { method, path, auth } = route
  return {
    method,
    path,
    auth,
    ...(query === undefined ? {} : { query }),
    ...(body?.schema === undefined ? {} : { body: bare(body.schema) as Schema, bodyType: bodyType ?? '' }),
    answers: answersOf(described),
  }
}

/** What the fake daemon of `@authctl/sdk/testing` holds requests and answers against. */
export const contractOfFake = (document: OpenApiDocument, routes: readonly Route[]): Contract => {
  const described = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods) as unknown as Described[])
    .filter((each) => each['x-alias-of'] === undefined)
  return {
    schemas: bare(document.components.schemas, true) as Contract['schemas'],
    operations: Object.fromEntries(
      routes.flatMap((route) => {
        const own = described.find(({ operationId }) => operationId === route.operationId)
        return own === undefined ? [] : [[route.operationId, operationOf(own, route)]]
      }),
    ),
  }
}
