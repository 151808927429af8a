import { ASSERTION_ALGORITHMS } from '../../domain/application.ts'
import { GRANTS } from './grants.ts'

/** How an application proves who it is. */
const PROVING_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']

/** What this server can do (RFC 8414 section 2): what is here, and nothing else. */
export const metadataOf = ({ issuer, publicUrl }: { issuer: string; publicUrl: string }) => ({
  issuer,
  token_endpoint: `${publicUrl}/oauth/token`,
  introspection_endpoint: `${publicUrl}/oauth/introspect`,
  introspection_endpoint_auth_methods_supported: PROVING_METHODS,
  introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
  revocation_endpoint: `${publicUrl}/oauth/revoke`,
  revocation_endpoint_auth_methods_supported: [...PROVING_METHODS, 'none'],
  revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
  device_authorization_endpoint: `${publicUrl}/oauth/device_authorization`,
  jwks_uri: `${publicUrl}/.well-known/jwks.json`,
  response_types_supported: [],
  grant_types_supported: Object.keys(GRANTS),
  token_endpoint_auth_methods_supported: [...PROVING_METHODS, 'none'],
  token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
})
