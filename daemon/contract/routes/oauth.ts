import { route } from '../route.ts'
import {
  DeviceAuthorization,
  DeviceAuthorizationRequest,
  OAuthToken,
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
    '`client_credentials` gives an application, which authenticates by its service key (`client_secret_basic` or `client_secret_post`), a token for itself; `scope` narrows it to some of its policies. `refresh_token` rotates the refresh token of a session as `tokens.refresh` does; `client_id` is the name that signed in. `urn:ietf:params:oauth:grant-type:device_code` asks whether the device has been let in (RFC 8628).',
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
