import { Type } from 'typebox'
import { closed, Cursor, oneOf } from '../schema.ts'

/** How many evaluations one call may hold. */
export const MAX_EVALUATIONS = 1000

const name = (maxLength: number, description: string, example: string) =>
  Type.String({ minLength: 1, maxLength, description, examples: [example] })

const properties = (description: string) =>
  Type.Optional(Type.Unsafe<Record<string, unknown>>({ type: 'object', description }))

const ACCOUNT_TYPE = '`account`, the role that the account has, or `application`'
const subjectType = name(64, ACCOUNT_TYPE, 'account')
const resourceType = name(32, 'The type of a resource, as its service declares it', 'order')

const Subject = closed(
  {
    type: subjectType,
    id: name(64, 'The id of the account, or of the application', 'cli_01k3v9xq2m8rjt5w7ybd4gnhce'),
    properties: properties('Not looked at: what an account is, the server knows'),
  },
  { title: 'AuthZenSubject' },
)

const Action = closed(
  { name: name(128, '`service:Verb`', 'orders:Read'), properties: properties('Not looked at') },
  { title: 'AuthZenAction' },
)

const RESOURCE_PROPERTIES = 'Each is the context key `resource.<name>`'

const Resource = closed(
  {
    type: resourceType,
    id: name(480, 'Its path, without the type', '42'),
    properties: properties(RESOURCE_PROPERTIES),
  },
  { title: 'AuthZenResource' },
)

const context = properties(
  'Context keys that the services declare, such as `orders.total`; the same in objects, such as `{"orders": {"total": 120}}`',
)

const Evaluation = {
  subject: Subject,
  action: Action,
  resource: Resource,
  context,
}

/** A question in the words of AuthZEN (section 6.1). */
export const EvaluationRequest = closed(Evaluation, { title: 'AuthZenEvaluationRequest' })

const Part = closed(
  {
    subject: Type.Optional(Subject),
    action: Type.Optional(Action),
    resource: Type.Optional(Resource),
    context,
  },
  { title: 'AuthZenPart' },
)

const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const

/** Many questions, with what those have in common said once (section 7.1). */
export const EvaluationsRequest = closed(
  {
    ...Part.properties,
    evaluations: Type.Optional(
      Type.Array(Part, {
        maxItems: MAX_EVALUATIONS,
        examples: [
          [
            {
              subject: { type: 'account', id: 'cli_01k3v9xq2m8rjt5w7ybd4gnhce' },
              action: { name: 'orders:Read' },
              resource: { type: 'order', id: '42' },
            },
          ],
        ],
        description: 'What each does not say is taken from above; without any, the request is one question',
      }),
    ),
    options: Type.Optional(
      closed(
        {
          evaluations_semantic: Type.Optional(
            oneOf(SEMANTICS, {
              description:
                '`deny_on_first_deny` and `permit_on_first_permit` end with the first of that kind',
            }),
          ),
        },
        { title: 'AuthZenOptions' },
      ),
    ),
  },
  { title: 'AuthZenEvaluationsRequest' },
)

const decided = {
  decision: Type.Boolean({ description: 'Whether the subject may' }),
  context: Type.Optional(
    closed(
      {
        decision_id: Type.Optional(Type.String({ description: '`POST /access/explain` takes it' })),
        reason: Type.Optional(
          Type.String({ description: 'Why no policy was asked, such as `unknown_action`' }),
        ),
        error: Type.Optional(
          closed(
            { status: Type.Integer(), message: Type.String() },
            { title: 'AuthZenError', description: 'Why one of many could not be decided' },
          ),
        ),
      },
      { title: 'AuthZenDecisionContext' },
    ),
  ),
}

/** The answer to a question (section 6.2). */
export const EvaluationResponse = closed(decided, { title: 'AuthZenDecision' })

/** The answers to many questions, or to one (section 7.2). */
export const EvaluationsResponse = closed(
  {
    decision: Type.Optional(decided.decision),
    context: decided.context,
    evaluations: Type.Optional(
      Type.Array(EvaluationResponse, { description: 'In the order of the questions' }),
    ),
  },
  { title: 'AuthZenDecisions' },
)

const page = Type.Optional(
  closed(
    {
      token: Type.Optional(
        Type.Union([Cursor, Type.Literal('')], { description: 'The `next_token` of the page before' }),
      ),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 200, description: 'Results a page, at most; default 50' }),
      ),
    },
    { title: 'AuthZenPage' },
  ),
)

/** Who may do this to that? (section 8.4) */
export const SubjectSearch = closed(
  {
    subject: closed(
      { type: subjectType, properties: properties('Not looked at') },
      { title: 'AuthZenSubjectType' },
    ),
    action: Action,
    resource: Resource,
    context,
    page,
  },
  { title: 'AuthZenSubjectSearch' },
)

/** To what may this be done? (section 8.5) */
export const ResourceSearch = closed(
  {
    subject: Subject,
    action: Action,
    resource: closed(
      { type: resourceType, properties: properties(RESOURCE_PROPERTIES) },
      { title: 'AuthZenResourceType' },
    ),
    context,
    page,
  },
  { title: 'AuthZenResourceSearch' },
)

/** What may be done to that? (section 8.6) */
export const ActionSearch = closed(
  { subject: Subject, resource: Resource, context, page },
  { title: 'AuthZenActionSearch' },
)

const NextPage = closed(
  {
    next_token: Type.String({ description: 'Empty on the last page' }),
    count: Type.Integer({ description: 'Results on this page' }),
  },
  { title: 'AuthZenNextPage' },
)

const Entity = closed({ type: Type.String(), id: Type.String() }, { title: 'AuthZenEntity' })

/** Subjects or resources that a search found (section 8.3). */
export const EntityResults = closed(
  { page: NextPage, results: Type.Array(Entity) },
  { title: 'AuthZenEntities' },
)

/** Actions that a search found (section 8.3). */
export const ActionResults = closed(
  { page: NextPage, results: Type.Array(closed({ name: Type.String() }, { title: 'AuthZenActionName' })) },
  { title: 'AuthZenActions' },
)

const url = (description: string) => Type.String({ description })

/** Where this decision point answers (section 9). */
export const AuthZenMetadata = closed(
  {
    policy_decision_point: url('The issuer, byte for byte'),
    access_evaluation_endpoint: url('One question'),
    access_evaluations_endpoint: url('Many questions'),
    search_subject_endpoint: url('Who may'),
    search_resource_endpoint: url('To what'),
    search_action_endpoint: url('What'),
  },
  { title: 'AuthZenMetadata' },
)
