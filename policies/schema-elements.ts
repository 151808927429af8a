import { BOUNDS, isOfWhole, OPERATORS, ROLES } from './language.ts'
import { ACCOUNT_ID, ACTION_PATTERN, ATTRIBUTE_NAME, VARIABLE_KEY, wholly } from './names.ts'

/** The names that an operator can have: sets and `IfExists` for all that do not look at a key as a whole. */
const operatorPattern = (): string => {
  const namesOf = (areOfWhole: boolean): string =>
    [...OPERATORS].flatMap(([name, each]) => (isOfWhole(each) === areOfWhole ? [name] : [])).join('|')
  const names = namesOf(false)
  return `^(?:${namesOf(true)}|(?:ForAllValues:|ForAnyValue:)?(?:${names})(?:IfExists)?)$`
}

/** One item, or a list of them. */
export const oneOrSeveral = (item: object): object => ({
  oneOf: [item, { type: 'array', items: item, minItems: 1, maxItems: BOUNDS.patternsPerElement }],
})

/** A pattern of actions. */
export const action = {
  type: 'string',
  pattern: wholly(`(?:\\*|${ACTION_PATTERN})`),
  description: 'service:Verb with wildcards in the verb, or *',
}

const VARIABLE = `\\$\\{(?:[*?$]|\\s*${VARIABLE_KEY}\\s*(?:,\\s*'[^'{}]*'\\s*)?)\\}`
/** No segment is empty, `.` or `..`. */
const SEGMENT = `(?!\\.{1,2}(?:/|$))(?:[A-Za-z0-9._~@:+=,*?-]|${VARIABLE})+`

/** A pattern of resources. */
export const resource = {
  type: 'string',
  pattern: `^(?:\\*|(?:[A-Za-z0-9-]|${VARIABLE})+(?:/${SEGMENT})+)$`,
  maxLength: BOUNDS.resourceLength,
  description:
    "type/path with wildcards and variables, or *: order/${principal.path}/*, order/${caller.attributes.team, 'none'}",
}
/** A value of a condition or an attribute. */
export const value = { type: ['string', 'number', 'boolean'] }

/** The conditions of a statement. */
export const condition = {
  type: 'object',
  propertyNames: { pattern: operatorPattern() },
  additionalProperties: {
    type: 'object',
    minProperties: 1,
    maxProperties: BOUNDS.contextKeys,
    additionalProperties: oneOrSeveral(value),
  },
}

/** That exactly one of an element and its complement is there. */
export const exactlyOne = (name: string): object => ({
  oneOf: [{ required: [name] }, { required: [`Not${name}`] }],
})

/** Any text. */
export const text = { type: 'string' }
const DRAFT = 'https://json-schema.org/draft/2020-12/schema'

/** A whole file: an object without other elements. */
export const closed = (title: string, properties: object, required: readonly string[]): object => ({
  $schema: DRAFT,
  title,
  type: 'object',
  additionalProperties: false,
  required,
  properties: { $schema: text, ...properties },
})

/** A part of a file: an object without other elements. */
export const inner = (properties: object, required: readonly string[]): object => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
})

/** An object whose keys have a form. */
export const mapOf = (keyPattern: string, item: object): object => ({
  type: 'object',
  propertyNames: { pattern: keyPattern },
  additionalProperties: item,
})

/** Attributes of an account. */
export const attributes = { ...mapOf(wholly(ATTRIBUTE_NAME), value), minProperties: 1 }
/** Names of policies. */
export const policies = {
  oneOf: [text, { type: 'array', items: text, minItems: 1, maxItems: BOUNDS.policiesPerPrincipal }],
  description: 'name, root/name or adm_…/name of a namespace above, or authctl:Name',
}
/** A role. */
export const role = { enum: [...ROLES] }
/** One name, or several. */
export const names = oneOrSeveral(text)

const selectorWith = (attributesOfSelector: object): object => ({
  type: 'object',
  additionalProperties: false,
  oneOf: [{ required: ['id'] }, { required: ['username'] }, { required: ['role'] }],
  dependentRequired: { attributes: ['role'] },
  properties: {
    id: { type: 'string', pattern: wholly(ACCOUNT_ID) },
    username: { type: 'string', minLength: 1 },
    role,
    attributes: attributesOfSelector,
  },
})

/** Whom something is for. */
export const selector = selectorWith(attributes)
/** The same where an attribute may have one of several values. */
export const selectorOfSeveral = selectorWith({
  ...mapOf(wholly(ATTRIBUTE_NAME), oneOrSeveral(value)),
  minProperties: 1,
  description: 'an account that has one of the values of each is selected',
})
