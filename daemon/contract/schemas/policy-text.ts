import { Type } from 'typebox'
import { NAMESPACE } from '../schema.ts'

/** The query parameter that names a namespace. */
export const NamespaceQuery = Type.Optional(
  Type.String({
    pattern: `^${NAMESPACE}$`,
    description: 'Whose: `root`, or the id of an admin or client. Your own, if you name none.',
  }),
)

/** A text for the policy validator, which says more than a schema could, by line and column. */
export const textOf = (title: string, description: string, example: Readonly<Record<string, unknown>>) =>
  Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    title,
    description,
    additionalProperties: true,
    examples: [example],
  })

/** An object that the policy validator checks, and no schema. */
export const anyObject = { type: 'object', additionalProperties: true }

/** Diagnostics name a place for each of many statements. */
export const DOCUMENT_BYTES = 80 * 1024

/** Room for the keys of the largest document that the validator takes. */
export const DOCUMENT_KEYS = 50_000
