import { Type } from 'typebox'
import { closed } from '../schema.ts'

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

/** The answer of a route that hands out new tokens. */
export const TokenReply = closed({ detail: Type.String(), token: Token }, { title: 'TokenReply' })

/** The secret by which an expired access token is renewed. */
export const RefreshKey = Type.String({
  minLength: 6,
  maxLength: 256,
  description: 'The secret refresh key, at least 6 characters',
  examples: ['pelican-harbour-17'],
})
