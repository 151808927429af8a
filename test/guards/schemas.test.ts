import { Ajv2020 } from 'ajv/dist/2020.js'
import type { TSchema } from 'typebox'
import { expect, test } from 'vitest'
import type { Route } from '../../daemon/contract/route.ts'
import { routes } from '../../daemon/contract/routes.ts'

/** Everything that the daemon checks: what comes in by each route, and what goes out. */
const schemasOf = ({ operationId, params, query, body, responses }: Route): [string, TSchema][] => {
  const incoming = Object.entries({ params, query, body })
  const outgoing = Object.entries(responses).map(([status, { schema }]) => [status, schema] as const)
  return [...incoming, ...outgoing].flatMap(([part, schema]): [string, TSchema][] =>
    schema === undefined ? [] : [[`${operationId} ${part}`, schema]],
  )
}

const schemas = Object.values(routes as Readonly<Record<string, Route>>).flatMap(schemasOf)

const ajv = new Ajv2020({ validateFormats: false })
/** The build compiles without this check (`scripts/validators.ts`), so it stands here. */
const problemsOf = (schema: object): string => (ajv.validateSchema(schema) === true ? '' : ajv.errorsText())

test('every schema of the contract is valid against the meta-schema of JSON Schema 2020-12', () => {
  expect(schemas.length).toBeGreaterThan(100)
  const wrong = schemas.map(([name, schema]) => `${name}: ${problemsOf(schema)}`)
  expect(wrong.filter((line) => !line.endsWith(': '))).toEqual([])
})

/** The whole numbers of a schema that have no bound on one side or the other, by where they stand. */
const unboundedIn = (schema: unknown, at: string): string[] => {
  if (typeof schema !== 'object' || schema === null) return []
  const { type, minimum, maximum } = schema as {
    type?: string | string[]
    minimum?: number
    maximum?: number
  }
  const isWhole = [type].flat().includes('integer')
  const isBounded = Number.isSafeInteger(minimum) && Number.isSafeInteger(maximum)
  const inner = Object.entries(schema).flatMap(([name, part]) => unboundedIn(part, `${at}/${name}`))
  return isWhole && !isBounded ? [at, ...inner] : inner
}

test('every whole number that a caller may send has bounds, and each store can hold it', () => {
  const incoming = schemas.filter(([name]) => !/ \d+$/.test(name))
  expect(incoming.length).toBeGreaterThan(50)
  expect(incoming.flatMap(([name, schema]) => unboundedIn(schema, name))).toEqual([])
})

test('the checks can fail', () => {
  expect(unboundedIn({ items: { type: ['integer', 'null'], minimum: 0 } }, 'a')).toEqual(['a/items'])
  expect(unboundedIn({ type: 'integer', minimum: 0, maximum: 1e300 }, 'a')).toEqual(['a'])
  expect(problemsOf({ type: 'object', properties: { a: { minimum: 'one' } } })).toContain('minimum')
  expect(problemsOf({ type: 'text' })).toContain('type')
})
