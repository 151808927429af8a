import { Type } from 'typebox'
import { closed, nullable, oneOf } from '../schema.ts'
import { AccountId } from './account.ts'
import { decision, VERDICTS } from './decision.ts'
import { setFields } from './plan-request.ts'
import { question } from './question.ts'

/** How many questions one request may hold. */
const MAX_QUESTIONS = 10_000
const EPOCH_SECONDS = { minimum: 0, maximum: 99_999_999_999 } as const

const RecordedQuestion = closed(
  {
    account: Type.Unsafe<string>({ ...AccountId, description: 'Who asked, or was asked about' }),
    ...question,
    hidden: Type.Optional(
      Type.Array(Type.String({ maxLength: 256 }), {
        maxItems: 64,
        description: 'Context keys that the question had, and whose values were not kept',
      }),
    ),
    at: Type.Array(Type.Integer(EPOCH_SECONDS), {
      minItems: 1,
      maxItems: 8,
      description: 'When it was asked, in epoch seconds; all but the first matter only to policies of times',
    }),
  },
  { title: 'RecordedQuestion' },
)

/** The body of a replay: a set, and recorded questions. */
export const ReplayRequest = closed(
  {
    ...setFields,
    questions: Type.Array(RecordedQuestion, {
      minItems: 1,
      maxItems: MAX_QUESTIONS,
      description: 'As the daemon has recorded them, each once',
      examples: [
        [
          {
            account: 'adm_01j0z0a0b0c0d0e0f0g0h0j0k0',
            action: 'places:List',
            resource: 'place/any',
            context: { 'request.ip': '203.0.113.7' },
            at: [1_764_000_000],
          },
        ],
      ],
    }),
  },
  { title: 'ReplayRequest' },
)

const ReplayedDecision = closed(
  {
    decision: oneOf(VERDICTS),
    reason: decision.reason,
    layer: nullable<string>(
      { type: 'string' },
      {
        description:
          '`own of ID` or `boundary of ID`: the layer that decided, or that allows what was denied',
      },
    ),
    statement: Type.Union(
      [
        closed(
          {
            policy: Type.String(),
            statement: Type.Integer({ description: 'Its number in the policy, from 0' }),
            sid: nullable<string>({ type: 'string' }),
            effect: oneOf(['Allow', 'Deny'] as const),
            source: nullable<string>(
              { type: 'string' },
              { description: '`file:line:column`, if that is known' },
            ),
          },
          { title: 'DecidingStatement' },
        ),
        Type.Null(),
      ],
      { description: 'The one that decides; null where none allows' },
    ),
  },
  { title: 'ReplayedDecision' },
)

/** What the recorded questions would be answered. */
export const Replay = closed(
  {
    base: closed(
      { revision: nullable<string>({ type: 'string' }), number: Type.Integer() },
      { title: 'ReplayBase' },
    ),
    examined: Type.Integer({ description: 'How many were decided, before and after' }),
    unknown_account: Type.Integer({
      description: 'Left out: of accounts that are gone, or that you do not see',
    }),
    private_value: Type.Integer({ description: 'Left out: a policy compares a value that was not kept' }),
    changes: Type.Array(
      closed(
        {
          question: Type.Integer({ description: 'Its number in the request, from 0' }),
          at: Type.Integer({ description: 'The time for which it changes, in epoch seconds' }),
          before: ReplayedDecision,
          after: ReplayedDecision,
        },
        { title: 'ReplayChange' },
      ),
      { description: 'The questions whose answer would change, in their order' },
    ),
  },
  { title: 'Replay' },
)
