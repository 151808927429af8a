import { BOUNDS, KEY_TYPES, OPERATORS, ROLES, VERDICTS, VERSION } from './language.ts'
import { OWN_SERVICES } from './managed.ts'
import {
  ACCOUNT_ID,
  ACTION_PATTERN,
  ATTRIBUTE_NAME,
  DECLARED_KEY,
  POLICY_NAME,
  RESOURCE_SEGMENT,
  RESOURCE_TYPE,
  SERVICE_NAME,
  SET_NAME,
  SID,
  VARIABLE_KEY,
  VERB,
  wholly,
} from './names.ts'

/** The names that an operator can have: sets and `IfExists` for all but `Null`. */
const operatorPattern = (): string => {
  const names = [...OPERATORS.keys()].filter((name) => name !== 'Null').join('|')
  return `^(?:Null|(?:ForAllValues:|ForAnyValue:)?(?:${names})(?:IfExists)?)$`
}

const oneOrSeveral = (item: object): object => ({
  oneOf: [item, { type: 'array', items: item, minItems: 1, maxItems: BOUNDS.patternsPerElement }],
})

const action = {
  type: 'string',
  pattern: wholly(`(?:\\*|${ACTION_PATTERN})`),
  description: 'service:Verb with wildcards in the verb, or *',
}

const VARIABLE = `\\$\\{(?:[*?$]|\\s*${VARIABLE_KEY}\\s*(?:,\\s*'[^'{}]*'\\s*)?)\\}`
/** No segment is empty, `.` or `..`. */
const SEGMENT = `(?!\\.{1,2}(?:/|$))(?:[A-Za-z0-9._~@:+=,*?-]|${VARIABLE})+`

const resource = {
  type: 'string',
  pattern: `^(?:\\*|(?:[A-Za-z0-9-]|${VARIABLE})+(?:/${SEGMENT})+)$`,
  maxLength: BOUNDS.resourceLength,
  description:
    "type/path with wildcards and variables, or *: order/${principal.path}/*, order/${caller.attributes.team, 'none'}",
}
const value = { type: ['string', 'number', 'boolean'] }

const exactlyOne = (name: string): object => ({ oneOf: [{ required: [name] }, { required: [`Not${name}`] }] })

/**
 * The structure of a policy document as JSON Schema (2020-12), for editors. The validator says more: which
 * actions and keys there are, what types they have, and where something missing would allow.
 */
export const POLICY_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'authctl policy',
  type: 'object',
  required: ['Version', 'Id', 'Statement'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string' },
    Version: { const: VERSION },
    Id: {
      type: 'string',
      pattern: wholly(POLICY_NAME),
      description: 'The name of the policy',
    },
    Description: { type: 'string' },
    Statement: {
      type: 'array',
      minItems: 1,
      maxItems: BOUNDS.statements,
      items: { $ref: '#/$defs/statement' },
    },
  },
  $defs: {
    statement: {
      type: 'object',
      required: ['Effect'],
      additionalProperties: false,
      allOf: [exactlyOne('Action'), exactlyOne('Resource')],
      properties: {
        Sid: { type: 'string', pattern: wholly(SID) },
        Effect: { enum: ['Allow', 'Deny'] },
        Action: oneOrSeveral(action),
        NotAction: oneOrSeveral(action),
        Resource: oneOrSeveral(resource),
        NotResource: oneOrSeveral(resource),
        Condition: {
          type: 'object',
          propertyNames: { pattern: operatorPattern() },
          additionalProperties: {
            type: 'object',
            minProperties: 1,
            maxProperties: BOUNDS.contextKeys,
            additionalProperties: oneOrSeveral(value),
          },
        },
      },
    },
  },
} as const

const text = { type: 'string' }
const DRAFT = 'https://json-schema.org/draft/2020-12/schema'

const closed = (title: string, properties: object, required: readonly string[]): object => ({
  $schema: DRAFT,
  title,
  type: 'object',
  additionalProperties: false,
  required,
  properties: { $schema: text, ...properties },
})

const inner = (properties: object, required: readonly string[]): object => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
})

const mapOf = (keyPattern: string, item: object): object => ({
  type: 'object',
  propertyNames: { pattern: keyPattern },
  additionalProperties: item,
})

const attributes = { ...mapOf(wholly(ATTRIBUTE_NAME), value), minProperties: 1 }
const policies = {
  oneOf: [text, { type: 'array', items: text, minItems: 1, maxItems: BOUNDS.policiesPerPrincipal }],
  description: 'name, root/name or adm_…/name of a namespace above, or authctl:Name',
}
const role = { enum: [...ROLES] }
const names = oneOrSeveral(text)

