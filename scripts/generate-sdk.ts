import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { argv, exit } from 'node:process'
import { AUTHENTICATION } from '../daemon/contract/authentication.ts'
import { ERRORS } from '../daemon/contract/errors.ts'
import { buildOpenApi } from '../daemon/contract/openapi.ts'
import type { Route } from '../daemon/contract/route.ts'
import { routes } from '../daemon/contract/routes.ts'
import { ROOT } from './sources.ts'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema | boolean
  readonly prefixItems?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly additionalProperties?: boolean | Schema
  readonly description?: string
}

const HEADER = '// Generated from the contract by scripts/generate-sdk.ts; do not edit.\n\n'
const PRIMITIVES: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
}

const literal = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value))

/** The TypeScript type of a schema, flat: references by name, everything else in place. */
const typeOf = (schema: Schema): string => {
  if (schema.$ref !== undefined) return schema.$ref.replace('#/components/schemas/', '')
  if (schema.const !== undefined) return literal(schema.const)
  const isNullable = Array.isArray(schema.type) && schema.type.includes('null')
  return typeWithoutNull(schema) + (isNullable ? ' | null' : '')
}

const typeWithoutNull = (schema: Schema): string => {
  if (schema.enum !== undefined)
    return schema.enum
      .filter((value) => value !== null)
      .map(literal)
      .join(' | ')
  if (schema.anyOf !== undefined && schema.type === undefined) return schema.anyOf.map(typeOf).join(' | ')
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map(typeOf).join(', ')}]`
  const type =
    typeof schema.type === 'string'
      ? schema.type
      : (schema.type?.find((name) => name !== 'null') ?? 'unknown')
  if (type === 'array') return `Array<${typeof schema.items === 'object' ? typeOf(schema.items) : 'unknown'}>`
  if (type === 'object') return objectType(schema)
  return PRIMITIVES[type] ?? 'unknown'
}

const objectType = (schema: Schema): string => {
  if (schema.properties === undefined) {
    return typeof schema.additionalProperties === 'object'
      ? `Record<string, ${typeOf(schema.additionalProperties)}>`
      : 'Record<string, unknown>'
  }
  return `{\n${fields(schema).join('\n')}\n}`
}

const comment = (text: string | undefined, indent = ''): string[] =>
  text === undefined ? [] : [`${indent}/** ${text.replaceAll('*/', '* /')} */`]

const fields = (schema: Schema): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const required = schema.required?.includes(name) === true
    return [
      ...comment(property.description, '  '),
      `  ${name}${required ? '' : '?'}: ${typeOf(property)}${required ? '' : ' | undefined'}`,
    ]
  })

const interfaceOf = (name: string, schema: Schema): string =>
  schema.properties === undefined
    ? [...comment(schema.description), `export type ${name} = ${objectType(schema)}`].join('\n')
    : [...comment(schema.description), `export interface ${name} {`, ...fields(schema), '}'].join('\n')

const pascal = (operationId: string): string =>
  operationId
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')

const camel = (operationId: string): string => {
  const name = pascal(operationId)
  return name.charAt(0).toLowerCase() + name.slice(1)
}

const queryInterfaces = (): string[] =>
  (Object.values(routes) as Route[]).flatMap((route) =>
    route.query === undefined
      ? []
      : [interfaceOf(`${pascal(route.operationId)}Query`, JSON.parse(JSON.stringify(route.query)) as Schema)],
  )

const errorCodes = (): string =>
  [
    '/** Every stable error code, with what it means. */',
    'export type ErrorCode =',
    ...Object.entries(ERRORS).flatMap(([code, { meaning }]) => [...comment(meaning, '  '), `  | '${code}'`]),
  ].join('\n')

const types = (): string => {
  const { components } = buildOpenApi({ version: '0', serverUrl: '/' })
  const interfaces = Object.entries(components.schemas)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => interfaceOf(name, schema as Schema))
  return `${HEADER}${[...interfaces, ...queryInterfaces(), errorCodes()].join('\n\n')}\n`
}

/** What an operation has beyond the defaults, which most have: every byte is shipped. */
const rest = (auth: Route['auth'], idempotent: boolean | undefined): string[] => {
  if (idempotent === true) return [`'${auth}'`, '1']
  return auth === 'access' ? [] : [`'${auth}'`]
}

const operations = (): string => {
  const rows = (Object.values(routes) as Route[]).map(
    ({ operationId, method, path, auth, idempotent }) =>
      `export const ${camel(operationId)}: Operation = [${[`'${method}'`, `'${path}'`, ...rest(auth, idempotent)].join(', ')}]`,
  )
  return `${HEADER}/** Method, path, way to authenticate (an access token, if none is said), and whether it honours \`Idempotency-Key\`. */
export type Operation = readonly [
  method: string,
  path: string,
  auth?: ${Object.keys(AUTHENTICATION).map(literal).join(' | ')},
  idempotent?: 1,
]

${rows.join('\n')}
`
}

const outputs: readonly [path: string, content: string][] = [
  [`${ROOT}sdk/types.gen.ts`, types()],
  [`${ROOT}sdk/operations.gen.ts`, operations()],
]

if (argv.includes('--check')) {
  const stale = outputs.filter(
    ([path, content]) => !existsSync(path) || readFileSync(path, 'utf8') !== content,
  )
  for (const [path] of stale) process.stderr.write(`${path} is out of date: npm run generate\n`)
  exit(stale.length === 0 ? 0 : 1)
}
for (const [path, content] of outputs) writeFileSync(path, content)
