import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed, Detail } from '../schema.ts'
import { DOCUMENT_BYTES, DOCUMENT_KEYS, NamespaceQuery, textOf } from '../schemas/policy-text.ts'

const ServiceDeclaration = textOf(
  'ServiceDeclaration',
  'What an application has to decide: `service`, `actions`, `resource_types` and `context_keys`; the schema is at /schemas/service',
  {
    service: 'orders',
    actions: { Read: { resources: ['order'] } },
    resource_types: { order: {} },
  },
)

const Service = closed(
  { namespace: Type.String(), hash: Type.String(), service: ServiceDeclaration },
  { title: 'Service' },
)

const serviceParams = closed({
  name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$', description: 'The name of the service' }),
})

/** `GET /services`. */
export const listServices = route({
  operationId: 'services.list',
  method: 'GET',
  path: '/services',
  tag: 'Policies',
  summary: 'The services that your policies can name',
  auth: 'access',
  action: 'authctl:ListServices',
  resource: 'account/${caller.path}',
  responses: {
    200: {
      description: 'Those of the accounts above you, and your own',
      schema: closed({ items: Type.Array(Service) }, { title: 'ServiceList' }),
    },
  },
  errors: [],
})

/** `PUT /services/{name}`. */
export const putService = route({
  operationId: 'services.put',
  method: 'PUT',
  path: '/services/{name}',
  tag: 'Policies',
  summary: 'Declare a service of an application',
  auth: 'access',
  action: 'authctl:PutService',
  resource: 'account/${caller.path}',
  params: serviceParams,
  query: closed({ namespace: NamespaceQuery }),
  body: ServiceDeclaration,
  precondition: true,
  maxBodyBytes: DOCUMENT_BYTES,
  maxBodyKeys: DOCUMENT_KEYS,
  responses: {
    200: { description: 'Replaced', schema: Service },
    201: { description: 'Created', schema: Service },
  },
  errors: [
    'not_found',
    'policy_invalid',
    'policy_in_use',
    'limit_reached',
    'would_lock_out',
    'invariant_broken',
  ],
})

/** `DELETE /services/{name}`. */
export const deleteService = route({
  operationId: 'services.delete',
  method: 'DELETE',
  path: '/services/{name}',
  tag: 'Policies',
  summary: 'Take a service back that no policy names',
  auth: 'access',
  action: 'authctl:DeleteService',
  resource: 'account/${caller.path}',
  params: serviceParams,
  query: closed({ namespace: NamespaceQuery }),
  precondition: true,
  responses: { 200: { description: 'Deleted', schema: Detail } },
  errors: ['not_found', 'policy_in_use', 'would_lock_out', 'invariant_broken', 'approval_required'],
})
