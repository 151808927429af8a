import { Type, type TProperties, type TObjectOptions } from 'typebox'

/** An object that refuses every field it does not name. */
export const closed = <P extends TProperties>(properties: P, options: TObjectOptions = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** One of the given literals, as a JSON Schema `enum`. */
export const oneOf = <T extends string>(values: readonly T[], options: { description?: string } = {}) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...options })

/** A value of the given schema, or null. */
export const nullable = <T>(
  schema: {
    readonly type: string
    readonly enum?: readonly unknown[]
    readonly format?: string
    readonly maxLength?: number
  },
  options: { description?: string } = {},
) =>
  Type.Unsafe<T | null>({
    ...schema,
    type: [schema.type, 'null'],
    ...(schema.enum === undefined ? {} : { enum: [...schema.enum, null] }),
    ...options,
  })

/** An instant of an answer. */
export const Timestamp = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' })

/** A phone number as callers write it; the domain brings it to E.164. */
export const PhoneInput = Type.String({
  minLength: 1,
  maxLength: 80,
  description:
    'One phone number; E.164 preferred, national formats are read in the configured default region',
  examples: ['+919876543210'],
})

/** A one-time code as it was typed. */
export const OtpCode = Type.String({
  pattern: '^[0-9]{6,10}$',
  description: 'The one-time code',
  examples: ['493027'],
})

/** A username as callers write it; the domain brings it to its canonical form. */
export const Username = Type.String({
  minLength: 3,
  maxLength: 64,
  description: 'Compared in one canonical form: NFKC, case-folded, single script, no invisible characters',
  examples: ['asha'],
})

/** A password as callers send it. The domain judges its length: here it is only bounded. */
export const Password = Type.String({
  minLength: 1,
  maxLength: 4096,
  description:
    'At least 15 characters, at most 1024 bytes of UTF-8 after NFC; taken as it is: no trimming, no composition rules',
  examples: ['correct horse battery staple'],
})

/**
 * The application that signs in. It becomes the token's `client_id` (RFC 9068) and must be repeated at
 * refresh. Anybody may say it, so that it cannot be the id of one that has a secret (RFC 6749 section 2.3).
 */
export const ApplicationId = Type.String({
  pattern: '^(?!app_[0-9a-z]{26}$)[A-Za-z0-9._~-]{1,64}$',
  description:
    'Names the application that signs in; becomes the `client_id` claim and is bound to the code and the session. Default `authctl`. Not the id of an application with service keys: that one proves itself at `/oauth/token`',
  examples: ['shop'],
})

const ATTRIBUTE_NAME = '^(?!__proto__$|constructor$|prototype$)[A-Za-z_][A-Za-z0-9_-]{0,63}$'

/** A flat map of strings, numbers and booleans that policies can read. */
export const Attributes = Type.Unsafe<Record<string, string | number | boolean>>({
  type: 'object',
  maxProperties: 50,
  propertyNames: { pattern: ATTRIBUTE_NAME },
  additionalProperties: {
    anyOf: [{ type: 'string', maxLength: 2048 }, { type: 'number' }, { type: 'boolean' }],
  },
  description: 'A flat map of strings, numbers and booleans that policies can read',
  examples: [{ tier: 'gold' }],
})

/** Where the next page begins. */
export const Cursor = Type.String({
  minLength: 1,
  maxLength: 512,
  description: 'Opaque; the `next_cursor` of the previous page',
})

/** How many items a page has at most. */
export const PageLimit = Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'Items a page' })

/** Whose policies: `root`, or the id of an admin or client. */
export const NAMESPACE = '(?:root|(?:adm|cli)_[0-9a-z]{26})'

/** A policy by name. */
export const PolicyName = Type.String({
  pattern: `^(?:authctl:|${NAMESPACE}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`,
  description:
    '`name` of your own namespace, `root/name` or `adm_…/name` of another, or `authctl:Name` of a managed policy. In a path, `/` is written `%2F`.',
})

/** A page of a keyset-paged list. */
export const pageOf = <T extends Parameters<typeof Type.Array>[0]>(item: T, $id: string) =>
  closed(
    {
      items: Type.Array(item),
      next_cursor: nullable<string>({ type: 'string' }, { description: 'null on the last page' }),
    },
    { title: $id },
  )

/** The answer of what has nothing to tell but that it is done. */
export const Detail = closed({ detail: Type.String() }, { title: 'Detail' })

/** RFC 9457 problem details with authctl's stable code. */
export const Problem = closed(
  {
    type: Type.String({ format: 'uri-reference' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String({ description: 'The request id' }),
    code: Type.String({ description: 'A stable code of the error catalogue' }),
    decision_id: Type.Optional(
      Type.String({ description: 'For a denial: `POST /access/explain` says why to those who may ask' }),
    ),
    errors: Type.Optional(
      Type.Array(
        closed({
          pointer: Type.String({
            description: 'JSON pointer into the body, or `/query/NAME`, `/path/NAME`, `/header/NAME`',
          }),
          code: Type.String(),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { title: 'Problem' },
)
