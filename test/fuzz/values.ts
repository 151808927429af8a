import fc from 'fast-check'

/** A JSON Schema of the document, as far as it is looked at here. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly propertyNames?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly examples?: readonly unknown[]
}

export type Lookup = (reference: string) => Schema

/** An id of this form stands for one that the daemon has given; see `fillIn`. */
const PLACE_HOLDER = '0'.repeat(26)
const ID_PATTERN = /\(?((?:[a-z]+\|)*[a-z]+)\)?_\[0-9a-z\]\{26\}/
const LONGEST = 300

const idsLike = (pattern: string): fc.Arbitrary<string> | undefined => {
  const [, prefixes] = ID_PATTERN.exec(pattern) ?? []
  return prefixes === undefined
    ? undefined
    : fc.constantFrom(...prefixes.split('|').map((prefix) => `${prefix}_${PLACE_HOLDER}`))
}

const withoutLookAhead = (pattern: string): string => pattern.replace(/\(\?!(?:[^()]|\([^()]*\))*\)/g, '')

const matching = (pattern: string): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(withoutLookAhead(pattern))).map((text) => text.slice(0, 2000))

/** Texts of any alphabet, and those that programs stumble over. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '__proto__',
    'constructor',
    '../../etc/passwd',
    "' or 1=1--",
    '{"$gt":""}',
    '*',
    '%00',
    '${x}',
    '\u202E',
    'ß',
    'İ',
    '\uFEFF',
    '😀',
    'a'.repeat(5000),
    '9'.repeat(400),
    '-0',
    '1e999',
    'null',
    '$where',
    'a.b',
  ),
)

const textOf = (schema: Schema): fc.Arbitrary<unknown> => {
  const { minLength = 0, maxLength = LONGEST, pattern, format, examples = [] } = schema
  const plain =
    pattern !== undefined
      ? (idsLike(pattern) ?? matching(pattern))
      : format === 'date-time'
        ? fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
        : format === 'email'
          ? fc.emailAddress()
          : fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 30) })
  const known = examples.map((value) => fc.constant(value))
  return known.length === 0 ? plain : fc.oneof(...known, plain)
}

const numberOf = ({ type, minimum, maximum }: Schema): fc.Arbitrary<unknown> =>
  type?.includes('integer') === true
    ? fc.integer({ min: minimum ?? -1000, max: maximum ?? 1_000_000 })
    : fc.double({ min: minimum ?? -1e6, max: maximum ?? 1e6, noNaN: true })

const objectOf = (schema: Schema, lookup: Lookup): fc.Arbitrary<unknown> => {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, valueOf(property, lookup)]),
  )
  const own = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) })
  const examples = (schema.examples ?? []).map((value) => fc.constant(value))
  if (additionalProperties === false || additionalProperties === undefined)
    return examples.length === 0 ? own : fc.oneof(...examples, own)
  const names = propertyNames?.pattern === undefined ? fc.string() : matching(propertyNames.pattern)
  const values = additionalProperties === true ? fc.jsonValue() : valueOf(additionalProperties, lookup)
  const open = fc.tuple(own, fc.dictionary(names, values, { maxKeys: 4 })).map(([a, b]) => ({ ...b, ...a }))
  return examples.length === 0 ? open : fc.oneof(...examples, open)
}

const listOf = ({ items = {}, minItems = 0, maxItems = 4 }: Schema, lookup: Lookup): fc.Arbitrary<unknown> =>
  fc.array(valueOf(items, lookup), {
    minLength: minItems,
    maxLength: Math.max(minItems, Math.min(4, maxItems)),
  })

const OF_TYPE: Readonly<Record<string, (schema: Schema, lookup: Lookup) => fc.Arbitrary<unknown>>> = {
  string: (schema) => textOf(schema),
  integer: (schema) => numberOf(schema),
  number: (schema) => numberOf(schema),
  boolean: () => fc.boolean(),
  null: () => fc.constant(null),
  array: (schema, lookup) => listOf(schema, lookup),
  object: (schema, lookup) => objectOf(schema, lookup),
}

const ofType = (schema: Schema, type: string, lookup: Lookup): fc.Arbitrary<unknown> =>
  OF_TYPE[type]?.(schema, lookup) ?? fc.jsonValue()

/** Values that mostly fit the schema: what stands in its rules between fields is not looked at. */
export const valueOf = (schema: Schema, lookup: Lookup): fc.Arbitrary<unknown> => {
  if (schema.$ref !== undefined) return valueOf(lookup(schema.$ref), lookup)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.const !== undefined) return fc.constant(schema.const)
  const { type } = schema
  if (typeof type === 'object') return fc.oneof(...type.map((one) => ofType(schema, one, lookup)))
  if (type !== undefined) return ofType(schema, type, lookup)
  const forms = schema.anyOf ?? schema.oneOf
  return forms === undefined ? fc.jsonValue() : fc.oneof(...forms.map((form) => valueOf(form, lookup)))
}

/** Values of every type: what no schema expects. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  anyText,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(0, -1, 1.5, 2 ** 53, -(2 ** 63), 1e308, true, false, null),
  fc.constantFrom([], {}, [[]], { $gt: '' }, ['a'], { length: 1e9 }),
)

/** Puts ids that the daemon has given where place-holders stand. */
export const fillIn = (text: string, idOf: (prefix: string) => string | undefined): string =>
  text.replaceAll(/\b(sa|adm|cli|sub|usr|ses)_0{26}/g, (id, prefix: string) => idOf(prefix) ?? id)
