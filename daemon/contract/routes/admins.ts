import { CREATE_BELOW_ERRORS, createRoute, loginRoute } from '../role-routes.ts'
import { route } from '../route.ts'
import { closed } from '../schema.ts'
import { credentialRules, newAccount } from '../schemas/new-account.ts'

export const NewAdmin = closed(newAccount, { title: 'NewAdmin', ...credentialRules })

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

export const loginAdmin = route(loginRoute('admins.login', '/auth/admin/login', 'an admin'))
