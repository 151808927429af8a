/** The part of JSON Schema that the contract is written in. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema | boolean
  readonly prefixItems?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly additionalProperties?: boolean | Schema
  readonly description?: string
}

/** Keywords that decide the type. */
const TYPED = [
  '$ref',
  'type',
  'const',
  'enum',
  'properties',
  'required',
  'items',
  'prefixItems',
  'anyOf',
  'oneOf',
  'additionalProperties',
]

/** Keywords that a type cannot say: the daemon checks them, or people read them. */
const UNTYPED = [
  'title',
  'description',
  'examples',
  'default',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'propertyNames',
  'dependentRequired',
  'not',
]

const KNOWN: ReadonlySet<string> = new Set([...TYPED, ...UNTYPED])

const PRIMITIVES: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
}

const refuse = (schema: object, why: string): never => {
  throw new Error(`${why}: teach it to scripts/schema-types.ts\n${JSON.stringify(schema)}`)
}

/** A choice beside a type may say which fields go together, and nothing that would change the type. */
const requireRules = (schema: Schema, keyword: 'anyOf' | 'oneOf', branches: readonly Schema[]): void => {
  if (branches.some((branch) => Object.keys(branch).join() !== 'required'))
    refuse(schema, `"${keyword}" beside a type is written only for "required"`)
}

const requireKnown = (schema: Schema): void => {
  const unknown = Object.keys(schema).filter((keyword) => !KNOWN.has(keyword))
  if (unknown.length > 0) refuse(schema, `no type is known for the keyword "${unknown.join('", "')}"`)
  if (schema.type === undefined) return
  if (schema.anyOf !== undefined) requireRules(schema, 'anyOf', schema.anyOf)
  if (schema.oneOf !== undefined) requireRules(schema, 'oneOf', schema.oneOf)
}

/** A TypeScript literal. */
export const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : JSON.stringify(value)

/**
 * The TypeScript type of a schema, flat: references by name, everything else in place. Throws at a keyword or
 * a type that it does not know, so that no field becomes `unknown` unnoticed.
 */
export const typeOf = (schema: Schema): string => {
  requireKnown(schema)
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
  const choice = schema.anyOf ?? schema.oneOf
  if (choice !== undefined && schema.type === undefined) return choice.map(typeOf).join(' | ')
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
  const [type, ...others] = types.length > 1 ? types.filter((name) => name !== 'null') : types
  const simple = [type, ...others].map((name) => PRIMITIVES[name ?? ''])
  if (others.length > 0 && simple.every((name) => name !== undefined)) return simple.join(' | ')
  if (type === undefined || others.length > 0) return refuse(schema, 'no single type is said')
  if (type === 'array') return arrayType(schema)
  if (type === 'object') return objectType(schema)
  return PRIMITIVES[type] ?? refuse(schema, `no type is known for "${type}"`)
}

const arrayType = (schema: Schema): string => {
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map(typeOf).join(', ')}]`
  if (schema.items === true) return 'Array<unknown>'
  if (typeof schema.items !== 'object') return refuse(schema, 'the items have no type')
  return `Array<${typeOf(schema.items)}>`
}

const objectType = (schema: Schema): string => {
  if (schema.properties !== undefined) return `{\n${fields(schema).join('\n')}\n}`
  return typeof schema.additionalProperties === 'object'
    ? `Record<string, ${typeOf(schema.additionalProperties)}>`
    : 'Record<string, unknown>'
}

/** The lines of a docstring; none without a text. */
export const comment = (text: string | undefined, indent = ''): string[] =>
  text === undefined ? [] : [`${indent}/** ${text.replaceAll('*/', '* /')} */`]

const fields = (schema: Schema): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const required = schema.required?.includes(name) === true
    return [
      ...comment(property.description, '  '),
      `  ${name}${required ? '' : '?'}: ${typeOf(property)}${required ? '' : ' | undefined'}`,
    ]
  })

/** The exported declaration of a schema: an interface where it has named fields. Throws like `typeOf`. */
export const declarationOf = (name: string, schema: Schema): string => {
  const type = typeOf(schema)
  const declaration =
    schema.properties === undefined ? `export type ${name} = ${type}` : `export interface ${name} ${type}`
  return [...comment(schema.description), declaration].join('\n')
}
