import { AUTHENTICATION, BODY_FORMS, ERROR_FORMS, type AuthMode } from './authentication.ts'
import { ERRORS, type ErrorCode } from './errors.ts'
import { exampleOf } from './example.ts'
import { ANSWER_HEADERS, headerParametersOf, limitHeadersOf } from './headers.ts'
import { isGuarded, TAGS, type Route } from './route.ts'
import { errorsOf } from './route-errors.ts'
import { routes } from './routes.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type JsonObject = { [key: string]: Json }

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: JsonObject
  readonly servers: JsonObject[]
  readonly tags: JsonObject[]
  readonly paths: { [path: string]: { [method: string]: JsonObject } }
  readonly components: { readonly schemas: JsonObject; readonly securitySchemes: JsonObject }
}

const TEMPLATE_PARAMETER = /\{(\w+)\}/g

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Plain JSON of a schema, without what the builder hides in it. */
const plain = (schema: object): JsonObject => JSON.parse(JSON.stringify(schema)) as JsonObject

/**
 * Moves every schema that has a title into `schemas` and leaves a reference, which is its title after
 * `prefix`. Two different schemas of one title are a defect.
 */
export const createReferrer = (schemas: JsonObject, prefix = '#/components/schemas/') => {
  const refer = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(refer)
    if (!isObject(value)) return value
    const { title } = value
    const inner = Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        key === 'examples' || key === 'default' ? item : refer(item),
      ]),
    )
    if (typeof title !== 'string') return inner
    const known = schemas[title]
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(inner))
      throw new Error(`two schemas are called ${title}`)
    schemas[title] = inner
    return { $ref: `${prefix}${title}` }
  }
  return (schema: object): Json => refer(plain(schema))
}

type Refer = ReturnType<typeof createReferrer>

const parametersOf = (
  schema: object | undefined,
  where: 'path' | 'query',
  only?: ReadonlySet<string>,
): Json[] => {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = plain(schema) as { properties?: JsonObject; required?: string[] }
  return Object.entries(properties)
    .filter(([name]) => only === undefined || only.has(name))
    .map(([name, property]) => {
      const { description, examples, ...rest } = property as JsonObject
      const example = Array.isArray(examples) ? examples[0] : undefined
      return {
        name,
        in: where,
        required: where === 'path' || required.includes(name),
        ...(description === undefined ? {} : { description }),
        schema: rest,
        ...(example === undefined ? {} : { example }),
      }
    })
}

/** The headers of an answer with a status; those of limits are on every answer of a limited route. */
const headersOf = (route: Route, status: number): JsonObject => {
  const mayWait = status === 429 || status === 503
  const names = ['X-Request-Id', ...(mayWait ? ['Retry-After'] : []), ...limitHeadersOf(route)] as const
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        description: ANSWER_HEADERS[name as keyof typeof ANSWER_HEADERS],
        schema: { type: name === 'Retry-After' ? 'integer' : 'string' },
      },
    ]),
  )
}

/** The body of an answer, if it has one. */
const contentOf = (
  { contentType, schema }: { contentType: string; schema?: object | undefined },
  refer: Refer,
): JsonObject =>
  schema === undefined
    ? {}
    : { content: { [contentType]: { schema: refer(schema), example: exampleOf(plain(schema)) as Json } } }

const successes = (route: Route, refer: Refer): JsonObject =>
  Object.fromEntries(
    Object.entries(route.responses).map(
      ([status, { description, schema, contentType = 'application/json' }]) => [
        status,
        {
          description,
          headers: headersOf(route, Number(status)),
          ...contentOf({ contentType, schema }, refer),
        },
      ],
    ),
  )

const problemContent = (route: Route, code: ErrorCode | undefined, refer: Refer): JsonObject => {
  const { errorForm } = AUTHENTICATION[route.auth]
  const { contentType, schema } = ERROR_FORMS[errorForm]
  if (code === undefined || errorForm !== 'problem') return contentOf({ contentType, schema }, refer)
  const { status, title, meaning } = ERRORS[code]
  const type = `urn:authctl:problem:${code}`
  const example = {
    type,
    title,
    status,
    detail: meaning,
    instance: 'c5f0a9e2-6d0b-4d51-9a4e-3f1f2f8b7c60',
    code,
  }
  return { content: { [contentType]: { schema: refer(schema), example } } }
}

