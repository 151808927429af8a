import { CREATE_BELOW_ERRORS, createRoute, loginRoute } from '../role-routes.ts'
import { route } from '../route.ts'
import { closed } from '../schema.ts'
import { credentialRules, newAccount } from '../schemas/new-account.ts'

/** The body that creates an admin. */
export const NewAdmin = closed(newAccount, { title: 'NewAdmin', ...credentialRules })

/** `POST /auth/admin/create`. */
export const createAdmin = route({
  ...createRoute({
    operationId: 'admins.create',
    path: '/auth/admin/create',
    action: 'authctl:CreateAdmin',
    noun: 'admin',
    description: 'Super-admins only.',
    body: NewAdmin,
  }),
  errors: CREATE_BELOW_ERRORS,
})

/** `POST /auth/admin/login`. */
export const loginAdmin = route(loginRoute('admins.login', '/auth/admin/login', 'an admin'))
