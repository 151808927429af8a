import { Ajv2020, type AnySchema, type Options, type ValidateFunction } from 'ajv/dist/2020.js'
import standaloneCode from 'ajv/dist/standalone/index.js'
import addFormats from 'ajv-formats'
import type { TSchema } from 'typebox'
import type { SchemaKind } from '../daemon/contract/checked-schemas.ts'
import { createReferrer } from '../daemon/contract/openapi.ts'

const STRICT: Options = {
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
  // A test holds the schemas of the contract against the meta-schema.
  meta: false,
  validateSchema: false,
  ownProperties: true,
  // What a schema refers to stays one function, however often it does.
  inlineRefs: false,
  code: { source: true, esm: true },
}

/** All errors, each with the schema that refused, which may say itself what it wants. */
const TOLD: Options = { allErrors: true, verbose: true }

const KINDS: Readonly<Record<SchemaKind, { readonly options: Options; readonly formats: 'full' | 'fast' }>> =
  {
    bodies: { options: { ...TOLD, useDefaults: true }, formats: 'full' },
    texts: { options: { ...TOLD, useDefaults: true, coerceTypes: true }, formats: 'full' },
    // What is ours to answer was made, not sent: its form is looked at, not the calendar.
    replies: { options: { removeAdditional: true }, formats: 'fast' },
  }

/** A compiler for one schema: names of its parts are no names elsewhere. */
const createAjv = (kind: SchemaKind): Ajv2020 => {
  const { options, formats } = KINDS[kind]
  const ajv = new Ajv2020({ ...STRICT, ...options })
  addFormats.default(ajv, { mode: formats, formats: ['date-time', 'email', 'uri-reference'] })
  return ajv
}

const compile = (ajv: Ajv2020, kind: SchemaKind, schema: TSchema): ValidateFunction => {
  // What refuses a value that was sent tells its path within the whole schema.
  if (kind !== 'replies') return ajv.compile(schema)
  const parts: Record<string, AnySchema> = {}
  const whole = createReferrer(parts, '')(schema) as AnySchema
  for (const [title, part] of Object.entries(parts)) ajv.addSchema(part, title)
  return ajv.compile(whole)
}

/** The validator of a schema. */
export const validatorOf = (kind: SchemaKind, schema: TSchema): ValidateFunction =>
  compile(createAjv(kind), kind, schema)

/** A module whose default export is the validator of a schema; it imports small parts of Ajv. */
export const moduleOf = (kind: SchemaKind, schema: TSchema): string => {
  const ajv = createAjv(kind)
  return standaloneCode.default(ajv, compile(ajv, kind, schema))
}
