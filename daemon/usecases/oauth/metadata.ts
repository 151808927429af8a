import { GRANTS } from './grants.ts'

/** How an application proves who it is. */
const SECRET_METHODS = ['client_secret_basic', 'client_secret_post']

/** What this server can do (RFC 8414 section 2): what is here, and nothing else. */
export const metadataOf = ({ issuer, publicUrl }: { issuer: string; publicUrl: string }) => ({
  issuer,
  token_endpoint: `${publicUrl}/oauth/token`,
  introspection_endpoint: `${publicUrl}/oauth/introspect`,
  introspection_endpoint_auth_methods_supported: SECRET_METHODS,
  revocation_endpoint: `${publicUrl}/oauth/revoke`,
  revocation_endpoint_auth_methods_supported: [...SECRET_METHODS, 'none'],
  device_authorization_endpoint: `${publicUrl}/oauth/device_authorization`,
  jwks_uri: `${publicUrl}/.well-known/jwks.json`,
  response_types_supported: [],
  grant_types_supported: Object.keys(GRANTS),
  token_endpoint_auth_methods_supported: [...SECRET_METHODS, 'none'],
})
