/** The part of JSON Schema (2020-12) that the contract is written in. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly propertyNames?: Schema
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly items?: boolean | Schema
  readonly prefixItems?: readonly Schema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly not?: Schema
}

/** The schemas that others refer to, by the ends of their names. */
export type Schemas = Readonly<Record<string, Schema>>

/** What is wrong with a value, and where: a JSON pointer (RFC 6901). */
export interface SchemaFault {
  readonly pointer: string
  readonly detail: string
}

interface Place {
  readonly schemas: Schemas
  readonly pointer: string
}

type Check = (schema: Schema, value: unknown, place: Place) => SchemaFault | undefined
type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a record has of its own by a name that anybody may have made up. */
export const ownOf = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

const fault = ({ pointer }: Place, detail: string): SchemaFault => ({ pointer, detail })

const below = (place: Place, name: string | number): Place => ({
  ...place,
  pointer: `${place.pointer}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`,
})

/** The first fault that one of the steps finds. */
const firstOf = <T>(items: readonly T[], step: (item: T, index: number) => SchemaFault | undefined) => {
  for (const [index, item] of items.entries()) {
    const found = step(item, index)
    if (found !== undefined) return found
  }
  return undefined
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  integer: (value) => Number.isInteger(value),
  array: (value) => Array.isArray(value),
  object: isObject,
}

const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)$/i

/** Whether it is an instant (RFC 3339) of a day that the calendar has. */
const isDateTime = (text: string): boolean => {
  const [, year, month, day] = DATE_TIME.exec(text)?.map(Number) ?? []
  if (year === undefined || month === undefined || day === undefined) return false
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': isDateTime,
  email: (text) => /^[\w!#$%&'*+/=?^`{|}~.-]+@[\w-]+(\.[\w-]+)*$/.test(text),
  'uri-reference': (text) => !/[\s\\"<>^`{|}]/.test(text),
}

const checkType: Check = ({ type, const: only, enum: values }, value, place) => {
  const types = typeof type === 'string' ? [type] : (type ?? [])
  if (types.length > 0 && !types.some((name) => TYPES[name]?.(value) === true))
    return fault(place, `must be ${types.join(' or ')}`)
  if (only !== undefined && value !== only) return fault(place, `must be ${JSON.stringify(only)}`)
  return values === undefined || values.includes(value)
    ? undefined
    : fault(place, `must be one of ${values.map((each) => JSON.stringify(each)).join(', ')}`)
}

const checkText: Check = ({ minLength = 0, maxLength = Infinity, pattern, format }, value, place) => {
  if (typeof value !== 'string') return undefined
  const { length } = Array.from(value)
  if (length < minLength || length > maxLength)
    return fault(place, `must have from ${minLength} to ${maxLength} characters`)
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
    return fault(place, `must match ${pattern}`)
  return format === undefined || FORMATS[format]?.(value) === true
    ? undefined
    : fault(place, `must be a ${format}`)
}

const checkNumber: Check = ({ minimum = -Infinity, maximum = Infinity }, value, place) =>
  typeof value === 'number' && (value < minimum || value > maximum)
    ? fault(place, `must be from ${minimum} to ${maximum}`)
    : undefined

const checkItems: Check = (schema, value, place) => {
  if (!Array.isArray(value)) return undefined
  const { items = true, prefixItems = [], minItems = 0, maxItems = Infinity } = schema
  if (value.length < minItems || value.length > maxItems)
    return fault(place, `must have from ${minItems} to ${maxItems} items`)
  return firstOf(value, (item, index) => {
    const own = prefixItems[index] ?? items
    if (own === false) return fault(below(place, index), 'is an item too many')
    return own === true ? undefined : check(own, item, below(place, index))
  })
}

const checkNames = (schema: Schema, value: Fields, place: Place): SchemaFault | undefined => {
  const { required = [], dependentRequired = {}, minProperties = 0, maxProperties = Infinity } = schema
  const names = Object.keys(value)
  if (names.length < minProperties || names.length > maxProperties)
    return fault(place, `must have from ${minProperties} to ${maxProperties} fields`)
  const needed = [...required, ...names.flatMap((name) => ownOf(dependentRequired, name) ?? [])]
  const missing = needed.find((name) => !Object.hasOwn(value, name))
  return missing === undefined ? undefined : fault(below(place, missing), 'is missing')
}

const checkFields: Check = (schema, value, place) => {
  if (!isObject(value)) return undefined
  const { properties = {}, additionalProperties = true, propertyNames } = schema
  return (
    checkNames(schema, value, place) ??
    firstOf(Object.entries(value), ([name, field]) => {
      const at = below(place, name)
      const badName = propertyNames && check(propertyNames, name, at)
      if (badName !== undefined) return badName
      const own = ownOf(properties, name) ?? additionalProperties
      if (own === false) return fault(at, 'is not known')
      return own === true || own === undefined ? undefined : check(own, field, at)
    })
  )
}

const checkChoices: Check = ({ anyOf, oneOf, not }, value, place) => {
  const fitting = (schemas: readonly Schema[]): number =>
    schemas.filter((schema) => check(schema, value, place) === undefined).length
  if (anyOf !== undefined && fitting(anyOf) === 0) return fault(place, 'fits none of the forms')
  if (oneOf !== undefined && fitting(oneOf) !== 1) return fault(place, 'must fit exactly one of the forms')
  return not !== undefined && fitting([not]) > 0 ? fault(place, 'must not have this form') : undefined
}

const CHECKS = [checkType, checkText, checkNumber, checkItems, checkFields, checkChoices]

const check: Check = (schema, value, place) => {
  const { $ref } = schema
  if ($ref === undefined) return firstOf(CHECKS, (one) => one(schema, value, place))
  const referred = place.schemas[$ref.slice($ref.lastIndexOf('/') + 1)]
  return referred === undefined ? fault(place, `refers to ${$ref}`) : check(referred, value, place)
}

/** The first thing that is wrong with a value; undefined if it fits the schema. */
export const faultOf = (schema: Schema, value: unknown, schemas: Schemas): SchemaFault | undefined =>
  check(schema, value, { schemas, pointer: '' })
