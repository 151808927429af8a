import { route } from '../route.ts'
import {
  DeviceAuthorization,
  DeviceAuthorizationRequest,
  Introspection,
  IntrospectionRequest,
  OAuthToken,
  Revocation,
  RevocationRequest,
  ServerMetadata,
  TokenRequest,
} from '../schemas/oauth.ts'

/** `GET /.well-known/oauth-authorization-server`. */
export const getMetadata = route({
  operationId: 'oauth.metadata',
  method: 'GET',
  path: '/.well-known/oauth-authorization-server',
  tag: 'OAuth',
  summary: 'What this server can do (RFC 8414)',
  description:
    'Where `PUBLIC_URL` has a path, that path follows, as RFC 8414 section 3.1 says: `/.well-known/oauth-authorization-server/auth`.',
  auth: 'none',
  responses: { 200: { description: 'The metadata', schema: ServerMetadata } },
  errors: [],
})

/** `POST /oauth/token`. */
export const issueToken = route({
  operationId: 'oauth.token',
  method: 'POST',
  path: '/oauth/token',
  tag: 'OAuth',
  summary: 'Ask for a token (RFC 6749)',
  description:
    '`client_credentials` gives an application, which authenticates by its service key (`client_secret_basic` or `client_secret_post`) or by a key pair of its own (`private_key_jwt`, RFC 7523), a token for itself; `scope` narrows it to some of its policies. `refresh_token` rotates the refresh token of a session as `tokens.refresh` does; `client_id` is the name that signed in. `urn:ietf:params:oauth:grant-type:device_code` asks whether the device has been let in (RFC 8628).',
  auth: 'client',
  body: TokenRequest,
  responses: { 200: { description: 'The token', schema: OAuthToken } },
  errors: [
    'invalid_grant',
    'unauthorized_client',
    'unsupported_grant_type',
    'invalid_scope',
    'authorization_pending',
    'slow_down',
    'access_denied',
    'expired_token',
    'rate_limited',
  ],
})

/** `POST /oauth/device_authorization`. */
export const authorizeDevice = route({
  operationId: 'oauth.authorizeDevice',
  method: 'POST',
  path: '/oauth/device_authorization',
  tag: 'OAuth',
  summary: 'Ask for a device to be signed in (RFC 8628)',
  description:
    'For programs without a browser, such as the command line: `client_id` is `authctl-cli`. Somebody opens `verification_uri`, types the user code, and signs in there to let the device in; `authctl login --device` does all of it.',
  auth: 'client',
  body: DeviceAuthorizationRequest,
  responses: { 200: { description: 'The codes', schema: DeviceAuthorization } },
  errors: ['unauthorized_client', 'invalid_scope', 'rate_limited'],
})

/** `POST /oauth/introspect`. */
export const introspectToken = route({
  operationId: 'oauth.introspect',
  method: 'POST',
  path: '/oauth/introspect',
  tag: 'OAuth',
  summary: 'Ask what a token is (RFC 7662)',
  description:
    'For an application, which authenticates as at the token endpoint, or for an account, by `Authorization: Bearer`. It is told of tokens of its own account (for an application: of its owner) and of those below; any other, live or not, is answered `{"active":false}` and nothing more.',
  auth: 'client',
  body: IntrospectionRequest,
  responses: { 200: { description: 'What the token is', schema: Introspection } },
  errors: ['invalid_token', 'rate_limited'],
})

/** `POST /oauth/revoke`. */
export const revokeToken = route({
  operationId: 'oauth.revoke',
  method: 'POST',
  path: '/oauth/revoke',
  tag: 'OAuth',
  summary: 'End a token (RFC 7009)',
  description:
    'For the application that it was issued to: `client_id` is the name that signed in, and an application with a service key authenticates by it. A refresh token, or an access token of a session, ends the whole session; that of an application ends alone. Any other token is answered 200 as well, and nothing is done.',
  auth: 'client',
  body: RevocationRequest,
  responses: { 200: { description: 'It is worth nothing now, if it ever was', schema: Revocation } },
  errors: ['unsupported_token_type', 'rate_limited'],
})
