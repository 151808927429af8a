import { Type } from 'typebox'
import { closed, nullable, oneOf, Timestamp } from '../schema.ts'

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
  client_assertion_type: Type.Optional(
    Parameter(256, '`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, where there is an assertion'),
  ),
  client_assertion: Type.Optional(
    Parameter(MAX_TOKEN, 'In place of a service key: a JWT that one of its own keys has signed (RFC 7523)'),
  ),
}

const SCOPE = Parameter(4096, 'What the token is for, of what the application may')

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
    device_code: Type.Optional(Parameter(256, 'For `device_code`: what the device was handed')),
    scope: Type.Optional(SCOPE),
  },
  { title: 'OAuthTokenRequest' },
)

const TOKEN_PARAMETERS = {
  token: Parameter(MAX_TOKEN, 'The access token or the refresh token'),
  token_type_hint: Type.Optional(Parameter(256, 'Which of both it is; nothing depends on it')),
  ...CLIENT_PARAMETERS,
}

/** A question what a token is (RFC 7662 section 2.1). */
export const IntrospectionRequest = closed(TOKEN_PARAMETERS, { title: 'IntrospectionRequest' })

/** What a token is (RFC 7662 section 2.2); only `active` of one that is worth nothing to the caller. */
export const Introspection = closed(
  {
    active: Type.Boolean({ description: 'Whether it is live, and for the caller to know of' }),
    iss: Type.Optional(Type.String()),
    sub: Type.Optional(Type.String({ description: 'The account or the application' })),
    aud: Type.Optional(Type.String()),
    exp: Type.Optional(Type.Integer()),
    iat: Type.Optional(Type.Integer()),
    client_id: Type.Optional(Type.String()),
    token_type: Type.Optional(Type.Literal('Bearer')),
    scope: Type.Optional(Type.String()),
    sid: Type.Optional(Type.String({ description: 'The session, where there is one' })),
    role: Type.Optional(Type.String()),
    username: Type.Optional(Type.String()),
  },
  { title: 'Introspection' },
)

/** A token that is to end (RFC 7009 section 2.1). */
export const RevocationRequest = closed(TOKEN_PARAMETERS, { title: 'RevocationRequest' })

/** Nothing is said of whether there was such a token (RFC 7009 section 2.2). */
export const Revocation = closed({}, { title: 'Revocation' })

/** A device that asks to be signed in (RFC 8628 section 3.1). */
export const DeviceAuthorizationRequest = closed(
  { ...CLIENT_PARAMETERS, scope: Type.Optional(SCOPE) },
  { title: 'DeviceAuthorizationRequest' },
)

/** A user code as it is shown and as it is typed. */
const UserCode = (maxLength: number) =>
  Type.String({
    minLength: 1,
    maxLength,
    description: 'Eight letters; case, spaces and dashes do not count',
    examples: ['WDJB-MJHT'],
  })

/** What the device does next (RFC 8628 section 3.2). */
export const DeviceAuthorization = closed(
  {
    device_code: Type.String({ description: 'For the token endpoint; it stays in the device' }),
    user_code: UserCode(9),
    verification_uri: Type.String({ description: 'Where somebody types the user code' }),
    verification_uri_complete: Type.String({ description: 'The same with the code in it, for a QR code' }),
    expires_in: Type.Integer({ description: 'Life of both codes in seconds' }),
    interval: Type.Integer({ description: 'Seconds between two questions at the token endpoint' }),
  },
  { title: 'DeviceAuthorization' },
)

/** What somebody decides about a device. */
export const DeviceDecision = closed(
  { user_code: UserCode(64), decision: oneOf(['approve', 'deny']) },
  { title: 'DeviceDecision' },
)

/** A device about which somebody has decided. */
export const DecidedDevice = closed(
  {
    detail: Type.String(),
    client_id: Type.String({ description: 'The application that runs on it' }),
    ip: nullable<string>({ type: 'string' }, { description: 'From where it asked' }),
    user_agent: nullable<string>({ type: 'string' }),
    created_at: Timestamp,
  },
  { title: 'DecidedDevice' },
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
    introspection_endpoint: URL('What a token is (RFC 7662)'),
    introspection_endpoint_auth_methods_supported: NAMES('How applications authenticate there'),
    introspection_endpoint_auth_signing_alg_values_supported: NAMES('How assertions are signed'),
    revocation_endpoint: URL('Where tokens end (RFC 7009)'),
    revocation_endpoint_auth_methods_supported: NAMES('How applications authenticate there'),
    revocation_endpoint_auth_signing_alg_values_supported: NAMES('How assertions are signed'),
    device_authorization_endpoint: URL('Where devices ask to be signed in'),
    jwks_uri: URL('The public keys that verify access tokens'),
    response_types_supported: NAMES('Empty: there is no authorization endpoint'),
    grant_types_supported: NAMES('The values of `grant_type`'),
    token_endpoint_auth_methods_supported: NAMES('How applications authenticate there'),
    token_endpoint_auth_signing_alg_values_supported: NAMES('How assertions are signed'),
  },
  { title: 'ServerMetadata' },
)
