import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { decodeJwt, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Family } from '../support/accounts.ts'
import { oauthRefusal, postForm, refusal, type Api } from '../support/api.ts'
import { basic, createApplication, tokenOf, type MadeApplication } from '../support/applications.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { policyOf, put } from '../support/policy-calls.ts'

const PUBLIC_URL = 'https://id.example.test/auth'
const TOKEN_URL = `${PUBLIC_URL}/oauth/token`
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

let daemon: TestDaemon
let family: Family
useFamily({ PUBLIC_URL }, (home) => ({ daemon, family } = home))

type Pair = Readonly<Record<'privateKey' | 'publicKey', KeyObject>>
const pairs = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
} satisfies Record<string, Pair>
const jwkOf = ({ publicKey }: Pair, more: object = {}) => ({
  ...publicKey.export({ format: 'jwk' }),
  ...more,
})
const secretOf = ({ privateKey }: Pair) => privateKey.export({ format: 'jwk' })

/** With a P-256 key that has a name, and an Ed25519 key that has none. */
let shop: MadeApplication
beforeAll(async () => {
  const keys = [jwkOf(pairs.ES256, { kid: 'first', key_ops: ['verify'], ext: true }), jwkOf(pairs.EdDSA)]
  shop = await createApplication(daemon.api, family.client.access, { jwks: { keys } })
})

interface Made {
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly key?: KeyObject | Uint8Array
  readonly id?: string
}

/** An assertion that is right but for what is given; undefined takes a claim away. */
const assertion = ({ claims = {}, header = {}, key, id = shop.id }: Made = {}): Promise<string> => {
  const now = Math.floor(daemon.clock.now() / 1000)
  const right = { iss: id, sub: id, aud: PUBLIC_URL, exp: now + 60, iat: now, jti: randomUUID() }
  return new SignJWT({ ...right, ...claims })
    .setProtectedHeader({ alg: 'ES256', ...header })
    .sign(key ?? pairs.ES256.privateKey)
}

const ask = (fields: Record<string, string>, headers: Record<string, string> = {}, api: Api = daemon.api) =>
  postForm(api, '/oauth/token', { grant_type: 'client_credentials', ...fields }, headers)
const askBy = (client_assertion: string, more: Record<string, string> = {}, api?: Api) =>
  ask({ client_assertion_type: TYPE, client_assertion, ...more }, {}, api)
const inSeconds = (seconds: number): number => Math.floor(daemon.clock.now() / 1000) + seconds

test('I9: a key pair of an application stands in for its service key, at every endpoint, until the key goes', async () => {
  const ed = pairs.EdDSA.privateKey
  const answers = [
    await askBy(await assertion()),
    await askBy(await assertion({ header: { kid: 'first', typ: 'client-authentication+jwt' } })),
    await askBy(await assertion({ claims: { aud: TOKEN_URL, iat: undefined } }), { client_id: shop.id }),
    await askBy(await assertion({ claims: { aud: [PUBLIC_URL, TOKEN_URL], nbf: inSeconds(20) } })),
    await askBy(await assertion({ header: { alg: 'EdDSA', jwk: { kty: 'oct', k: 'AA' } }, key: ed })),
    await askBy(await assertion({ header: { alg: 'Ed25519' }, key: ed, claims: { exp: inSeconds(300) } })),
  ]
  expect(answers.map(({ status, text }) => [status, status === 200 ? '' : text])).toEqual(
    answers.map(() => [200, '']),
  )
  const tokens = answers.map(({ body }) => String(body['access_token']))
  const [first = '', , , , second = ''] = tokens
  const { body: shown } = await daemon.api.get(`/applications/${shop.id}`, family.client.access)
  const { jwks } = shown as unknown as { jwks: { keys: Record<string, string>[] } }
  expect(jwks.keys).toMatchObject([
    { kid: 'first', alg: 'ES256', use: 'sig' },
    { kid: decodeJwt(second)['key_id'], alg: 'EdDSA' },
  ])
  expect(jwks.keys.flatMap((key) => Object.keys(key))).not.toContain('ext')
  const used = new Date(daemon.clock.now()).toISOString()
  expect(jwks.keys.map((key) => key['last_used_at'])).toEqual([used, used])
  // What was read can be sent back, and the keys go on as they are.
  const back = await daemon.api.call('PATCH', `/applications/${shop.id}`, {
    body: { jwks },
    token: family.client.access,
  })
  expect(back.body).toMatchObject({ application: { jwks } })

  const byAssertion = async (path: string, token: string) =>
    postForm(daemon.api, path, {
      token,
      client_assertion_type: TYPE,
      client_assertion: await assertion(),
    })
  const active = async (token: string) => (await byAssertion('/oauth/introspect', token)).body['active']
  expect(await active(first)).toBe(true)
  expect((await byAssertion('/oauth/revoke', first)).status).toBe(200)
  expect([await active(first), await active(second)]).toEqual([false, true])

  const without = { jwks: { keys: [jwks.keys[0]] } }
  const change = (body: object) =>
    daemon.api.call('PATCH', `/applications/${shop.id}`, { token: family.client.access, body })
  expect((await change(without)).status).toBe(200)
  expect((await daemon.api.get('/auth/me', second)).status).toBe(401)
  expect((await daemon.api.get('/auth/me', tokens[1])).status).toBe(200)
  const gone = await askBy(await assertion({ header: { alg: 'EdDSA' }, key: ed }))
  expect(oauthRefusal(gone)).toBe('401 invalid_client')
  expect((await change({ jwks })).status).toBe(200)
})