const problems = (route: Route, refer: Refer): JsonObject =>
  Object.fromEntries(
    [...errorsOf(route)].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${ERRORS[code].meaning}`).join('\n\n'),
        headers: headersOf(route, status),
        ...problemContent(route, codes[0], refer),
        'x-authctl-codes': [...codes],
      },
    ]),
  )

const SECURITY: Readonly<Record<AuthMode, Json[]>> = {
  none: [],
  access: [{ accessToken: [] }],
  session: [{ accessToken: [] }],
  'expired-access': [{ accessToken: [] }],
  refresh: [{ refreshToken: [] }],
  // By the header, or by parameters of the body, which OpenAPI has no name for.
  client: [{ clientSecret: [] }, {}],
}

const headerParameters = (route: Route): Json[] =>
  headerParametersOf(route).map(({ name, description, pattern }) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string', ...(pattern === undefined ? {} : { pattern }) },
  }))

const withoutFields = (schema: object, fields: ReadonlySet<string>): JsonObject | undefined => {
  const {
    title: _title,
    properties,
    required,
    ...rest
  } = plain(schema) as JsonObject & { properties: JsonObject; required?: string[] }
  const left = Object.fromEntries(Object.entries(properties).filter(([name]) => !fields.has(name)))
  if (Object.keys(left).length === 0) return undefined
  const stillRequired = (required ?? []).filter((name) => !fields.has(name))
  return { ...rest, properties: left, ...(stillRequired.length === 0 ? {} : { required: stillRequired }) }
}

const bodyOf = (route: Route, schema: object | undefined, required: boolean, refer: Refer): JsonObject => {
  if (schema === undefined) return {}
  const { contentType } = BODY_FORMS[AUTHENTICATION[route.auth].bodyForm]
  const described = { schema: refer(schema), example: exampleOf(plain(schema)) as Json }
  const types = [contentType, ...(route.bodyTypes ?? [])]
  return {
    requestBody: { required, content: Object.fromEntries(types.map((type) => [type, described])) },
  }
}

const common = (route: Route, refer: Refer): JsonObject => ({
  tags: [route.tag],
  summary: route.summary,
  ...(route.description === undefined ? {} : { description: route.description }),
  security: SECURITY[route.auth],
  responses: {
    ...successes(route, refer),
    ...problems(route, refer),
  },
  ...(isGuarded(route) ? { 'x-authctl-action': route.action } : {}),
})

const operation = (route: Route, refer: Refer): JsonObject => ({
  operationId: route.operationId,
  ...common(route, refer),
  parameters: [
    ...parametersOf(route.params, 'path'),
    ...parametersOf(route.query, 'query'),
    ...headerParameters(route),
  ],
  ...bodyOf(
    route,
    route.body,
    (plain(route.body ?? {})['required'] as Json[] | undefined) !== undefined,
    refer,
  ),
})

/**
 * The documented form with secrets in the path, marked deprecated: it answers exactly like the operation it
 * is an alias of.
 */
const aliasOperation = (route: Route, alias: string, refer: Refer): JsonObject => {
  const inPath = new Set([...alias.matchAll(TEMPLATE_PARAMETER)].map(([, name]) => name ?? ''))
  return {
    operationId: `${route.operationId}.path`,
    ...common(route, refer),
    description: `The same as \`${route.operationId}\` with secrets in the path, for existing callers. New callers send them in the body.`,
    deprecated: true,
    'x-alias-of': route.operationId,
    parameters: parametersOf(route.body, 'path', inPath),
    ...bodyOf(route, route.body && withoutFields(route.body, inPath), false, refer),
  }
}

/** The OpenAPI 3.1 document of the route table. */
export const buildOpenApi = ({
  version,
  serverUrl,
}: {
  version: string
  serverUrl: string
}): OpenApiDocument => {
  const schemas: JsonObject = {}
  const refer = createReferrer(schemas)
  const paths: OpenApiDocument['paths'] = {}
  const add = (path: string, method: string, described: JsonObject): void => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: described }
  }
  for (const route of Object.values(routes) as Route[]) {
    add(route.path, route.method, operation(route, refer))
    if (route.alias !== undefined) add(route.alias, route.method, aliasOperation(route, route.alias, refer))
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'authctl',
      version,
      description: [
        'Sign-in by phone OTP or password, an account tree, tokens with refresh, and the places directory.',
        'Policies decide what every account may do, here and in your own applications: they stand in namespaces, are attached to accounts, roles and attributes, and are bounded by those above. `/access` answers whether somebody may do something, and why.',
        'Every path that answers GET answers HEAD with the same headers and no body. Errors are problem documents (RFC 9457) with a stable `code`; those below `/oauth` are of OAuth (RFC 6749).',
      ].join('\n\n'),
      license: { name: 'GPL-3.0-or-later', identifier: 'GPL-3.0-or-later' },
    },
    servers: [{ url: serverUrl }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An access token (RFC 9068)',
        },
        refreshToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'A refresh token, prefix `authctl_rt_`',
        },
        clientSecret: {
          type: 'http',
          scheme: 'basic',
          description:
            'The id of an application and its key, each form-encoded (RFC 6749 section 2.3.1); or both in the body',
        },
      },
    },
  }
}
