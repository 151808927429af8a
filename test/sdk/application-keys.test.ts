import { generateKeyPairSync, webcrypto, type KeyObject } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { ArgumentError, createClient } from '../../sdk/index.ts'
import { applicationSession, type ApplicationOptions, type PrivateKey } from '../../sdk/server/index.ts'
import type { Family } from '../support/accounts.ts'
import type { Api } from '../support/api.ts'
import { createApplication } from '../support/applications.ts'
import { useFamily } from '../support/family.ts'

let api: Api
let family: Family
let issuer: string
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ api, family } = home))
beforeAll(async () => {
  issuer = String((await api.get('/.well-known/oauth-authorization-server')).body['issuer'])
})

const pairs = {
  EdDSA: generateKeyPairSync('ed25519'),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
const pemOf = ({ privateKey }: { privateKey: KeyObject }): string =>
  String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
const jwkOf = ({ privateKey }: { privateKey: KeyObject }, more: object = {}): PrivateKey =>
  ({ ...privateKey.export({ format: 'jwk' }), ...more }) as unknown as PrivateKey

const bodies: string[] = []
const recording: typeof fetch = async (input, init) => {
  if (typeof init?.body === 'string') bodies.push(init.body)
  return fetch(input, init)
}

const clientOf = (id: string, more: Partial<ApplicationOptions>) => {
  const baseUrl = `${api.url}/`
  const storage = applicationSession({ baseUrl, issuer, applicationId: id, fetch: recording, ...more })
  return createClient({ baseUrl, storage, retries: 0 })
}

const FORMS: readonly [string, keyof typeof pairs, () => PrivateKey | Promise<PrivateKey>][] = [
  ['PEM', 'EdDSA', () => pemOf(pairs.EdDSA)],
  ['PEM', 'ES256', () => `some text before\n${pemOf(pairs.ES256)}`],
  ['PEM', 'RS256', () => pemOf(pairs.RS256)],
  ['a JWK with a name', 'EdDSA', () => jwkOf(pairs.EdDSA, { kid: 'first', alg: 'EdDSA', use: 'sig' })],
  ['a JWK', 'ES256', () => jwkOf(pairs.ES256)],
  ['a JWK', 'RS256', () => jwkOf(pairs.RS256)],
  [
    'a key of WebCrypto that nobody can take out',
    'ES256',
    () =>
      webcrypto.subtle.importKey(
        'jwk',
        pairs.ES256.privateKey.export({ format: 'jwk' }),
        { name: 'ECDSA', namedCurve: 'P-256' },
        false,
        ['sign'],
      ),
  ],
]

test.each(FORMS)(
  'I9: a client acts as an application by %s for %s, for each token by another assertion',
  async (form, algorithm, key) => {
    const kid = form.includes('name') ? { kid: 'first' } : {}
    const keys = [{ ...pairs[algorithm].publicKey.export({ format: 'jwk' }), ...kid }]
    const { id } = await createApplication(api, family.client.access, { jwks: { keys } })
    bodies.length = 0
    const client = clientOf(id, { privateKey: await key() })
    expect(await client.auth.me()).toMatchObject({ id: family.client.id })
    await client.session.clear()
    expect(await client.auth.me()).toMatchObject({ id: family.client.id })
    expect(bodies).toHaveLength(2)
    expect(bodies.join()).not.toContain('client_secret')
  },
)

test('I9: a function is asked for the key each time, and a key that is not registered is refused', async () => {
  const jwks = { keys: [pairs.EdDSA.publicKey.export({ format: 'jwk' })] }
  const { id } = await createApplication(api, family.client.access, { jwks })
  let key: PrivateKey = pemOf(pairs.ES256)
  const client = clientOf(id, { privateKey: () => key })
  await expect(client.auth.me()).rejects.toMatchObject({ code: 'invalid_client', status: 401 })
  key = pemOf(pairs.EdDSA)
  expect(await client.auth.me()).toMatchObject({ id: family.client.id })
})

test.each<[string, Partial<ApplicationOptions>]>([
  ['a service key in its place', { privateKey: 'authctl_sk_x' }],
  ['a public key', { privateKey: String(pairs.EdDSA.publicKey.export({ type: 'spki', format: 'pem' })) }],
  [
    'PEM of another form',
    { privateKey: String(pairs.ES256.privateKey.export({ type: 'sec1', format: 'pem' })) },
  ],
  ['another curve', { privateKey: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })) }],
  [
    'a JWK without its private half',
    { privateKey: pairs.EdDSA.publicKey.export({ format: 'jwk' }) as PrivateKey },
  ],
])('%s is no private key, and no request is made', async (_what, options) => {
  bodies.length = 0
  const client = clientOf('app_1', options)
  await expect(client.auth.me()).rejects.toThrow(ArgumentError)
  expect(bodies).toEqual([])
})

test('both keys, or none, are refused at once', () => {
  for (const options of [{}, { serviceKey: 'authctl_sk_x', privateKey: pemOf(pairs.EdDSA) }])
    expect(() => clientOf('app_1', options)).toThrow(ArgumentError)
})