const strange = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const hmacKey = () =>
  new TextEncoder().encode(pairs.ES256.publicKey.export({ format: 'pem', type: 'spki' }).toString())
/** What is refused, how it is made, and what is said; the last only to those whose signature is right. */
const BAD: readonly [what: string, make: () => Promise<string>, said?: string][] = [
  ['no JWT', () => Promise.resolve('a.b')],
  ['no JSON', () => Promise.resolve('YQ.YQ.YQ')],
  ['a strange key', () => assertion({ key: strange.privateKey })],
  ['a strange key of the right name', () => assertion({ key: strange.privateKey, header: { kid: 'first' } })],
  ['a name of no key', () => assertion({ header: { kid: 'other' } })],
  [
    'the other key under the name of the first',
    () => assertion({ key: pairs.EdDSA.privateKey, header: { alg: 'EdDSA', kid: 'first' } }),
  ],
  ['its public key as a secret', () => assertion({ key: hmacKey(), header: { alg: 'HS256' } })],
  ['no signature', async () => (await assertion()).replace(/[^.]+$/, '')],
  [
    'alg none',
    async () => {
      const [, claims = '', signature = ''] = (await assertion()).split('.')
      return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.${signature}`
    },
  ],
  [
    'other claims under the same signature',
    async () => {
      const [[head = ''], [, claims = ''], [, , signature = '']] = [
        (await assertion()).split('.'),
        (await assertion()).split('.'),
        (await assertion()).split('.'),
      ]
      return `${head}.${claims}.${signature}`
    },
  ],
  ['an access token of its own key', () => assertion({ header: { typ: 'at+jwt' } })],
  ['an application that is none', () => assertion({ id: `app_${'0'.repeat(26)}` })],
  ['another issuer than subject', () => assertion({ claims: { iss: 'somebody' } }), 'iss and sub'],
  ['no issuer', () => assertion({ claims: { iss: undefined } }), 'iss and sub'],
  ['no subject', () => assertion({ claims: { sub: undefined } })],
  ['no audience', () => assertion({ claims: { aud: undefined } }), 'aud of'],
  ['an empty audience', () => assertion({ claims: { aud: [] } }), 'aud of'],
  ['another server', () => assertion({ claims: { aud: 'https://other.example' } }), 'aud of'],
  ['another server too', () => assertion({ claims: { aud: [PUBLIC_URL, 'https://o.example'] } }), 'aud of'],
  ['the issuer with a slash', () => assertion({ claims: { aud: `${PUBLIC_URL}/` } }), 'aud of'],
  ['no end', () => assertion({ claims: { exp: undefined } }), 'exp of'],
  ['an end that is a text', () => assertion({ claims: { exp: String(inSeconds(60)) } }), 'exp of'],
  ['an end that was', () => assertion({ claims: { exp: inSeconds(-31) } }), 'exp of'],
  ['an end in an hour', () => assertion({ claims: { exp: inSeconds(3600) } }), 'exp of'],
  ['a beginning ahead', () => assertion({ claims: { iat: inSeconds(40) } }), 'iat and nbf'],
  ['not before ahead', () => assertion({ claims: { nbf: inSeconds(40) } }), 'iat and nbf'],
  ['no jti', () => assertion({ claims: { jti: undefined } }), 'jti of'],
  ['an empty jti', () => assertion({ claims: { jti: '' } }), 'jti of'],
  ['a jti that is a number', () => assertion({ claims: { jti: 7 } }), 'jti of'],
  ['a long jti', () => assertion({ claims: { jti: 'x'.repeat(257) } }), 'jti of'],
]

test.for(BAD)('I9: an assertion with %s is refused', async ([, make, said]) => {
  const answer = await askBy(await make())
  expect(oauthRefusal(answer)).toBe('401 invalid_client')
  const told = String(answer.body['error_description'])
  if (said === undefined) expect(told).not.toMatch(/ of the assertion|iss and sub/)
  else expect(told).toContain(said)
})

test('I9: one way in a request, whole; an assertion for another client, or what demands more, is none', async () => {
  const client_assertion = await assertion()
  const both = { client_assertion_type: TYPE, client_assertion }
  const asked = [
    ask(both, basic(shop.id, shop.key)),
    ask({ ...both, client_id: shop.id, client_secret: shop.key }),
    ask({ client_assertion }),
    ask({ client_assertion_type: TYPE, client_id: shop.id }),
    ask({ client_assertion_type: TYPE, client_id: shop.id, client_secret: shop.key }),
    ask({
      client_assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
    }),
    postForm(
      daemon.api,
      '/oauth/introspect',
      { token: 'x', ...both },
      { authorization: `Bearer ${family.client.access}` },
    ),
    askBy(client_assertion, { client_id: 'shop' }),
  ]
  expect((await Promise.all(asked)).map(oauthRefusal)).toEqual([
    ...Array.from({ length: 7 }, () => '400 invalid_request'),
    '401 invalid_client',
  ])
  expect((await askBy(client_assertion)).status, 'none of these has used it up').toBe(200)
})

test('I9: of twenty requests with one assertion, at two daemons, one is answered, and none later', async () => {
  const { api: other } = await daemon.another()
  const jti = randomUUID()
  const once = await assertion({ claims: { jti } })
  const apis = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? daemon.api : other))
  const answers = await Promise.all(apis.map((api) => askBy(once, {}, api)))
  const refused = answers.filter(({ status }) => status !== 200)
  expect(refused.map(oauthRefusal)).toEqual(Array.from({ length: 19 }, () => '401 invalid_client'))
  expect(refused[0]?.body['error_description']).toContain('used before')
  expect((await askBy(await assertion({ claims: { jti, exp: inSeconds(120) } }), {}, other)).status).toBe(401)
  const jwks = { keys: [jwkOf(pairs.RS256)] }
  const { id } = await createApplication(daemon.api, family.client.access, { jwks })
  const made = { id, key: pairs.RS256.privateKey, header: { alg: 'RS256' }, claims: { jti } }
  expect((await askBy(await assertion(made))).status).toBe(200)
  // At the end of its time it is refused for that, so that nothing needs to be remembered longer.
  daemon.clock.advance(91_000)
  expect((await askBy(once)).body['error_description']).toContain('exp of')
})

test('I9: guesses are limited as wrong keys are, and the right key is never kept out', async () => {
  const jwks = { keys: [jwkOf(pairs.EdDSA)] }
  const { id } = await createApplication(daemon.api, family.client.access, { jwks })
  const guess = async () => askBy(await assertion({ id }))
  const answers = await Promise.all(Array.from({ length: 25 }, guess))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]))
  const right = { id, key: pairs.EdDSA.privateKey, header: { alg: 'EdDSA' } }
  expect((await askBy(await assertion(right))).status).toBe(200)
  const stop = { token: family.client.access, body: { status: 'disabled' } }
  expect((await daemon.api.call('PATCH', `/applications/${id}`, stop)).status).toBe(200)
  expect(oauthRefusal(await askBy(await assertion(right)))).toBe('401 invalid_client')
})

describe('the keys of an application', () => {
  const ec = () => jwkOf(pairs.ES256)
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const KEYS: readonly [what: string, keys: () => object[], code: string, pointer: string][] = [
    ['a private key', () => [secretOf(pairs.ES256)], 'private_key', '/0/d'],
    ['a private RSA key', () => [ec(), secretOf(pairs.RS256)], 'private_key', '/1/d'],
    ['a secret', () => [{ kty: 'oct', k: 'c2VjcmV0' }], 'private_key', '/0/k'],
    [
      'another curve',
      () => [jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }))],
      'key_type',
      '/0/kty',
    ],
    ['a key for encryption', () => [{ ...ec(), use: 'enc' }], 'key_use', '/0/use'],
    ['a key that signs', () => [{ ...ec(), key_ops: ['sign'] }], 'key_use', '/0/key_ops'],
    ['the algorithm of another', () => [{ ...ec(), alg: 'RS256' }], 'key_algorithm', '/0/alg'],
    ['a name with spaces', () => [{ ...ec(), kid: 'a b' }], 'key_name', '/0/kid'],
    ['half a point', () => [{ ...ec(), y: undefined }], 'key_value', '/0/y'],
    ['a point beside the curve', () => [{ ...ec(), y: ec().x }], 'key_value', '/0'],
    ['a padded number', () => [{ ...ec(), x: `${ec().x}=` }], 'key_value', '/0'],
    ['a short RSA key', () => [jwkOf(small)], 'key_value', '/0'],
    ['one key twice', () => [ec(), { ...ec(), kid: 'b' }], 'duplicate_key', '/1'],
    [
      'two keys of one name',
      () => [jwkOf(pairs.ES256, { kid: 'a' }), jwkOf(pairs.EdDSA, { kid: 'a' })],
      'duplicate_key',
      '/1/kid',
    ],
  ]

  test.for(KEYS)('I9: %s is not taken', async ([, keys, code, pointer]) => {
    const body = { name: 'none', jwks: { keys: keys() } }
    const answer = await daemon.api.post('/applications', body, family.client.access)
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ code, pointer: `/jwks/keys${pointer}` }] },
    })
  })

  test('I9: three are too many, and a change that is refused changes nothing', async () => {
    const jwks = { keys: Object.values(pairs).map((pair) => jwkOf(pair)) }
    const path = `/applications/${shop.id}`
    const change = (token: string, body: object, headers = {}) =>
      daemon.api.call('PATCH', path, { token, body, headers })
    const before = (await daemon.api.get(path, family.client.access)).text
    expect((await change(family.client.access, { jwks })).body['code']).toBe('limit_reached')
    const none = { jwks: { keys: [] } }
    const stale = await change(family.client.access, none, { 'if-match': '"1"' })
    expect(stale.body['code']).toBe('precondition_failed')
    expect((await daemon.api.get(path, family.client.access)).text).toBe(before)
  })

  test('I9: who may change an application, but may not have a key of it, brings it none', async () => {
    const { access: token } = family.admin
    const narrowed = async (name: string, ...Action: string[]): Promise<string> => {
      const body = policyOf(name, { Effect: 'Allow', Action, Resource: '*' })
      await put(daemon.api, `/policies/${name}`, { token, body })
      return tokenOf(daemon.api, await createApplication(daemon.api, token, { policies: [name] }))
    }
    const changer = await narrowed('changer', 'authctl:UpdateApplication')
    const rotator = await narrowed('rotator', 'authctl:UpdateApplication', 'authctl:RotateApplication')
    const { id } = await createApplication(daemon.api, token)
    const change = async (by: string, body: object) =>
      refusal(await daemon.api.call('PATCH', `/applications/${id}`, { token: by, body }))
    const jwks = { keys: [jwkOf(pairs.EdDSA)] }
    expect(await change(changer, { jwks })).toBe('403 forbidden')
    expect(await change(rotator, { jwks })).toBe('403 exceeds_ceiling')
    expect(await change(changer, { name: 'Depot' })).toBe('200 undefined')
    expect(await change(token, { jwks })).toBe('200 undefined')
  })
})
