import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  sign as signBytes,
  type JsonWebKey,
} from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bootstrap, type SignedIn } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

const SECRET = 'a secret of this test that has more than 32 bytes'

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const hs256 = (header: unknown, payload: unknown, key: string | Buffer = SECRET, hash = 'sha256'): string => {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`
}

/**
 * The status of a request with this bearer, and that a refusal is the one refusal: same body, same challenge.
 */
const tryToken = async ({ api }: TestDaemon, authorization: string): Promise<number> => {
  const answer = await api.call('GET', '/auth/me', { headers: { authorization } })
  if (answer.status === 401) {
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    expect({ ...(answer.body as object), instance: '' }).toEqual({
      type: 'urn:authctl:problem:invalid_token',
      title: 'Invalid token',
      status: 401,
      detail: expect.any(String),
      instance: '',
      code: 'invalid_token',
    })
  }
  return answer.status
}

const acceptedOf = async (daemon: TestDaemon, tokens: readonly string[]): Promise<string[]> => {
  const accepted: string[] = []
  for (const token of tokens) {
    const status = await tryToken(daemon, `Bearer ${token}`)
    expect([200, 401, 431]).toContain(status)
    if (status === 200) accepted.push(token)
  }
  return accepted
}

describe('access tokens signed with Ed25519', () => {
  let daemon: TestDaemon
  let root: SignedIn
  let header: Record<string, unknown>
  let payload: Record<string, unknown>
  let signature: string
  let jwk: JsonWebKey & { kid: string }

  beforeAll(async () => {
    daemon = await startTestDaemon()
    root = await bootstrap(daemon.api, daemon.dataDir)
    header = { ...decodeProtectedHeader(root.access) }
    payload = { ...decodeJwt(root.access) }
    signature = root.access.split('.')[2] ?? ''
    const { keys } = (await daemon.api.get('/.well-known/jwks.json')).body as unknown as {
      keys: [JsonWebKey & { kid: string }]
    }
    jwk = keys[0]
  })
  afterAll(() => daemon.stop())

  test('the honest token is accepted', async () => {
    expect(await tryToken(daemon, `Bearer ${root.access}`)).toBe(200)
  })

  test('C1: the algorithm is pinned: none in 16 spellings, empty, null, array and absent are refused', async () => {
    const spellings = Array.from({ length: 16 }, (_, bits) =>
      [...'none'].map((letter, index) => ((bits >> index) & 1 ? letter.toUpperCase() : letter)).join(''),
    )
    const { alg: _alg, ...withoutAlg } = header
    const headers = [...spellings, '', null, ['EdDSA'], 'HS256', 'EdDSA '].map((alg) => ({ ...header, alg }))
    const tokens = [...headers, withoutAlg].flatMap((changed) =>
      ['', signature].map((end) => `${encode(changed)}.${encode(payload)}.${end}`),
    )
    expect(await acceptedOf(daemon, tokens)).toEqual([])
  })

  test('C2: the public key is no HMAC secret, in any of its forms', async () => {
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    const pem = key.export({ type: 'spki', format: 'pem' })
    const forms: (string | Buffer)[] = [
      pem,
      String(pem).trim(),
      key.export({ type: 'spki', format: 'der' }),
      JSON.stringify(jwk),
      jwk.x ?? '',
      `${jwk.x}\n`,
      Buffer.from(jwk.x ?? '', 'base64url'),
    ]
    const tokens = forms.flatMap((form) =>
      ['256', '384', '512'].map((bits) =>
        hs256({ ...header, alg: `HS${bits}` }, payload, form, `sha${bits}`),
      ),
    )
    expect(tokens.length).toBeGreaterThanOrEqual(21)
    expect(await acceptedOf(daemon, tokens)).toEqual([])
  })

  test('C3: keys named by the header are neither used nor fetched', async () => {
    let connections = 0
    const listener: Server = createServer((socket) => {
      connections++
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const url = `http://127.0.0.1:${(listener.address() as { port: number }).port}/keys`
    const attacker = generateKeyPairSync('ed25519')
    const attackerJwk = attacker.publicKey.export({ format: 'jwk' })
    const signed = (changed: unknown): string => {
      const input = `${encode(changed)}.${encode(payload)}`
      return `${input}.${signBytes(null, Buffer.from(input), attacker.privateKey).toString('base64url')}`
    }
    const tokens = [
      signed({ ...header, jku: url }),
      signed({ ...header, x5u: url }),
      signed({ ...header, jwk: attackerJwk }),
      signed({ ...header, x5c: ['MIIB'] }),
      signed({ ...header, x5t: 'AAAA' }),
      signed(header),
      signed({ alg: 'EdDSA', typ: 'at+jwt', jwk: attackerJwk }),
    ]
    expect(await acceptedOf(daemon, tokens)).toEqual([])
    expect(connections).toBe(0)
    listener.close()
  })

  test('C4: kid is an exact key: paths, injections, prototype names and long ones are refused', async () => {
    const kids = [
      '../../dev/null',
      "' or 1=1--",
      { $gt: '' },
      'k'.repeat(5000),
      'a\0b',
      '__proto__',
      'constructor',
      '',
      null,
      7,
      [header['kid']],
    ]
    const input = kids.map((kid) => `${encode({ ...header, kid })}.${encode(payload)}.${signature}`)
    const duplicate = `{"alg":"EdDSA","typ":"at+jwt","kid":"x","kid":${JSON.stringify(header['kid'])}}`
    expect(
      await acceptedOf(daemon, [...input, `${encode(duplicate)}.${encode(payload)}.${signature}`]),
    ).toEqual([])
  })

  test('C5: crit, b64, zip, JWE, JSON serialization and nested tokens are refused', async () => {
    const extras = [
      { crit: ['exp'], exp: 1 },
      { crit: ['b64'], b64: false },
      { b64: false },
      { zip: 'DEF' },
      { cty: 'JWT' },
      { enc: 'A256GCM' },
    ]
    const tokens = extras.map((extra) => `${encode({ ...header, ...extra })}.${encode(payload)}.${signature}`)
    const json = JSON.stringify({ protected: encode(header), payload: encode(payload), signature })
    const nested = `${encode({ ...header, cty: 'JWT' })}.${encode(root.access)}.${signature}`
    expect(await acceptedOf(daemon, [...tokens, nested, `${root.access}.x.y`, encode(json)])).toEqual([])
    expect(await tryToken(daemon, `Bearer ${json}`)).toBe(401)
  })

  test('C6: only the strict form is accepted: no spaces, padding, other alphabets, other last characters, or over 8 KiB', async () => {
    const [h = '', p = '', s = ''] = root.access.split('.')
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const lastCharacters = [...alphabet]
      .filter((c) => c !== s.at(-1))
      .map((c) => `${h}.${p}.${s.slice(0, -1)}${c}`)
    expect(lastCharacters).toHaveLength(63)
    const malformed = [
      `${h}.${p}.${s}=`,
      `${h}=.${p}.${s}`,
      `${h}.${p}.${s}+`,
      `${h}.${p}.${s}/`,
      `${h}..${s}`,
      `.${p}.${s}`,
      `${h}.${p}.`,
      `${h}.${p}`,
      `${h}.${p}.${s}.`,
    ]
    const truncated = Array.from({ length: 40 }, (_, n) => root.access.slice(0, -(n + 1)))
    expect(await acceptedOf(daemon, [...lastCharacters, ...malformed, ...truncated])).toEqual([])
    const inner = [
      `Bearer  ${root.access}`,
      `Bearer\t${root.access}`,
      `Bearer ${h} .${p}.${s}`,
      `Bearer ${h}.${p}.${s} x`,
      `Bearer ${root.access}, Bearer ${root.access}`,
      'Bearer',
      'Bearer ',
      `Bearer${root.access}`,
    ]
    for (const authorization of inner)
      expect((await daemon.api.call('GET', '/auth/me', { headers: { authorization } })).status).toBe(401)
    for (const scheme of ['bearer', 'BEARER'])
      expect(await tryToken(daemon, `${scheme} ${root.access}`)).toBe(200)
    const long = `${h}.${p}${'A'.repeat(8193 - root.access.length)}.${s}`
    expect([401, 431]).toContain(await tryToken(daemon, `Bearer ${long}`))
  })

  test('C7: no other kind of token works as a bearer, and an access token is no refresh token', async () => {
    expect(await acceptedOf(daemon, [root.refresh])).toEqual([])
    for (const typ of ['JWT', 'jwt', 'AT+JWT', 'application/at+jwt', 'rt+jwt', undefined]) {
      expect(
        await acceptedOf(daemon, [`${encode({ ...header, typ })}.${encode(payload)}.${signature}`]),
      ).toEqual([])
    }
    const refused = await daemon.api.post('/auth/token/refresh', {}, root.access)
    expect(refused).toMatchObject({ status: 401, body: { code: 'invalid_grant' } })
  })

  test('C10: each of the 512 bits of the signature counts', async () => {
    const [h = '', p = ''] = root.access.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    const flipped = Array.from({ length: 512 }, (_, bit) => {
      const copy = Buffer.from(bytes)
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return `${h}.${p}.${copy.toString('base64url')}`
    })
    expect(await acceptedOf(daemon, flipped)).toEqual([])
  })

  test('C11: the JWK set publishes the public part only, under a kid, with its use', async () => {
    const answer = await daemon.api.get('/.well-known/jwks.json')
    expect(answer.headers['content-type']).toMatch(/^application\/jwk-set\+json/)
    expect(answer.headers['cache-control']).toBe('public, max-age=300')
    expect(Object.keys(jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
    expect(jwk.kid).toBe(header['kid'])
  })
})

