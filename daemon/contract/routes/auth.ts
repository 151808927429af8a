import { route } from '../route.ts'
import { Detail } from '../schema.ts'
import { Account } from '../schemas/account.ts'

/** `GET /auth/me`. */
export const getMe = route({
  operationId: 'auth.me',
  method: 'GET',
  path: '/auth/me',
  tag: 'Sessions',
  summary: 'The account that the token belongs to',
  auth: 'access',
  action: 'authctl:GetSelf',
  resource: 'account/${caller.path}',
  responses: { 200: { description: 'The account', schema: Account } },
  errors: [],
})

/** `POST /auth/logout`. */
export const logout = route({
  operationId: 'auth.logout',
  method: 'POST',
  path: '/auth/logout',
  tag: 'Sessions',
  summary: 'End the session of this token',
  auth: 'session',
  action: 'authctl:Logout',
  resource: 'session/${caller.path}',
  responses: {
    200: { description: 'Ended', schema: Detail },
  },
  errors: [],
})
