import { route } from '../route.ts'
import {
  ActionResults,
  ActionSearch,
  AuthZenMetadata,
  EntityResults,
  EvaluationRequest,
  EvaluationResponse,
  EvaluationsRequest,
  EvaluationsResponse,
  ResourceSearch,
  SubjectSearch,
} from '../schemas/authzen.ts'

const ASK = {
  method: 'POST',
  tag: 'Access',
  auth: 'access',
  action: 'authctl:CheckAccess',
  resource: 'account/${caller.path}',
  maxBodyBytes: 192 * 1024,
  maxBodyKeys: 20_000,
  speaksAuthZen: true,
} as const

/** `POST /access/v1/evaluation`. */
export const evaluate = route({
  ...ASK,
  operationId: 'authzen.evaluate',
  path: '/access/v1/evaluation',
  summary: 'May this subject do that? (AuthZEN 1.0)',
  description:
    'The same decision as `POST /access/check`, in the words of AuthZEN. A subject that you do not see is denied like one that does not exist.',
  body: EvaluationRequest,
  responses: { 200: { description: 'The decision; a denial too', schema: EvaluationResponse } },
  errors: [],
})

/** `POST /access/v1/evaluations`. */
export const evaluateMany = route({
  ...ASK,
  operationId: 'authzen.evaluateMany',
  path: '/access/v1/evaluations',
  summary: 'Up to 1,000 questions at once (AuthZEN 1.0)',
  description:
    'One that cannot be decided, or lacks a part, is a denial with its error; the others are decided.',
  body: EvaluationsRequest,
  maxBodyBytes: 1024 * 1024,
  maxBodyKeys: 100_000,
  responses: { 200: { description: 'The decisions', schema: EvaluationsResponse } },
  errors: [],
})

/** `POST /access/v1/search/subject`. */
export const searchSubjects = route({
  ...ASK,
  operationId: 'authzen.searchSubjects',
  path: '/access/v1/search/subject',
  summary: 'Who may do this to that? (AuthZEN 1.0)',
  description:
    'The accounts below you, as `POST /access/who-can` finds them. A page may be short, or empty: go on until `next_token` is empty.',
  action: 'authctl:WhoCan',
  body: SubjectSearch,
  responses: { 200: { description: 'One page', schema: EntityResults } },
  errors: [],
})

/** `POST /access/v1/search/resource`. */
export const searchResources = route({
  ...ASK,
  operationId: 'authzen.searchResources',
  path: '/access/v1/search/resource',
  summary: 'To what may the subject do this? (AuthZEN 1.0)',
  description:
    "Accounts and places are found among all there are. The objects of applications are theirs: of those, the ones that the subject's policies name are found, without what a wildcard stands for. A page may be short, or empty: go on until `next_token` is empty.",
  body: ResourceSearch,
  responses: { 200: { description: 'One page', schema: EntityResults } },
  errors: [],
})

/** `POST /access/v1/search/action`. */
export const searchActions = route({
  ...ASK,
  operationId: 'authzen.searchActions',
  path: '/access/v1/search/action',
  summary: 'What may the subject do to that? (AuthZEN 1.0)',
  description:
    'Of the actions that services declare. What needs more context than the question has is not among them.',
  body: ActionSearch,
  responses: { 200: { description: 'One page', schema: ActionResults } },
  errors: [],
})

/** `GET /.well-known/authzen-configuration`. */
export const getAuthZenMetadata = route({
  operationId: 'authzen.metadata',
  method: 'GET',
  path: '/.well-known/authzen-configuration',
  tag: 'Access',
  summary: 'Where AuthZEN 1.0 is answered',
  auth: 'none',
  responses: { 200: { description: 'The metadata', schema: AuthZenMetadata } },
  errors: [],
})
