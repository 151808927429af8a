import { Type } from 'typebox'
import { closed } from '../schema.ts'

const MAX_TOKEN = 8192

const Parameter = (maxLength: number, description: string, examples: readonly string[] = []) =>
  Type.String({ maxLength, description, ...(examples.length === 0 ? {} : { examples: [...examples] }) })

/** The parameters by which an application says who it is (RFC 6749 section 2.3.1). */
const CLIENT_PARAMETERS = {
  client_id: Type.Optional(
    Parameter(64, 'The application, unless the `Authorization` header names it', ['authctl-cli']),
  ),
  client_secret: Type.Optional(
    Parameter(256, 'Its service key, unless the `Authorization: Basic` header has it'),
  ),
}

/** What the token endpoint takes; which parameters belong together depends on `grant_type`. */
export const TokenRequest = closed(
  {
    grant_type: Parameter(256, 'The way in which the token is asked for', ['refresh_token']),
    ...CLIENT_PARAMETERS,
    refresh_token: Type.Optional(
      Parameter(MAX_TOKEN, 'For `refresh_token`: the token, which is replaced at every use', [
        'authctl_rt_MDFrM3Y5enQ3ZTFxd2I2bTNreGZkcm5qOGgAAAAA',
      ]),
    ),
    scope: Type.Optional(Parameter(4096, 'What the token is for, of what the application may')),
  },
  { title: 'OAuthTokenRequest' },
)

/** A token as OAuth answers it (RFC 6749 section 5.1). */
export const OAuthToken = closed(
  {
    access_token: Type.String({ description: 'JWT, `typ: at+jwt`' }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Life of the access token in seconds' }),
    scope: Type.Optional(Type.String({ description: 'What the token is narrowed to, where that was asked' })),
    refresh_token: Type.Optional(
      Type.String({ description: 'Opaque, prefix `authctl_rt_`, single use; where there is a session' }),
    ),
  },
  { title: 'OAuthToken' },
)

const URL = (description: string) => Type.String({ description })
const NAMES = (description: string) => Type.Array(Type.String(), { description })

/** What this server can do (RFC 8414 section 2). */
export const ServerMetadata = closed(
  {
    issuer: URL('The `iss` of every token, byte for byte'),
    token_endpoint: URL('Where tokens are asked for'),
    jwks_uri: URL('The public keys that verify access tokens'),
    response_types_supported: NAMES('Empty: there is no authorization endpoint'),
    grant_types_supported: NAMES('The values of `grant_type`'),
    token_endpoint_auth_methods_supported: NAMES('How applications authenticate there'),
  },
  { title: 'ServerMetadata' },
)
