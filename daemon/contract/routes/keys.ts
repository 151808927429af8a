import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed } from '../schema.ts'

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
