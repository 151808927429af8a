import { Type } from 'typebox'
import { CREATE_BELOW_ERRORS, createRoute, loginRoute } from '../role-routes.ts'
import { route } from '../route.ts'
import { closed } from '../schema.ts'
import { credentialRules, newAccount, parentId } from '../schemas/new-account.ts'

/** The body that creates a client. */
export const NewClient = closed(
  {
    ...newAccount,
    admin_id: Type.Optional(
      parentId('adm', 'The admin to create the client under; required of a super-admin, refused to others'),
    ),
  },
  { title: 'NewClient', ...credentialRules },
)

/** `POST /auth/client/create`. */
export const createClientAccount = route({
  ...createRoute({
    operationId: 'clients.create',
    path: '/auth/client/create',
    action: 'authctl:CreateClient',
    noun: 'client',
    description: 'An admin creates it under itself; a super-admin names the admin in `admin_id`.',
    body: NewClient,
  }),
  errors: CREATE_BELOW_ERRORS,
})

/** `POST /auth/client/login`. */
export const loginClient = route(loginRoute('clients.login', '/auth/client/login', 'a client'))
