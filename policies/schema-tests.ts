import { BOUNDS, VERDICTS } from './language.ts'
import { RESOURCE_SEGMENT, RESOURCE_TYPE, wholly } from './names.ts'
import {
  attributes,
  closed,
  inner,
  names,
  oneOrSeveral,
  policies,
  role,
  text,
  value,
} from './schema-elements.ts'

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

/** The schema of a file of decision tests. */
export const TESTS_SCHEMA = {
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
