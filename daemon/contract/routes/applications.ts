import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed, Cursor, Detail, oneOf, PageLimit } from '../schema.ts'
import { AccountId } from '../schemas/account.ts'
import {
  Application,
  APPLICATION_STATUSES,
  ApplicationName,
  ApplicationPage,
  applicationParams,
  ApplicationReply,
  ApplicationWithKey,
  KeyExpiry,
  SentPublicKeys,
  SessionPolicies,
} from '../schemas/application.ts'

/** `GET /applications`. */
export const listApplications = route({
  operationId: 'applications.list',
  method: 'GET',
  path: '/applications',
  tag: 'Applications',
  summary: 'List the applications of the caller and of accounts below it',
  description: 'Keyset-paged, oldest first.',
  auth: 'access',
  action: 'authctl:ListApplications',
  resource: 'application/${caller.path}',
  query: closed({
    owner_id: Type.Optional(AccountId),
    limit: Type.Optional(PageLimit),
    cursor: Type.Optional(Cursor),
  }),
  responses: { 200: { description: 'One page', schema: ApplicationPage } },
  errors: ['not_found'],
})

/** `POST /applications`. */
export const createApplication = route({
  operationId: 'applications.create',
  method: 'POST',
  path: '/applications',
  tag: 'Applications',
  summary: 'Create an application with its first service key',
  description:
    'An application acts for an admin, a client or a sub-client: its owner, which is the caller unless `owner_id` names an account below it. It may do what its owner may do, narrowed by `policies`. An account has at most 50.',
  auth: 'access',
  action: 'authctl:CreateApplication',
  resource: 'application/${caller.path}',
  idempotent: true,
  body: closed(
    {
      name: ApplicationName,
      owner_id: Type.Optional(AccountId),
      policies: Type.Optional(SessionPolicies),
      key_expires_in: Type.Optional(KeyExpiry),
      jwks: Type.Optional(SentPublicKeys),
    },
    { title: 'NewApplication' },
  ),
  responses: { 201: { description: 'Created', schema: ApplicationWithKey } },
  errors: ['not_found', 'exceeds_ceiling', 'limit_reached'],
})

/** `GET /applications/{id}`. */
export const getApplication = route({
  operationId: 'applications.get',
  method: 'GET',
  path: '/applications/{id}',
  tag: 'Applications',
  summary: 'Read one application',
  auth: 'access',
  action: 'authctl:GetApplication',
  target: 'application',
  resource: 'application/${target.path}',
  params: applicationParams,
  responses: { 200: { description: 'The application', schema: Application } },
  errors: ['not_found'],
})

/** `PATCH /applications/{id}`. */
export const updateApplication = route({
  operationId: 'applications.update',
  method: 'PATCH',
  path: '/applications/{id}',
  tag: 'Applications',
  summary: 'Rename, narrow, disable or enable an application, or change its public keys',
  description:
    'What is left out stays; `policies` and `jwks` are each replaced as a whole, and the tokens of a public key that goes end with it. `jwks` also needs `authctl:RotateApplication`. It takes effect with the next request that a token of the application makes. With `If-Match` it is done only if the application is as it was read.',
  auth: 'access',
  action: 'authctl:UpdateApplication',
  target: 'application',
  resource: 'application/${target.path}',
  params: applicationParams,
  body: closed(
    {
      name: Type.Optional(ApplicationName),
      status: Type.Optional(oneOf(APPLICATION_STATUSES)),
      policies: Type.Optional(SessionPolicies),
      jwks: Type.Optional(SentPublicKeys),
    },
    { title: 'ApplicationChanges', minProperties: 1 },
  ),
  responses: { 200: { description: 'The application', schema: ApplicationReply } },
  errors: ['not_found', 'exceeds_ceiling', 'limit_reached', 'precondition_failed'],
})

/** `POST /applications/{id}/rotate`. */
export const rotateApplication = route({
  operationId: 'applications.rotate',
  method: 'POST',
  path: '/applications/{id}/rotate',
  tag: 'Applications',
  summary: 'Give an application a new service key',
  description:
    'The key before ends `overlap_seconds` from now, or at once with 0, and with it the tokens that it has issued. Two keys are live at most: while the one before has not ended, only 0 gives another. Of two rotations at the same time one is made. Asked for by an application, the new key ends no later than the key by which it asks.',
  auth: 'access',
  action: 'authctl:RotateApplication',
  target: 'application',
  resource: 'application/${target.path}',
  params: applicationParams,
  idempotent: true,
  body: closed(
    {
      overlap_seconds: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 30 * 86_400,
          default: 86_400,
          examples: [3600],
          description: 'How long the key before goes on. Default: a day',
        }),
      ),
      key_expires_in: Type.Optional(KeyExpiry),
    },
    { title: 'ServiceKeyRotation' },
  ),
  responses: { 200: { description: 'The application with its new key', schema: ApplicationWithKey } },
  errors: ['not_found', 'exceeds_ceiling', 'limit_reached', 'precondition_failed'],
})

/** `DELETE /applications/{id}`. */
export const deleteApplication = route({
  operationId: 'applications.delete',
  method: 'DELETE',
  path: '/applications/{id}',
  tag: 'Applications',
  summary: 'Delete an application',
  description: 'Its keys and its tokens end with the next request. Its id is never used again.',
  auth: 'access',
  action: 'authctl:DeleteApplication',
  target: 'application',
  resource: 'application/${target.path}',
  params: applicationParams,
  responses: { 200: { description: 'Deleted', schema: Detail } },
  errors: ['not_found'],
})
