import loaders from '#validators'
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import type { TSchema } from 'typebox'
import { checkedSchemas, SCHEMA_KINDS, type SchemaKind } from '../contract/checked-schemas.ts'
import type { Route } from '../contract/route.ts'
import { Failure } from '../domain/failure.ts'
import { fieldErrorsOf } from './field-errors.ts'
import { isEndless } from './modest-shape.ts'

const known = {
  bodies: new WeakMap<TSchema, ValidateFunction>(),
  texts: new WeakMap<TSchema, ValidateFunction>(),
  replies: new WeakMap<TSchema, ValidateFunction>(),
} as const

/** Says what a schema is checked by where it is of that kind. */
export const useValidator = (kind: SchemaKind, schema: TSchema, validate: ValidateFunction): void =>
  void known[kind].set(schema, validate)

/**
 * Loads the validators of a route, which the build has made: a daemon that never serves a route never pays
 * for its schemas. Throws if they are none, or not those of this route.
 */
export const loadValidators = async (route: Route): Promise<void> => {
  const { operationId } = route
  const made = await loaders[operationId]?.()
  const schemas = checkedSchemas([route])
  for (const kind of SCHEMA_KINDS) {
    const validators = made?.default[kind] ?? []
    if (validators.length !== schemas[kind].length)
      throw new Error(`${operationId}: ${validators.length} validators of ${kind}; build again`)
    for (const [index, validate] of validators.entries())
      useValidator(kind, schemas[kind][index] ?? {}, validate)
  }
}

const validatorOf = (kind: SchemaKind, schema: TSchema): ValidateFunction => {
  const validate = known[kind].get(schema)
  if (validate === undefined)
    throw new Error(`a schema that is in none of the ${kind} of a route that is served`)
  return validate
}

const TOO_LARGE = 'The number is too large.'

const refuse = (errors: readonly ErrorObject[] | null | undefined, prefix: string): never => {
  throw new Failure('invalid_request', {
    errors: fieldErrorsOf(errors ?? [], prefix),
  })
}

/**
 * Checks a JSON body and fills defaults; throws `invalid_request` that names every field at fault, never its
 * value.
 */
export const validateBody = (schema: TSchema, value: unknown): unknown => {
  const validate = validatorOf('bodies', schema)
  if (!validate(value)) refuse(validate.errors, '')
  return value
}

/**
 * Checks path parameters or a query, whose values arrive as text, and converts them to their types. A number
 * that is too large for one would be endless, which no bound of a schema is asked about.
 */
export const validateText = (
  schema: TSchema,
  value: Record<string, unknown>,
  where: 'path' | 'query',
): Record<string, unknown> => {
  const validate = validatorOf('texts', schema)
  const copy = { ...value }
  if (!validate(copy)) refuse(validate.errors, `/${where}`)
  const endless = Object.keys(copy).filter((name) => isEndless(copy[name]))
  if (endless.length > 0)
    throw new Failure('invalid_request', {
      errors: endless.map((name) => ({ pointer: `/${where}/${name}`, code: 'type', detail: TOO_LARGE })),
    })
  return copy
}

/**
 * Removes everything the response schema does not declare; a body that does not fit it is a defect and
 * throws.
 */
export const filterReply = <T>(schema: TSchema, body: T): T => {
  const validate = validatorOf('replies', schema)
  if (validate(body)) return body
  const [error] = validate.errors ?? []
  throw new Error(
    `the reply does not fit its schema at ${error?.instancePath ?? ''}: ${error?.message ?? ''}`,
  )
}
