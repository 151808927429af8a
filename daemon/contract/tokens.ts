import { Type } from 'typebox'
import { route } from './route.ts'
import { ClientId, closed } from './schema.ts'

/** What a sign-in hands out: a JWT access token (RFC 9068) and an opaque refresh token. */
export const Token = closed(
  {
    access_token: Type.String({ description: 'JWT, `typ: at+jwt`' }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Life of the access token in seconds' }),
    refresh_token: Type.String({ description: 'Opaque, prefix `authctl_rt_`, single use' }),
  },
  { title: 'Token' },
)

export const TokenReply = closed({ detail: Type.String(), token: Token }, { title: 'TokenReply' })

const RefreshKey = Type.String({
  minLength: 6,
  maxLength: 256,
  description: 'The secret refresh key, at least 6 characters',
})

export const setRefreshKey = route({
  operationId: 'refreshKeys.set',
  method: 'POST',
  path: '/user/access/refresh-key',
  alias: '/user/access/setrefreshkey/{new_key}',
  tag: 'Tokens',
  summary: "Set or change the caller's secret refresh key",
  description:
    'With it, an expired access token can be renewed without SMS. Changing it needs `old_key`; wrong old keys count towards the lock.',
  auth: 'access',
  action: 'authctl:SetRefreshKey',
  resource: 'account/${caller.path}',
  body: closed({ new_key: RefreshKey, old_key: Type.Optional(RefreshKey) }, { title: 'NewRefreshKey' }),
  responses: {
    200: { description: 'The key is set', schema: closed({ detail: Type.String() }, { title: 'Detail' }) },
  },
  errors: ['old_key_required', 'invalid_refresh_key', 'refresh_key_locked'],
})

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
  errors: ['invalid_refresh_key', 'refresh_key_locked', 'rate_limited'],
})

export const refreshToken = route({
  operationId: 'tokens.refresh',
  method: 'POST',
  path: '/auth/token/refresh',
  tag: 'Tokens',
  summary: 'Rotate the refresh token',
  description:
    'The bearer is the refresh token. It is replaced at every use; within the grace window (default 10 s) its direct predecessor gets the same successor again. Any later or older reuse ends the session (RFC 9700 section 4.14).',
  auth: 'refresh',
  action: 'authctl:RefreshToken',
  resource: 'session/${caller.path}',
  body: closed({ client_id: Type.Optional(ClientId) }, { title: 'RefreshToken' }),
  responses: { 200: { description: 'The successor', schema: TokenReply } },
  errors: ['invalid_grant'],
})

export const getJwks = route({
  operationId: 'keys.jwks',
  method: 'GET',
  path: '/.well-known/jwks.json',
  tag: 'Tokens',
  summary: 'The public keys that verify access tokens (RFC 7517)',
  description: 'Empty while tokens are HS256 under `JWT_SECRET`.',
  auth: 'none',
  action: 'authctl:ReadJwks',
  resource: 'key/public',
  responses: {
    200: {
      description: 'A JWK set',
      contentType: 'application/jwk-set+json',
      schema: closed(
        {
          keys: Type.Array(
            closed({
              kty: Type.String(),
              crv: Type.Optional(Type.String()),
              x: Type.Optional(Type.String()),
              kid: Type.String(),
              use: Type.Literal('sig'),
              alg: Type.String(),
            }),
          ),
        },
        { title: 'JwkSet' },
      ),
    },
  },
  errors: [],
})
