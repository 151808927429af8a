import { BOUNDS, INVARIANT_KINDS, KEY_TYPES, VERSION } from './language.ts'
import { OWN_SERVICES } from './managed.ts'
import {
  ATTRIBUTE_KEY_PART,
  DECLARED_KEY,
  INVARIANT_NAME,
  POLICY_NAME,
  RESOURCE_TYPE,
  SERVICE_NAME,
  SET_NAME,
  SID,
  VERB,
  wholly,
} from './names.ts'
import {
  action,
  closed,
  condition,
  exactlyOne,
  inner,
  mapOf,
  names,
  oneOrSeveral,
  policies,
  resource,
  selector,
  selectorOfSeveral,
  text,
} from './schema-elements.ts'
import { TESTS_SCHEMA } from './schema-tests.ts'

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
    Version: { const: VERSION, description: 'The language that the policy is written in' },
    Id: {
      type: 'string',
      pattern: wholly(POLICY_NAME),
      description: 'The name of the policy',
    },
    Description: { type: 'string', description: 'What it is for, in words' },
    Statement: {
      type: 'array',
      minItems: 1,
      maxItems: BOUNDS.statements,
      items: { $ref: '#/$defs/statement' },
      description:
        'What is allowed or denied; a Deny wins over every Allow, and what nothing allows is denied',
    },
  },
  $defs: {
    statement: {
      type: 'object',
      required: ['Effect'],
      additionalProperties: false,
      allOf: [exactlyOne('Action'), exactlyOne('Resource')],
      properties: {
        Sid: {
          type: 'string',
          pattern: wholly(SID),
          description: 'A name, by which decisions and errors speak of the statement',
        },
        Effect: { enum: ['Allow', 'Deny'], description: 'What comes of a request that it matches' },
        Action: {
          ...oneOrSeveral(action),
          description:
            'service:Verb as a service declares it, such as orders:Read; * and ? stand for any text',
        },
        NotAction: { ...oneOrSeveral(action), description: 'Every action but these; instead of Action' },
        Resource: {
          ...oneOrSeveral(resource),
          description: 'type/path, such as order/42 or account/${principal.path}/*',
        },
        NotResource: {
          ...oneOrSeveral(resource),
          description: 'Every resource but these; instead of Resource',
        },
        Condition: {
          ...condition,
          description: 'By operator, by key, the values: all operators and keys must hold, of the values one',
        },
      },
    },
  },
} as const

const SET_SCHEMA = closed(
  'authctl policy set',
  {
    set: {
      type: 'string',
      pattern: wholly(SET_NAME),
      description: 'The name under which what the folder applies is owned',
    },
    description: text,
  },
  ['set'],
)

const SERVICE_SCHEMA = closed(
  'authctl service',
  {
    service: {
      type: 'string',
      pattern: `^(?!(?:${OWN_SERVICES.map((own) => own.service).join('|')})$)${SERVICE_NAME}$`,
      description: 'The name of the service, which its actions begin with',
    },
    description: text,
    actions: {
      description: 'What it has to decide, by verb',
      ...mapOf(
        wholly(VERB),
        inner(
          {
            resources: names,
            keys: names,
            sensitive: { type: 'boolean' },
            replaced_by: { type: 'string', pattern: wholly(VERB) },
            description: text,
          },
          ['resources'],
        ),
      ),
    },
    resource_types: {
      description: 'What the actions are about, by type',
      ...mapOf(
        wholly(RESOURCE_TYPE),
        inner(
          {
            private: {
              ...oneOrSeveral({ type: 'string', pattern: wholly(ATTRIBUTE_KEY_PART) }),
              description: 'attributes, resource.NAME, whose values are never written down',
            },
            description: text,
          },
          [],
        ),
      ),
    },
    context_keys: {
      description: 'The circumstances that conditions can read, by key',
      ...mapOf(
        wholly(DECLARED_KEY),
        inner(
          {
            type: { enum: KEY_TYPES.filter((type) => type !== 'attribute') },
            always: { type: 'boolean' },
            private: { type: 'boolean', description: 'its values are never written down' },
            description: text,
          },
          ['type', 'always'],
        ),
      ),
    },
  },
  ['service', 'actions', 'resource_types'],
)

const ATTACHMENTS_SCHEMA = closed(
  'authctl attachments',
  {
    attachments: {
      type: 'array',
      items: {
        ...inner({ to: selectorOfSeveral, policies, boundary: text }, ['to']),
        anyOf: [{ required: ['policies'] }, { required: ['boundary'] }],
      },
    },
  },
  ['attachments'],
)

const requests = {
  Action: oneOrSeveral(action),
  NotAction: oneOrSeveral(action),
  Resource: oneOrSeveral(resource),
  NotResource: oneOrSeveral(resource),
  Condition: condition,
}

const ruleOf = (description: string, required: readonly string[]): object => ({
  ...inner(
    {
      to: {
        oneOf: [
          selector,
          { type: 'array', items: selector, minItems: 1, maxItems: BOUNDS.selectorsPerInvariant },
        ],
      },
      ...requests,
    },
    required,
  ),
  allOf: [exactlyOne('Action'), exactlyOne('Resource')],
  description,
})

const INVARIANT_SCHEMA = {
  ...closed(
    'authctl invariant',
    {
      invariant: {
        type: 'string',
        pattern: wholly(INVARIANT_NAME),
        description: 'The name of the invariant',
      },
      description: text,
      neverGrants: ruleOf('none of these accounts may do any of this', []),
      alwaysGrants: ruleOf('each of these accounts may do all of this', ['to']),
      onlyBy: ruleOf('nobody but these accounts may do any of this', ['to']),
      needsApproval: {
        ...inner(
          {
            objects: oneOrSeveral({
              type: 'string',
              pattern: '^(?:\\*|(?:service|document|attachment|invariant)/.+)$',
              description: 'kind/name with wildcards, or *: document/billing-*',
            }),
          },
          ['objects'],
        ),
        description: 'these objects are changed by two accounts together',
      },
    },
    ['invariant'],
  ),
  oneOf: [...INVARIANT_KINDS, 'needsApproval'].map((kind) => ({ required: [kind] })),
}

/** The schema of every kind of file of a policy set, by the name under which it is published. */
export const SCHEMAS = {
  policy: POLICY_SCHEMA,
  set: SET_SCHEMA,
  service: SERVICE_SCHEMA,
  attachments: ATTACHMENTS_SCHEMA,
  tests: TESTS_SCHEMA,
  invariant: INVARIANT_SCHEMA,
} as const
