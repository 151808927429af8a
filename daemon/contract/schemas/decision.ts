import { Type } from 'typebox'
import { closed, nullable, oneOf } from '../schema.ts'

/** How a question is decided: by a Deny, or for want of an Allow. */
export const VERDICTS = ['ALLOW', 'DENY_EXPLICIT', 'DENY_IMPLICIT'] as const

const StatementReport = closed(
  {
    policy: Type.String(),
    hash: Type.String(),
    statement: Type.Integer({ description: 'Its number in the policy, from 0' }),
    sid: nullable<string>({ type: 'string' }),
    effect: oneOf(['Allow', 'Deny'] as const),
    source: nullable<string>({ type: 'string' }, { description: '`file:line:column`, if that is known' }),
  },
  { title: 'StatementReport' },
)

const DecidedBy = closed(
  {
    layer: Type.Integer({ description: 'Its number in `layers`' }),
    statement: Type.Union([StatementReport, Type.Null()], { description: 'The Deny, if it was one' }),
  },
  { title: 'DecidedBy' },
)

const failedElement = {
  failed: oneOf(['action', 'resource', 'condition'] as const),
  operator: nullable<string>({ type: 'string' }),
  key: nullable<string>({ type: 'string' }),
  expected: Type.Array(Type.String(), { description: 'The first ten, each up to 256 characters' }),
  expected_total: Type.Integer(),
  actual: nullable<string[]>(Type.Array(Type.String())),
  actual_total: Type.Integer({ description: '0 where the request has no such key' }),
}

const FailedElement = closed(failedElement, { title: 'FailedElement' })

const NearMiss = closed(
  {
    ...StatementReport.properties,
    ...failedElement,
    also_failed: Type.Array(FailedElement, { description: 'Other conditions of the statement that failed' }),
  },
  { title: 'NearMiss' },
)

const LayerReport = closed(
  {
    kind: oneOf(['own', 'boundary', 'session'] as const, {
      description: '`session`: what the token of an application is narrowed to',
    }),
    principal: Type.String({ description: 'The account that the layer belongs to' }),
    outcome: oneOf(['deny', 'allow', 'none'] as const),
    matched: Type.Array(StatementReport, { description: 'The first twenty: denials, then the others' }),
    matched_total: Type.Integer(),
    near_misses: Type.Array(NearMiss, {
      description: 'Where no statement allows: at most five that come near, nearest first',
    }),
  },
  { title: 'LayerReport' },
)

const Explanation = closed(
  {
    decision: oneOf(VERDICTS),
    decided_by: Type.Union([DecidedBy, Type.Null()], {
      description:
        'The layer that decided, and its Deny if it was one; null for `ALLOW`, and where there is no layer',
    }),
    layers: Type.Array(LayerReport, { description: 'From the account up to the root' }),
    missing_keys: Type.Array(Type.String(), {
      description: 'Keys that statements about the action ask for and the request does not have; at most 64',
    }),
    would_allow_if: Type.Array(Type.String(), {
      description:
        'What each layer lacks: any one line of a layer would do for it, and no Deny would stand in the way',
    }),
    revisions: Type.Array(
      closed(
        { namespace: Type.String(), number: Type.Integer(), id: Type.String() },
        { title: 'PolicyRevision' },
      ),
      { description: 'By which the policies of each namespace above the account were asked' },
    ),
  },
  { title: 'Explanation' },
)

/** Why no policy was asked. */
const UNASKED = ['unknown_action', 'unknown_resource_type', 'not_active', 'outside'] as const

/** The fields of every decision. */
export const decision = {
  allowed: Type.Boolean(),
  decision: oneOf(VERDICTS),
  reason: nullable<(typeof UNASKED)[number]>(
    { type: 'string', enum: UNASKED },
    {
      description:
        'Why no policy was asked: `unknown_action` (no service declares it), `unknown_resource_type` (the action is not about such resources), `not_active` (the account or one above it), `outside` (the account that it acts on is not below)',
    },
  ),
}

/** One decision, with what explains it. */
export const Decision = closed(
  {
    ...decision,
    decision_id: nullable<string>(
      { type: 'string' },
      { description: 'For a denial: `POST /access/explain` takes it' },
    ),
    explanation: Type.Optional(Explanation),
  },
  { title: 'AccessDecision' },
)