const SET_SCHEMA = closed(
  'authctl policy set',
  { set: { type: 'string', pattern: wholly(SET_NAME) }, description: text },
  ['set'],
)

const SERVICE_SCHEMA = closed(
  'authctl service',
  {
    service: {
      type: 'string',
      pattern: `^(?!(?:${OWN_SERVICES.map((own) => own.service).join('|')})$)${SERVICE_NAME}$`,
    },
    description: text,
    actions: mapOf(
      wholly(VERB),
      inner({ resources: names, keys: names, sensitive: { type: 'boolean' }, description: text }, [
        'resources',
      ]),
    ),
    resource_types: mapOf(wholly(RESOURCE_TYPE), inner({ description: text }, [])),
    context_keys: mapOf(
      wholly(DECLARED_KEY),
      inner(
        {
          type: { enum: KEY_TYPES.filter((type) => type !== 'attribute') },
          always: { type: 'boolean' },
          description: text,
        },
        ['type', 'always'],
      ),
    ),
  },
  ['service', 'actions', 'resource_types'],
)

const selector = {
  type: 'object',
  additionalProperties: false,
  oneOf: [{ required: ['id'] }, { required: ['username'] }, { required: ['role'] }],
  dependentRequired: { attributes: ['role'] },
  properties: {
    id: { type: 'string', pattern: wholly(ACCOUNT_ID) },
    username: { type: 'string', minLength: 1 },
    role,
    attributes,
  },
}

const ATTACHMENTS_SCHEMA = closed(
  'authctl attachments',
  {
    attachments: {
      type: 'array',
      items: {
        ...inner({ to: selector, policies, boundary: text }, ['to']),
        anyOf: [{ required: ['policies'] }, { required: ['boundary'] }],
      },
    },
  },
  ['attachments'],
)

const circumstances = {
  context: {
    type: 'object',
    propertyNames: { not: { pattern: '^(?:principal|caller)\\.' } },
    additionalProperties: { anyOf: [value, { type: 'array', items: text }] },
  },
  clock: {
    type: 'string',
    pattern:
      '^(?:\\d{1,11}|\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?(?:Z|[+-]\\d{2}:\\d{2}))$',
    description: 'ISO 8601, or epoch seconds',
  },
}
const asked = {
  type: 'string',
  pattern: wholly(`${RESOURCE_TYPE}(?:/${RESOURCE_SEGMENT})+`),
  maxLength: BOUNDS.resourceLength,
  description: 'type/path without wildcards and variables',
}
const combinations = { principals: names, actions: names, resources: oneOrSeveral(asked) }

const CASE_SCHEMA = {
  ...inner(
    {
      name: text,
      ...combinations,
      ...circumstances,
      expect: { enum: [...VERDICTS] },
      statement: { type: 'string', description: 'policy or policy/Sid of the statement that decides' },
      layer: {
        type: 'string',
        pattern: '^(?:own|boundary) of .+$',
        description: 'own of NAME or boundary of NAME: the layer that decides',
      },
    },
    ['name', 'principals', 'actions', 'resources', 'expect'],
  ),
  // No statement decides where nothing allows.
  not: { required: ['statement'], properties: { expect: { const: 'DENY_IMPLICIT' } } },
}

const MATRIX_SCHEMA = inner(
  {
    name: text,
    ...combinations,
    ...circumstances,
    allow: {
      type: 'array',
      items: inner(combinations, []),
      description: 'what is allowed; every other combination must be denied',
    },
  },
  ['name', 'principals', 'actions', 'resources', 'allow'],
)

const WHO_CAN_SCHEMA = inner(
  {
    name: text,
    action: text,
    resource: asked,
    ...circumstances,
    principals: {
      type: 'array',
      items: text,
      description: 'those of the file who may, and nobody else; written by policies test --update',
    },
  },
  ['name', 'action', 'resource', 'principals'],
)

const TESTS_SCHEMA = {
  ...closed(
    'authctl decision tests',
    {
      principals: {
        type: 'object',
        additionalProperties: inner({ role, creator: text, attributes, policies, boundary: text }, ['role']),
      },
      cases: { type: 'array', items: CASE_SCHEMA },
      matrices: { type: 'array', items: MATRIX_SCHEMA },
      whoCan: { type: 'array', items: WHO_CAN_SCHEMA },
    },
    ['principals'],
  ),
  anyOf: [{ required: ['cases'] }, { required: ['matrices'] }, { required: ['whoCan'] }],
}

/** The schema of every kind of file of a policy set, by the name under which it is published. */
export const SCHEMAS = {
  policy: POLICY_SCHEMA,
  set: SET_SCHEMA,
  service: SERVICE_SCHEMA,
  attachments: ATTACHMENTS_SCHEMA,
  tests: TESTS_SCHEMA,
} as const
