import { Type, type TObjectOptions, type TProperties } from 'typebox'
import { closed, Cursor, oneOf } from '../schema.ts'

/** How many evaluations one call may hold. */
export const MAX_EVALUATIONS = 1000

const MAX_NAME = 512

const name = (description: string, example: string) =>
  Type.String({ minLength: 1, maxLength: MAX_NAME, description, examples: [example] })

/** What is asked: fields that are unknown here are passed over (AuthZEN 1.0, JSON Serialization). */
const asked = <P extends TProperties>(properties: P, options: TObjectOptions) =>
  Type.Object(properties, { additionalProperties: true, ...options })

const properties = (description: string) =>
  Type.Optional(Type.Unsafe<Record<string, unknown>>({ type: 'object', description }))

const ACCOUNT_TYPE = '`account`, the role that the account has, or `application`'
const subjectType = name(ACCOUNT_TYPE, 'account')
const resourceType = name('The type of a resource, as its service declares it', 'order')

const subject = {
  type: subjectType,
  id: name('The id of the account, or of the application', 'cli_01k3v9xq2m8rjt5w7ybd4gnhce'),
  properties: properties('Not looked at: what an account is, the server knows'),
}
const action = {
  name: name('`service:Verb`', 'orders:Read'),
  properties: properties(
    'Each is the context key `service.<name>`, if the service of the action declares it',
  ),
}

const RESOURCE_PROPERTIES = 'Each is the context key `resource.<name>`'

const resource = {
  type: resourceType,
  id: name('Its path, without the type', '42'),
  properties: properties(RESOURCE_PROPERTIES),
}

const Subject = asked(subject, { title: 'AuthZenSubject' })
const Action = asked(action, { title: 'AuthZenAction' })
const Resource = asked(resource, { title: 'AuthZenResource' })

const context = properties(
  'Context keys that the services declare, such as `orders.total`; the same in objects, such as `{"orders": {"total": 120}}`. What is of no service that the subject knows is passed over',
)

const Evaluation = {
  subject: Subject,
  action: Action,
  resource: Resource,
  context,
}

/** A question in the words of AuthZEN (section 6.1). */
export const EvaluationRequest = asked(Evaluation, { title: 'AuthZenEvaluationRequest' })

/** What one of many says, or all of them together: what one lacks may be in the other. */
const Part = asked(
  {
    subject: Type.Optional(Type.Partial(Subject, { title: 'AuthZenSubjectPart' })),
    action: Type.Optional(Type.Partial(Action, { title: 'AuthZenActionPart' })),
    resource: Type.Optional(Type.Partial(Resource, { title: 'AuthZenResourcePart' })),
    context,
  },
  { title: 'AuthZenPart' },
)

const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const

/** Many questions, with what those have in common said once (section 7.1). */
export const EvaluationsRequest = asked(
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
      asked(
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
  asked(
    {
      token: Type.Optional(
        Type.Union([Cursor, Type.Literal('')], {
          description: 'The `next_token` of the page before, for the same question',
        }),
      ),
      limit: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 2 ** 31 - 1,
          description: 'Results a page, at most; default 50, never more than 200',
        }),
      ),
    },
    { title: 'AuthZenPage' },
  ),
)

/** Who may do this to that? (section 8.4) */
export const SubjectSearch = asked(
  {
    subject: asked(
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
export const ResourceSearch = asked(
  {
    subject: Subject,
    action: Action,
    resource: asked(
      { type: resourceType, properties: properties(RESOURCE_PROPERTIES) },
      { title: 'AuthZenResourceType' },
    ),
    context,
    page,
  },
  { title: 'AuthZenResourceSearch' },
)

/** What may be done to that? (section 8.6) */
export const ActionSearch = asked(
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
