import { SCHEMAS } from '../../policies/validate/index.ts'
import { nearest } from '../../policies/text/nearest.ts'
import { usageProblem } from '../problem.ts'
import { FILE_KINDS } from './file-kinds.ts'

/** A JSON Schema, of which not every member is known here. */
type Schema = Readonly<Record<string, unknown>>

/** What is known of one field. */
export interface FieldNotes {
  /** As it was asked for, such as `policy.Statement.Effect`. */
  readonly path: string
  readonly type: string
  readonly required: boolean
  readonly description: string | null
  /** What it must look like, a line for each rule. */
  readonly rules: readonly string[]
  /** What is in it. */
  readonly fields: readonly { readonly name: string; readonly type: string; readonly required: boolean }[]
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The schema that a reference leads to; one without is itself. */
const resolved = (schema: Schema, root: Schema): Schema => {
  const { $ref } = schema
  if (typeof $ref !== 'string') return schema
  const found = $ref
    .split('/')
    .slice(1)
    .reduce<unknown>((each, name) => (isSchema(each) ? each[name] : undefined), root)
  const { $ref: _, ...beside } = schema
  return isSchema(found) ? { ...found, ...beside } : schema
}

/** What a list or a map holds, or a value or a list of it; a plain value holds itself. */
const inside = (schema: Schema, root: Schema): Schema => {
  const { items, additionalProperties, properties, oneOf } = schema
  if (properties !== undefined) return schema
  for (const next of [items, additionalProperties, ...listOf(oneOf)])
    if (isSchema(next)) {
      const held = inside(resolved(next, root), root)
      if (held['properties'] !== undefined) return held
    }
  return schema
}

const typeOf = (schema: Schema, root: Schema): string => {
  const { type, items, oneOf, additionalProperties, properties } = schema
  const values = schema['enum']
  if (schema['const'] !== undefined) return JSON.stringify(schema['const'])
  if (Array.isArray(values)) return values.map((value) => String(value)).join(' | ')
  if (type === 'array' && isSchema(items)) return `list of ${typeOf(resolved(items, root), root)}`
  if (type === 'object' && properties === undefined && isSchema(additionalProperties))
    return `map of ${typeOf(resolved(additionalProperties, root), root)}`
  if (Array.isArray(oneOf))
    return [...new Set(oneOf.filter(isSchema).map((each) => typeOf(resolved(each, root), root)))].join(' or ')
  return [type ?? 'any'].flat().map(String).join(' | ')
}

const RULES: readonly (readonly [name: string, words: (value: string) => string])[] = [
  ['pattern', (value) => `matches ${value}`],
  ['minItems', (value) => `at least ${value} of them`],
  ['maxItems', (value) => `at most ${value} of them`],
  ['minLength', (value) => `at least ${value} characters`],
  ['maxLength', (value) => `at most ${value} characters`],
]

const rulesOf = (schema: Schema): string[] => {
  const names = schema['propertyNames']
  const own = RULES.flatMap(([name, words]) => {
    const value = schema[name]
    return typeof value === 'string' || typeof value === 'number' ? [words(String(value))] : []
  })
  const ofNames =
    isSchema(names) && typeof names['pattern'] === 'string' ? [`each name matches ${names['pattern']}`] : []
  return [...own, ...ofNames]
}

const fieldsOf = (schema: Schema, root: Schema): FieldNotes['fields'] => {
  const { properties, required } = inside(schema, root)
  return Object.entries(isSchema(properties) ? properties : {})
    .filter(([name]) => name !== '$schema')
    .map(([name, field]) => ({
      name,
      type: isSchema(field) ? typeOf(resolved(field, root), root) : 'any',
      required: listOf(required).includes(name),
    }))
}

/**
 * What is known of a field of a kind of file, by the schema that editors use. Lists and maps are gone through
 * without a word of their own. Throws `Problem` `usage`.
 */
export const explainField = (path: string): FieldNotes => {
  const [kind = '', ...names] = path.split('.')
  const root: unknown = FILE_KINDS.some((each) => each === kind)
    ? SCHEMAS[kind as (typeof FILE_KINDS)[number]]
    : undefined
  if (!isSchema(root))
    throw usageProblem(`${kind} is no kind of policy file`, `Those there are: ${FILE_KINDS.join(', ')}.`)
  let [schema, required] = [root, true]
  for (const [index, name] of names.entries()) {
    const parent = inside(schema, root)
    const { properties } = parent
    const found = isSchema(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined
    if (!isSchema(found)) {
      const known = fieldsOf(schema, root).map((field) => field.name)
      const meant = nearest(name, known)
      throw usageProblem(
        `${[kind, ...names.slice(0, index)].join('.')} has no field ${name}`,
        meant === undefined ? `Those there are: ${known.join(', ') || 'none'}.` : `Did you mean ${meant}?`,
      )
    }
    required = listOf(parent['required']).includes(name)
    schema = resolved(found, root)
  }
  const { description } = schema
  return {
    path,
    type: typeOf(schema, root),
    required,
    description: typeof description === 'string' ? description : null,
    rules: rulesOf(schema),
    fields: fieldsOf(schema, root),
  }
}