describe('access tokens under JWT_SECRET', () => {
  let daemon: TestDaemon
  let root: SignedIn
  let header: Record<string, unknown>
  let payload: Record<string, unknown>

  beforeAll(async () => {
    daemon = await startTestDaemon({ JWT_SECRET: SECRET })
    root = await bootstrap(daemon.api, daemon.dataDir)
    header = { ...decodeProtectedHeader(root.access) }
    payload = { ...decodeJwt(root.access) }
  })
  afterAll(() => daemon.stop())

  const order = ['client_id', 'sid', 'role', 'id', 'iss', 'sub', 'aud', 'iat', 'exp', 'jti']
  const forge = (changes: Record<string, unknown>): string => hs256(header, { ...payload, ...changes })

  test('a token signed by hand with the right key and the right claims is accepted', async () => {
    expect(header['alg']).toBe('HS256')
    expect(Object.keys(payload).sort()).toEqual([...order].sort())
    expect(await acceptedOf(daemon, [forge({})])).toHaveLength(1)
    expect((await daemon.api.get('/.well-known/jwks.json')).body).toEqual({ keys: [] })
  })

  test.each(order)('C8: the claim %s must be there, once, of its type and value', async (claim) => {
    const { [claim]: _dropped, ...rest } = payload
    const values = ['x', '', [payload[claim]], {}, null, -1, 1e308, '9999999999', true]
    const altered = values.map((value) => forge({ [claim]: value }))
    const json = JSON.stringify(payload)
    const duplicated = `${json.slice(0, -1)},${JSON.stringify(claim)}:${JSON.stringify(payload[claim])}}`
    const spaced = json.replace('{', '{ ')
    const tolerated = claim === 'jti' ? ['x', '9999999999'].map((value) => forge({ [claim]: value })) : []
    const tokens = [...altered, hs256(header, rest), hs256(header, duplicated), hs256(header, spaced)]
    expect(await acceptedOf(daemon, tokens)).toEqual(tolerated)
  })

  test('C8: another issuer or audience is refused', async () => {
    const tokens = [
      forge({ iss: `${String(payload['iss'])}/` }),
      forge({ aud: 'other' }),
      forge({ aud: [payload['aud'], 'other'] }),
    ]
    expect(await acceptedOf(daemon, tokens)).toEqual([])
  })

  test('C9: leeway is 30 s in both directions and a life over an hour is refused even with the right key', async () => {
    const now = Math.floor(daemon.clock.now() / 1000)
    const at = (exp: number, nbf?: number): string =>
      forge({ iat: now - 600, exp, ...(nbf === undefined ? {} : { nbf }) })
    expect(await acceptedOf(daemon, [at(now - 29)])).toHaveLength(1)
    expect(await acceptedOf(daemon, [at(now - 31)])).toHaveLength(0)
    expect(await acceptedOf(daemon, [at(now + 60, now + 28)])).toHaveLength(1)
    expect(await acceptedOf(daemon, [at(now + 60, now + 32)])).toHaveLength(0)
    expect(
      await acceptedOf(daemon, [
        forge({ iat: now + 28, exp: now + 60 }),
        forge({ iat: now + 40, exp: now + 60 }),
      ]),
    ).toHaveLength(1)
    expect(
      await acceptedOf(daemon, [
        forge({ exp: now + 10 * 365 * 86_400 }),
        forge({ iat: now - 1, exp: now + 3601 }),
      ]),
    ).toEqual([])
    expect(await acceptedOf(daemon, [forge({ iat: now - 1, exp: now + 3599 })])).toHaveLength(1)
  })

  test("a claim expires_at of its own is not what limits the token's life", async () => {
    const now = Math.floor(daemon.clock.now() / 1000)
    const past = '2001-01-01T00:00:00Z'
    const future = '2099-01-01T00:00:00Z'
    expect(await acceptedOf(daemon, [forge({ expires_at: past })])).toHaveLength(1)
    expect(await acceptedOf(daemon, [forge({ iat: now - 600, exp: now - 60, expires_at: future })])).toEqual(
      [],
    )
  })

  test('C1: another HMAC or the right one under another header is refused', async () => {
    const tokens = [
      hs256({ ...header, alg: 'HS512' }, payload, SECRET, 'sha512'),
      hs256({ ...header, alg: 'HS384' }, payload),
      hs256({ ...header, kid: 'x' }, payload),
    ]
    expect(await acceptedOf(daemon, tokens)).toEqual([])
  })
})

test('C11: a secret of less than 32 bytes is refused at start', async () => {
  await expect(startTestDaemon({ JWT_SECRET: 'x'.repeat(31) })).rejects.toThrow(
    /JWT_SECRET .*at least 32 bytes/,
  )
})
