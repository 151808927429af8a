import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed, nullable, oneOf, Timestamp } from '../schema.ts'

/** `GET /.well-known/jwks.json`. */
export const getJwks = route({
  operationId: 'keys.jwks',
  method: 'GET',
  path: '/.well-known/jwks.json',
  tag: 'Tokens',
  summary: 'The public keys that verify access tokens (RFC 7517)',
  description: 'Empty while tokens are HS256 under `JWT_SECRET`.',
  auth: 'none',
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

/** What a signing key can be. */
export const KEY_STATES = ['next', 'active', 'retiring', 'retired', 'revoked'] as const

const SigningKey = closed(
  {
    kid: Type.String(),
    state: oneOf(KEY_STATES, {
      description:
        '`next`: published, not used yet. `active`: signs. `retiring`: what it has signed is accepted until it expires. `retired`: no longer published. `revoked`: what it has signed is refused',
    }),
    created_at: Timestamp,
    active_from: Timestamp,
    revoked_at: nullable<string>({ type: 'string', format: 'date-time' }),
  },
  { title: 'SigningKey' },
)

const SUPER_ADMINS =
  'For super-admins only, whatever a policy says; not while tokens are HS256 under `JWT_SECRET`.'

/** `GET /keys`. */
export const listKeys = route({
  operationId: 'keys.list',
  method: 'GET',
  path: '/keys',
  tag: 'Tokens',
  summary: 'The keys that sign access tokens, oldest first',
  description: SUPER_ADMINS,
  auth: 'access',
  action: 'authctl:ListKeys',
  resource: 'key/all',
  responses: {
    200: {
      description: 'Every key of the store',
      schema: closed({ items: Type.Array(SigningKey) }, { title: 'SigningKeyList' }),
    },
  },
  errors: [],
})

/** `POST /keys/rotate`. */
export const rotateKeys = route({
  operationId: 'keys.rotate',
  method: 'POST',
  path: '/keys/rotate',
  tag: 'Tokens',
  summary: 'Add the next key that signs access tokens',
  description: `Published at once on every daemon; it signs ten minutes later, when everybody who keeps the published keys has seen it, and nobody is signed out. While a key waits already, that one is answered. ${SUPER_ADMINS}`,
  auth: 'access',
  action: 'authctl:RotateKeys',
  resource: 'key/all',
  body: closed(
    {
      now: Type.Optional(
        Type.Boolean({
          description:
            'Sign with it in two seconds: others than authctl may refuse its tokens for five minutes',
        }),
      ),
    },
    { title: 'KeyRotation', examples: [{ now: true }] },
  ),
  responses: { 200: { description: 'The key that comes next', schema: SigningKey } },
  errors: [],
})

/** `POST /keys/{kid}/revoke`. */
export const revokeKey = route({
  operationId: 'keys.revoke',
  method: 'POST',
  path: '/keys/{kid}/revoke',
  tag: 'Tokens',
  summary: 'End every access token that a key has signed',
  description: `For a key that somebody else may have. Answered when every daemon refuses them, after two seconds; where it is the key that signs, a successor takes over first. Sessions go on: clients get a new access token with their refresh token. ${SUPER_ADMINS}`,
  auth: 'access',
  action: 'authctl:RevokeKey',
  resource: 'key/{kid}',
  params: closed({ kid: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }) }),
  responses: { 200: { description: 'The key, revoked', schema: SigningKey } },
  errors: ['not_found'],
})
