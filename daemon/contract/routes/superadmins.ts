import { Type } from 'typebox'
import { createRoute } from '../role-routes.ts'
import { route } from '../route.ts'
import { closed, Password, Username } from '../schema.ts'
import { CreatedAccount } from '../schemas/account.ts'
import { name, newAccount } from '../schemas/new-account.ts'
import { applicationId, SignedIn } from '../schemas/sign-in.ts'

/** The body that creates a super-admin: always with a password, never with a phone. */
export const NewSuperAdmin = closed(
  { name, username: Username, password: Password, issue_token: newAccount.issue_token },
  { title: 'NewSuperAdmin' },
)

/** `POST /auth/superadmin/bootstrap`. */
export const bootstrap = route({
  operationId: 'superadmins.bootstrap',
  method: 'POST',
  path: '/auth/superadmin/bootstrap',
  tag: 'Accounts',
  summary: 'Create the first super-admin with the one-time set-up token',
  description:
    'The daemon writes the token to `setup-token` (mode 0600) in its data directory while no super-admin exists.',
  auth: 'none',
  body: closed(
    {
      setup_token: Type.String({ minLength: 1, maxLength: 128 }),
      name,
      username: Username,
      password: Password,
    },
    { title: 'Bootstrap' },
  ),
  responses: { 201: { description: 'The first super-admin, signed in', schema: CreatedAccount } },
  errors: [
    'invalid_setup_token',
    'already_bootstrapped',
    'password_unacceptable',
    'overloaded',
    'rate_limited',
  ],
})

/** `POST /auth/superadmin/create`. */
export const createSuperAdmin = route(
  createRoute({
    operationId: 'superadmins.create',
    path: '/auth/superadmin/create',
    action: 'authctl:CreateSuperAdmin',
    noun: 'super-admin',
    description: 'Super-admins only.',
    body: NewSuperAdmin,
  }),
)

/** `POST /auth/superadmin/login`. */
export const loginSuperAdmin = route({
  operationId: 'superadmins.login',
  method: 'POST',
  path: '/auth/superadmin/login',
  tag: 'Sign-in',
  summary: 'Sign a super-admin in by username and password',
  auth: 'none',
  body: closed(
    { username: Username, password: Password, client_id: applicationId },
    { title: 'SuperAdminLogin' },
  ),
  responses: { 200: { description: 'Logged in successfully', schema: SignedIn } },
  errors: ['invalid_credentials', 'overloaded', 'rate_limited'],
})
