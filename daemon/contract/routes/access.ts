import { Type } from 'typebox'
import { Account } from '../schemas/account.ts'
import { Decision, decision, VERDICTS } from '../schemas/decision.ts'
import { PRINCIPAL_ID, question } from '../schemas/question.ts'
import { route } from '../route.ts'
import { closed, Cursor, nullable, oneOf, PageLimit } from '../schema.ts'

const MAX_CHECKS = 1000

const subject = {
  principal: Type.Optional(
    Type.String({
      pattern: PRINCIPAL_ID,
      description:
        'Whose rights: an account, or an application as it acts by a token without a scope; your own, if you name none',
    }),
  ),
}

const Question = closed({ ...subject, ...question }, { title: 'AccessQuestion' })

const CHECK = { auth: 'access', action: 'authctl:CheckAccess', resource: 'account/${caller.path}' } as const

/** `POST /access/check`. */
export const checkAccess = route({
  operationId: 'access.check',
  method: 'POST',
  path: '/access/check',
  tag: 'Access',
  summary: 'May this account, or this application, do that?',
  description:
    'About yourself, about an account that you manage, or about an application of yours or of such an account. `explain: true` adds why; it needs `policies:Explain`.',
  ...CHECK,
  body: closed(
    { ...subject, ...question, explain: Type.Optional(Type.Boolean({ default: false })) },
    { title: 'AccessCheck' },
  ),
  maxBodyBytes: 192 * 1024,
  maxBodyKeys: 20_000,
  responses: { 200: { description: 'The decision', schema: Decision } },
  errors: ['not_found'],
})

/** `POST /access/check/batch`. */
export const checkAccessBatch = route({
  operationId: 'access.checkBatch',
  method: 'POST',
  path: '/access/check/batch',
  tag: 'Access',
  summary: 'Up to 1,000 checks at once',
  description: 'In the order of the questions. One principal that you do not see refuses the whole call.',
  ...CHECK,
  body: closed(
    { checks: Type.Array(Question, { minItems: 1, maxItems: MAX_CHECKS }) },
    { title: 'AccessCheckBatch' },
  ),
  maxBodyBytes: 1024 * 1024,
  maxBodyKeys: 100_000,
  responses: {
    200: {
      description: 'The decisions',
      schema: closed(
        { results: Type.Array(closed(decision, { title: 'BatchDecision' })) },
        { title: 'AccessDecisions' },
      ),
    },
  },
  errors: ['not_found'],
})

/** `POST /access/explain`. */
export const explainAccess = route({
  operationId: 'access.explain',
  method: 'POST',
  path: '/access/explain',
  tag: 'Access',
  summary: 'Why a denial was a denial',
  description:
    'Takes the `decision_id` of a denial, from an answer or from the log, and decides the same question as things stand now.',
  auth: 'access',
  action: 'policies:Explain',
  resource: 'account/${caller.path}',
  body: closed(
    {
      decision_id: Type.String({
        minLength: 16,
        maxLength: 4096,
        pattern: '^[A-Za-z0-9_-]+$',
        examples: ['b3JkZXJzOlJlYWQgb3JkZXIvNDI'],
      }),
    },
    { title: 'ExplainRequest' },
  ),
  responses: {
    200: {
      description: 'The question, what was decided, and the decision now',
      schema: closed(
        {
          principal: Type.String({ description: 'The account, or the application, that it was about' }),
          action: Type.String(),
          resource: Type.String(),
          decided: oneOf(VERDICTS),
          now: Decision,
        },
        { title: 'ExplainedDecision' },
      ),
    },
  },
  errors: ['not_found'],
})

/** `POST /access/who-can`. */
export const whoCan = route({
  operationId: 'access.whoCan',
  method: 'POST',
  path: '/access/who-can',
  tag: 'Access',
  summary: 'Which accounts below you may do that?',
  description:
    'Decides for one account after the other, so that a page may be short, or empty: go on until `next_cursor` is null.',
  auth: 'access',
  action: 'authctl:WhoCan',
  resource: 'account/${caller.path}',
  body: closed(
    {
      ...question,
      limit: Type.Optional(PageLimit),
      cursor: Type.Optional(Cursor),
    },
    { title: 'WhoCanQuestion' },
  ),
  responses: {
    200: {
      description: 'One page',
      schema: closed(
        { items: Type.Array(Account), next_cursor: nullable<string>({ type: 'string' }) },
        { title: 'WhoCanPage' },
      ),
    },
  },
  errors: [],
})
