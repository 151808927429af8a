import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { TSchema } from 'typebox'
import { Failure } from '../domain/failure.ts'
import { fieldErrorsOf } from './field-errors.ts'

const STRICT: Options = {
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
  // The schemas are those of the contract, and a test holds them against the meta-schema: no start pays for
  // that.
  meta: false,
  validateSchema: false,
  allErrors: true,
  ownProperties: true,
  // Errors carry the schema that refused, which may say itself what it wants.
  verbose: true,
}

type FormatMode = 'full' | 'fast'

const createAjv = (options: Options, mode: FormatMode): Ajv2020 => {
  const ajv = new Ajv2020({ ...STRICT, ...options })
  addFormats.default(ajv, { mode, formats: ['date-time', 'email', 'uri-reference'] })
  return ajv
}

interface Compiler {
  (schema: TSchema): ValidateFunction
  readonly has: (schema: TSchema) => boolean
}

/**
 * Compiles on first use and keeps the result: a daemon that never serves a route never pays for its schema.
 */
const lazily = (options: Options, mode: FormatMode = 'full'): Compiler => {
  let ajv: Ajv2020 | undefined
  const compiled = new WeakMap<TSchema, ValidateFunction>()
  const compile = (schema: TSchema): ValidateFunction => {
    const known = compiled.get(schema)
    if (known !== undefined) return known
    ajv ??= createAjv(options, mode)
    const validate = ajv.compile(schema)
    compiled.set(schema, validate)
    return validate
  }
  return Object.assign(compile, { has: (schema: TSchema) => compiled.has(schema) })
}

const bodies = lazily({ useDefaults: true })
const texts = lazily({ useDefaults: true, coerceTypes: true })
// What is ours to answer was made, not sent: its form is looked at, not the calendar.
const replies = lazily({ removeAdditional: true, allErrors: false }, 'fast')

/** The schemas of one route. */
export interface RouteSchemas {
  readonly body: TSchema
  /** Those of what arrives as text: path parameters and query. */
  readonly texts: readonly TSchema[]
  readonly replies: readonly TSchema[]
}

/**
 * Compiles the schemas of a route before its first request is read, each in a turn of the event loop of its
 * own: one takes milliseconds, and all of them together would hold others up.
 */
export const compileInTurns = async (schemas: RouteSchemas): Promise<void> => {
  const wanted: readonly (readonly [Compiler, TSchema])[] = [
    [bodies, schemas.body],
    ...schemas.texts.map((schema) => [texts, schema] as const),
    ...schemas.replies.map((schema) => [replies, schema] as const),
  ]
  for (const [compile, schema] of wanted) {
    if (compile.has(schema)) continue
    compile(schema)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

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
  const validate = bodies(schema)
  if (!validate(value)) refuse(validate.errors, '')
  return value
}

/** Checks path parameters or a query, whose values arrive as text, and converts them to their types. */
export const validateText = (
  schema: TSchema,
  value: Record<string, unknown>,
  where: 'path' | 'query',
): Record<string, unknown> => {
  const validate = texts(schema)
  const copy = { ...value }
  if (!validate(copy)) refuse(validate.errors, `/${where}`)
  return copy
}

/**
 * Removes everything the response schema does not declare; a body that does not fit it is a defect and
 * throws.
 */
export const filterReply = <T>(schema: TSchema, body: T): T => {
  const validate = replies(schema)
  if (validate(body)) return body
  const [error] = validate.errors ?? []
  throw new Error(
    `the reply does not fit its schema at ${error?.instancePath ?? ''}: ${error?.message ?? ''}`,
  )
}

const MAX_DEPTH = 20

/** An escape such as \ud800 alone is no character: stores and digests would fold it into another. */
const requireText = (values: readonly unknown[], names: readonly string[]): void => {
  const all = [...names, ...values.filter((value) => typeof value === 'string')]
  if (!all.every((text) => text.isWellFormed()))
    throw new Failure('invalid_json', { detail: 'A text of the body holds half of a surrogate pair.' })
}

/**
 * Refuses bodies that are nested too deeply, hold too many keys, or hold what is no text, before any schema
 * looks at them (H2).
 */
export const requireModestShape = (root: unknown, maxKeys: number): void => {
  let level: unknown[] = [root]
  let keys = 0
  for (let depth = 0; level.length > 0; depth++) {
    const nested = level.filter((value): value is object => typeof value === 'object' && value !== null)
    if (nested.length > 0 && depth >= MAX_DEPTH)
      throw new Failure('invalid_json', { detail: `The body is nested deeper than ${MAX_DEPTH} levels.` })
    level = nested.flatMap((value) => Object.values(value))
    requireText(
      level,
      nested.flatMap((value) => (Array.isArray(value) ? [] : Object.keys(value))),
    )
    keys += level.length
    if (keys > maxKeys)
      throw new Failure('invalid_json', { detail: `The body has more than ${maxKeys} keys and items.` })
  }
}
