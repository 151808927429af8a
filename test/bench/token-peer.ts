import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Provider, type Adapter, type ClientMetadata } from 'oidc-provider'
import { freePort } from '../../scripts/free-port.ts'

/**
 * oidc-provider with one client, which is given JWT access tokens (RFC 9068) under Ed25519 like the daemon's;
 * neither keeps anything of those. The client's id and secret are the first arguments. Without a third it is
 * in memory for the life of the process; with one, a directory, it is in an SQLite file there and read for
 * each token, as the daemon does, so that it can be changed or ended while the server runs. Sends its URL to
 * the parent.
 */
const [clientId = '', clientSecret = '', directory] = process.argv.slice(2)
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const { privateKey } = generateKeyPairSync('ed25519')
const AUDIENCE = 'urn:bench'

const client: ClientMetadata = {
  client_id: clientId,
  client_secret: clientSecret,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: 'client_secret_post',
  id_token_signed_response_alg: 'EdDSA',
}

const unused = (): Promise<never> =>
  Promise.reject(new Error('tokens by client_credentials need no such thing'))

/** The clients that are in a file; whatever else the server could keep does not come up. */
const createClients = (file: string): Adapter => {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL')
  database.exec('CREATE TABLE clients (id TEXT PRIMARY KEY, properties TEXT NOT NULL) STRICT, WITHOUT ROWID')
  database.prepare('INSERT INTO clients VALUES (?, ?)').run(clientId, JSON.stringify(client))
  const byId = database.prepare('SELECT properties FROM clients WHERE id = ?')
  return {
    find: (id) => {
      const text = byId.get(id)?.['properties']
      return Promise.resolve(typeof text === 'string' ? (JSON.parse(text) as ClientMetadata) : undefined)
    },
    upsert: unused,
    findByUserCode: unused,
    findByUid: unused,
    consume: unused,
    destroy: unused,
    revokeByGrantId: unused,
  }
}

const stored = directory === undefined ? undefined : createClients(join(directory, 'clients.db'))

const provider = new Provider(url, {
  ...(stored === undefined ? { clients: [client] } : { adapter: () => stored }),
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
