import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { argv, exit } from 'node:process'
import { AUTHENTICATION } from '../daemon/contract/authentication.ts'
import { ERRORS } from '../daemon/contract/errors.ts'
import { REGISTERED_ERRORS } from '../daemon/contract/oauth-errors.ts'
import { buildOpenApi } from '../daemon/contract/openapi.ts'
import type { Route } from '../daemon/contract/route.ts'
import { routes } from '../daemon/contract/routes.ts'
import { contractOfFake } from './contract-of-fake.ts'
import { comment, declarationOf, literal, type Schema } from './schema-types.ts'
import { ROOT } from './sources.ts'

const HEADER = '// Generated from the contract by scripts/generate-sdk.ts; do not edit.\n\n'
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
      : [
          declarationOf(
            `${pascal(route.operationId)}Query`,
            JSON.parse(JSON.stringify(route.query)) as Schema,
          ),
        ],
  )

const errorCodes = (): string =>
  [
    '/** Every stable error code, with what it means. */',
    'export type ErrorCode =',
    ...Object.entries(ERRORS).flatMap(([code, { meaning }]) => [...comment(meaning, '  '), `  | '${code}'`]),
    ...REGISTERED_ERRORS.filter((error) => !Object.hasOwn(ERRORS, error)).map((error) => `  | '${error}'`),
  ].join('\n')

const types = (): string => {
  const { components } = buildOpenApi({ version: '0', serverUrl: '/' })
  const interfaces = Object.entries(components.schemas)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => declarationOf(name, schema as Schema))
  return `${HEADER}${[...interfaces, ...queryInterfaces(), errorCodes()].join('\n\n')}\n`
}

/** Who may call is the daemon's affair: a route for those who have signed in is called like any other. */
const asCalled = (auth: Route['auth']): Exclude<Route['auth'], 'session'> =>
  auth === 'session' ? 'access' : auth

/** What an operation has beyond the defaults, which most have: every byte is shipped. */
const rest = (auth: ReturnType<typeof asCalled>, idempotent: boolean | undefined): string[] => {
  if (idempotent === true) return [`'${auth}'`, '1']
  return auth === 'access' ? [] : [`'${auth}'`]
}

const operations = (): string => {
  const rows = (Object.values(routes) as Route[]).map(
    ({ operationId, method, path, auth, idempotent }) =>
      `export const ${camel(operationId)}: Operation = [${[`'${method}'`, `'${path}'`, ...rest(asCalled(auth), idempotent)].join(', ')}]`,
  )
  return `${HEADER}/** Method, path, way to authenticate (an access token, if none is said), and whether it honours \`Idempotency-Key\`. */
export type Operation = readonly [
  method: string,
  path: string,
  auth?: ${[...new Set(Object.keys(AUTHENTICATION).map((auth) => asCalled(auth as Route['auth'])))].map(literal).join(' | ')},
  idempotent?: 1,
]

${rows.join('\n')}
`
}

const {
  schemas,
  registered,
  operations: all,
} = contractOfFake(buildOpenApi({ version: '0', serverUrl: '/' }), Object.values(routes) as Route[])

const resolve = (schema: Schema): Schema =>
  schema.$ref === undefined ? schema : resolve(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {})

/** What every answer of a schema has, with the type of each; `any` for one of several types. */
const membersOf = (answer: Schema): readonly string[] => {
  const { required = [], properties = {} } = resolve(answer)
  return required.map((member) => {
    const { type } = resolve(properties[member] ?? {})
    const name = typeof type === 'string' ? type.replace('integer', 'number') : 'any'
    return `${member}: ${literal(name)}`
  })
}

const answers = (): string => {
  const rows = Object.entries(all).flatMap(([id, operation]) => {
    const [first = [], ...others] = Object.entries(operation.answers).flatMap(([status, { type, schema }]) =>
      status.startsWith('2') && type.endsWith('json') ? [membersOf(schema ?? {})] : [],
    )
    const members = first.filter((member) => others.every((other) => other.includes(member)))
    return members.length === 0 ? [] : [`  '${id}': { ${members.join(', ')} },`]
  })
  return `${HEADER}/** The name of a type of JSON; \`any\` is one of several. */
export type JsonType = 'any' | 'array' | 'boolean' | 'number' | 'object' | 'string'

/** By the name of an operation, the members that every answer to it has, and the type of each. */
export const ANSWERS: Readonly<Record<string, Readonly<Record<string, JsonType>>>> = {
${rows.join('\n')}
}
`
}

/** As text: a literal of this size takes the compiler a second. */
const contract = (): string => {
  const lines = (record: object): string =>
    Object.entries(record)
      .map(
        ([name, value]) =>
          `    '${JSON.stringify(name)}:${JSON.stringify(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
      )
      .join(',\n')
  return `${HEADER}import type { Contract } from './contract.ts'

/** The name of an operation, as in the API and as the method of the client. */
export type OperationId =
${Object.keys(all)
  .map((id) => `  | '${id}'`)
  .join('\n')}

const parse = (lines: readonly string[]): Record<string, never> => JSON.parse(\`{\${lines.join()}}\`)

/** What every operation takes and answers. */
export const contract: Contract = /* @__PURE__ */ (() => ({
  registered: parse([
${lines(registered)},
  ]),
  schemas: parse([
${lines(schemas)},
  ]),
  operations: parse([
${lines(all)},
  ]),
}))()
`
}

const outputs: readonly [path: string, content: string][] = [
  [`${ROOT}sdk/types.gen.ts`, types()],
  [`${ROOT}sdk/operations.gen.ts`, operations()],
  [`${ROOT}sdk/testing/contract.gen.ts`, contract()],
  [`${ROOT}cli/connection/answers.gen.ts`, answers()],
]

if (argv.includes('--check')) {
  const stale = outputs.filter(
    ([path, content]) => !existsSync(path) || readFileSync(path, 'utf8') !== content,
  )
  for (const [path] of stale) process.stderr.write(`${path} is out of date: npm run generate\n`)
  exit(stale.length === 0 ? 0 : 1)
}
for (const [path, content] of outputs) writeFileSync(path, content)
