import { Type } from 'typebox'
import { CREATE_BELOW_ERRORS, createRoute, loginRoute } from '../role-routes.ts'
import { route } from '../route.ts'
import { closed } from '../schema.ts'
import { credentialRules, newAccount, parentId } from '../schemas/new-account.ts'

/** The body that creates a sub-client. */
export const NewSubClient = closed(
  {
    ...newAccount,
    client_id: Type.Optional(
      parentId(
        'cli',
        'The client to create the sub-client under; required of admins and super-admins, refused to others',
      ),
    ),
  },
  { title: 'NewSubClient', ...credentialRules },
)

/** `POST /auth/subclient/create`. */
export const createSubClient = route({
  ...createRoute({
    operationId: 'subclients.create',
    path: '/auth/subclient/create',
    action: 'authctl:CreateSubClient',
    noun: 'sub-client',
    description: 'A client creates it under itself; an admin or super-admin names the client in `client_id`.',
    body: NewSubClient,
  }),
  errors: CREATE_BELOW_ERRORS,
})

/** `POST /auth/subclient/login`. */
export const loginSubClient = route(loginRoute('subclients.login', '/auth/subclient/login', 'a sub-client'))
