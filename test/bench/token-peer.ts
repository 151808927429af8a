import { generateKeyPairSync } from 'node:crypto'
import { Provider } from 'oidc-provider'
import { freePort } from '../../scripts/free-port.ts'

/**
 * oidc-provider with one client, which is given JWT access tokens (RFC 9068) under Ed25519 like the daemon's.
 * It keeps everything in memory. The client's id and secret are the arguments. Sends its URL to the parent.
 */
const [clientId = '', clientSecret = ''] = process.argv.slice(2)
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const { privateKey } = generateKeyPairSync('ed25519')
const AUDIENCE = 'urn:bench'

const provider = new Provider(url, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: 'EdDSA',
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'EdDSA', use: 'sig', kid: 'bench' }] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => AUDIENCE,
      getResourceServerInfo: () => ({
        scope: '',
        audience: AUDIENCE,
        accessTokenTTL: 900,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'EdDSA' } },
      }),
    },
  },
})
provider.listen(port, '127.0.0.1', () => process.send?.({ url }))
process.on('disconnect', () => process.exit(0))
