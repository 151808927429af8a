import { route } from '../route.ts'
import { closed, Detail, Password } from '../schema.ts'

/** `POST /auth/password/change`. */
export const changePassword = route({
  operationId: 'passwords.change',
  method: 'POST',
  path: '/auth/password/change',
  tag: 'Sign-in',
  summary: "Change the caller's password",
  description: 'Needs the current one. Ends every other session and the refresh key of the account.',
  auth: 'session',
  action: 'authctl:ChangePassword',
  resource: 'account/${caller.path}',
  body: closed({ current_password: Password, new_password: Password }, { title: 'ChangePassword' }),
  responses: {
    200: { description: 'Changed', schema: Detail },
  },
  errors: ['invalid_credentials', 'password_unacceptable', 'overloaded', 'rate_limited'],
})
