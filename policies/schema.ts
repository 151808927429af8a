import { LIMITS, OPERATORS, VERSION } from './language.ts'

/** The names that an operator can have: sets and `IfExists` for all but `Null`. */
const operatorPattern = (): string => {
  const names = [...OPERATORS.keys()].filter((name) => name !== 'Null').join('|')
  return `^(?:Null|(?:ForAllValues:|ForAnyValue:)?(?:${names})(?:IfExists)?)$`
}

const oneOrSeveral = (item: object): object => ({
  oneOf: [item, { type: 'array', items: item, minItems: 1, maxItems: LIMITS.patternsPerElement }],
})

const action = {
  type: 'string',
  pattern: '^(?:\\*|[A-Za-z][A-Za-z0-9-]*:[A-Za-z0-9*?]+)$',
  description: 'service:Verb with wildcards in the verb, or *',
}
const resource = {
  type: 'string',
  maxLength: LIMITS.resourceLength,
  description:
    "type/path with wildcards and variables, or *: order/${principal.path}/*, order/${caller.attributes.team, 'none'}",
}
const value = { type: ['string', 'number', 'boolean'] }

const exactlyOne = (name: string): object => ({ oneOf: [{ required: [name] }, { required: [`Not${name}`] }] })

/**
 * The structure of a policy document as JSON Schema (2020-12), for editors. The validator says more: which actions and keys there are, what
 * types they have, and where something missing would allow.
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
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
      description: 'The name of the policy',
    },
    Description: { type: 'string' },
    Statement: {
      type: 'array',
      minItems: 1,
      maxItems: LIMITS.statements,
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
        Sid: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
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
            maxProperties: LIMITS.contextKeys,
            additionalProperties: oneOrSeveral(value),
          },
        },
      },
    },
  },
} as const
