import { AUTHENTICATION, BODY_FORMS } from '../daemon/contract/authentication.ts'
import type { ErrorCode } from '../daemon/contract/errors.ts'
import { registeredError } from '../daemon/contract/oauth-errors.ts'
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

const parametersIn = ({ parameters }: Described, where: 'path' | 'query'): Schema => {
  const named = parameters.filter((parameter) => parameter.in === where)
  return {
    type: 'object',
    properties: Object.fromEntries(named.map(({ name, schema }) => [name, bare(schema) as Schema])),
    required: named.filter(({ required }) => required).map(({ name }) => name),
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
  const [body] = Object.values(described.requestBody?.content ?? {})
  const { method, path, auth, bodyTypes = [] } = route
  const { contentType } = BODY_FORMS[AUTHENTICATION[auth].bodyForm]
  return {
    method,
    path,
    auth,
    ...(path.includes('{') ? { params: parametersIn(described, 'path') } : {}),
    ...(route.ignoresQuery === true ? {} : { query: parametersIn(described, 'query') }),
    ...(body?.schema === undefined ? {} : { body: bare(body.schema) as Schema }),
    bodyTypes: [contentType, ...bodyTypes],
    answers: answersOf(described),
  }
}

/** The codes of routes of OAuth that have another name there. */
const registeredOf = (routes: readonly Route[]): Contract['registered'] => {
  const codes = routes.filter(({ auth }) => auth === 'client').flatMap(({ errors }) => errors)
  const all: readonly ErrorCode[] = [
    ...codes,
    'body_too_large',
    'rate_limited',
    'internal',
    'overloaded',
    'unavailable',
  ]
  const named = all.map((code): [string, string] => [code, registeredError(code)])
  return Object.fromEntries(named.filter(([code, name]) => code !== name))
}

/** What the fake daemon of `@authctl/sdk/testing` holds requests and answers against. */
export const contractOfFake = (document: OpenApiDocument, routes: readonly Route[]): Contract => {
  const described = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods) as unknown as Described[])
    .filter((each) => each['x-alias-of'] === undefined)
  return {
    registered: registeredOf(routes),
    schemas: bare(document.components.schemas, true) as Contract['schemas'],
    operations: Object.fromEntries(
      routes.flatMap((route) => {
        const own = described.find(({ operationId }) => operationId === route.operationId)
        return own === undefined ? [] : [[route.operationId, operationOf(own, route)]]
      }),
    ),
  }
}
