import { Type } from 'typebox'
import { closed, nullable } from '../schema.ts'
import { textOf } from './policy-text.ts'

/** The text of a policy. */
export const PolicyDocument = textOf(
  'PolicyDocument',
  'A policy: `Version`, `Id` (the name it is put under) and `Statement`. The language is in docs/reference/policies.md, its schema at /schemas/policy',
  {
    Version: 'authctl/1',
    Id: 'place-readers',
    Statement: [{ Sid: 'Read', Effect: 'Allow', Action: 'places:List', Resource: 'place/*' }],
  },
)

const policyFields = {
  name: Type.String({ description: '`namespace/name`, or `authctl:Name`' }),
  namespace: nullable<string>({ type: 'string' }, { description: 'null for managed policies' }),
  id: Type.String(),
  hash: Type.String({ description: 'Identifies the content; the `ETag`' }),
  updated_at: nullable<string>({ type: 'string' }, { description: 'RFC 3339, UTC' }),
}

/** A policy. */
export const Policy = closed({ ...policyFields, document: PolicyDocument }, { title: 'Policy' })

/** A policy in a list. */
export const PolicySummary = closed(
  { ...policyFields, description: nullable<string>({ type: 'string' }), statements: Type.Integer() },
  { title: 'PolicySummary' },
)

/** What came of a put. */
export const PolicyReply = closed({ detail: Type.String(), policy: Policy }, { title: 'PolicyReply' })
