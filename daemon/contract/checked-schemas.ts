import type { TSchema } from 'typebox'
import type { Route } from './route.ts'
import { closed } from './schema.ts'

/** What a route takes in place of a body, path parameters or a query that it does not declare. */
export const NOTHING = closed({})

/** The schema of the items of a list about which a schema says nothing else. */
export const itemsOf = (schema: TSchema): TSchema | undefined => {
  const { type, items, ...rest } = schema as TSchema & { type?: unknown; items?: TSchema }
  const saysMore = Object.keys(rest).some((word) => word !== 'description')
  return type === 'array' && !saysMore ? items : undefined
}

const known = new WeakMap<TSchema, readonly (readonly [name: string, schema: TSchema])[]>()

/** The members of an object that are lists, or have lists among their own members. */
export const listing = (schema: TSchema): readonly (readonly [name: string, schema: TSchema])[] => {
  const same = known.get(schema)
  if (same !== undefined) return same
  const { properties = {} } = schema as { properties?: Readonly<Record<string, TSchema>> }
  const found = Object.entries(properties).filter(
    ([, declared]) => itemsOf(declared) !== undefined || listing(declared).length > 0,
  )
  known.set(schema, found)
  return found
}

/** The schemas of the items of all lists that are written item by item. */
const itemSchemasOf = (schema: TSchema): readonly TSchema[] =>
  listing(schema).flatMap(([, declared]) => itemsOf(declared) ?? itemSchemasOf(declared))

/**
 * What schemas are checked for. Each kind has its own validator for the same schema: `bodies` arrive as JSON
 * or as a form; `texts` are path parameters and queries; `replies` are what is answered, and the items of its
 * lists.
 */
export const SCHEMA_KINDS = ['bodies', 'texts', 'replies'] as const

/** One of them. */
export type SchemaKind = (typeof SCHEMA_KINDS)[number]

const each = (schemas: readonly TSchema[]): readonly TSchema[] => [...new Set(schemas)]

/**
 * The schemas that routes are checked by, each once, in the order of the routes: validators that are made of
 * them have the same order.
 */
export const checkedSchemas = (
  routes: readonly Route[],
): { readonly [Kind in SchemaKind]: readonly TSchema[] } => {
  const replies = routes.flatMap(({ responses }) =>
    Object.values(responses).flatMap(({ schema }) => schema ?? []),
  )
  return {
    bodies: each(routes.map(({ body = NOTHING }) => body)),
    texts: each(routes.flatMap(({ params = NOTHING, query = NOTHING }) => [params, query])),
    replies: each(replies.flatMap((schema) => [schema, ...itemSchemasOf(schema)])),
  }
}
