import { Type } from 'typebox'
import { route } from '../route.ts'
import { ApplicationId, closed } from '../schema.ts'
import { RefreshKey, TokenReply } from '../schemas/token.ts'

/** `POST /user/access/regenerate-token`. */
export const regenerateToken = route({
  operationId: 'tokens.regenerate',
  method: 'POST',
  path: '/user/access/regenerate-token',
  alias: '/user/access/regeneratetoken/{refresh_key}',
  tag: 'Tokens',
  summary: 'Renew an expired access token with the refresh key, without SMS',
  description:
    'The bearer is an expired or live access token of the account whose session has not been ended. Five wrong keys lock the key until the next full sign-in. The new session keeps the absolute expiry of the old one.',
  auth: 'expired-access',
  action: 'authctl:RegenerateToken',
  resource: 'account/${caller.path}',
  body: closed({ refresh_key: RefreshKey }, { title: 'RegenerateToken' }),
  responses: { 200: { description: 'A new token', schema: TokenReply } },
  errors: ['invalid_refresh_key', 'refresh_key_locked'],
})

/** `POST /auth/token/refresh`. */
export const refreshToken = route({
  operationId: 'tokens.refresh',
  method: 'POST',
  path: '/auth/token/refresh',
  tag: 'Tokens',
  summary: 'Rotate the refresh token',
  description:
    'The bearer is the refresh token. It is replaced at every use; within the grace window (default 10 s) its direct predecessor gets the same successor again. Any later or older reuse ends the session (RFC 9700 section 4.14).',
  auth: 'refresh',
  body: closed({ client_id: Type.Optional(ApplicationId) }, { title: 'RefreshToken' }),
  responses: { 200: { description: 'The successor', schema: TokenReply } },
  errors: ['invalid_grant'],
})
