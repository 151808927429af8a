import { GRANTS } from './grants.ts'

/** What this server can do (RFC 8414 section 2): what is here, and nothing else. */
export const metadataOf = ({ issuer, publicUrl }: { issuer: string; publicUrl: string }) => ({
  issuer,
  token_endpoint: `${publicUrl}/oauth/token`,
  device_authorization_endpoint: `${publicUrl}/oauth/device_authorization`,
  jwks_uri: `${publicUrl}/.well-known/jwks.json`,
  response_types_supported: [],
  grant_types_supported: Object.keys(GRANTS),
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
})
