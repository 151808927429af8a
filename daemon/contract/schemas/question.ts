import { Type } from 'typebox'

/** An action as it is asked for: the service, and what is done. */
export const ACTION = '^[a-z][a-z0-9-]{0,31}:[A-Z][A-Za-z0-9]{0,63}$'
/**
 * Canonical: a type and a path without empty, `.` and `..` segments. A request that is not is refused, never
 * repaired.
 */
const RESOURCE = '^[a-z][A-Za-z0-9-]{0,31}(?:/(?!\\.{1,2}(?:/|$))[A-Za-z0-9._~@:+=,-]+)+$'
/** The id of an account or of an application. */
export const PRINCIPAL_ID = '^(sa|adm|cli|sub|usr|app)_[0-9a-z]{26}$'

/** `principal.*` and `caller.*` are for the server to say. */
const CONTEXT_KEY = '^(?!principal\\.|caller\\.|__proto__)[a-z][A-Za-z0-9-]*(?:\\.[A-Za-z0-9_-]+)+$'

/** What is asked: may this be done to that, under these circumstances. */
export const question = {
  action: Type.String({ pattern: ACTION, description: '`service:Verb`', examples: ['orders:Read'] }),
  resource: Type.String({
    pattern: RESOURCE,
    maxLength: 512,
    description: '`type/path`',
    examples: ['order/42'],
  }),
  context: Type.Optional(
    Type.Unsafe<Record<string, string | number | boolean | string[]>>({
      type: 'object',
      maxProperties: 64,
      propertyNames: { pattern: CONTEXT_KEY },
      additionalProperties: {
        anyOf: [
          { type: 'string', maxLength: 2048 },
          { type: 'number' },
          { type: 'boolean' },
          { type: 'array', maxItems: 256, items: { type: 'string', maxLength: 2048 } },
        ],
      },
      description:
        'Context keys that the services declare; `request.*` only about another principal. Each of its declared type, and every one that is declared as always there',
    }),
  ),
}
