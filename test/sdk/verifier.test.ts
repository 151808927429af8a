import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import * as fc from 'fast-check'
import { createRandom } from '../../daemon/adapters/crypto/random.ts'
import {
  createRingMaker,
  generateSigningKey,
  type KeyRing,
} from '../../daemon/adapters/crypto/signing-keys.ts'
import { createTokenSigner } from '../../daemon/adapters/crypto/token-signer.ts'
import { createVault } from '../../daemon/adapters/crypto/vault.ts'
import { readPayload } from '../../daemon/domain/access-token.ts'
import type { AccountId } from '../../daemon/domain/account.ts'
import type { ApplicationId, ServiceKeyId } from '../../daemon/domain/application.ts'
import type { SessionId } from '../../daemon/domain/session.ts'
import { createVerifier, InvalidTokenError, type VerifierOptions } from '../../sdk/server/index.ts'
import { inputOf, withSignature } from '../security/jws-corpus.ts'
import { signature } from '../security/jws-keys.ts'

const SECRET = 'a secret of this test that has more than 32 bytes'
const ISSUER = 'https://auth.example.org'
const NOW = 1_800_000_000_000
const SECONDS = NOW / 1000
const MINUTE = 60_000

const vault = createVault({ secret: SECRET, refreshKeySecret: SECRET })
const ringOf = createRingMaker(vault)
const newRing = async (): Promise<KeyRing> =>
  ringOf([await generateSigningKey(vault, { sequence: 1, createdAt: NOW, activeFrom: NOW })], NOW)

const signerOf = (ring: KeyRing, { issuer = ISSUER, audience = 'authctl' } = {}) =>
  createTokenSigner(() => ring, {
    issuer,
    audience,
    leewaySeconds: 30,
    random: createRandom(),
    unknownKey: () => Promise.resolve(),
  })

const claims = {
  sub: 'usr_1' as AccountId,
  sid: 'ses_1' as SessionId,
  role: 'user',
  applicationId: 'an "app" with ünusual letters',
  issuedAt: SECONDS,
  expiresAt: SECONDS + 900,
} as const
const auth = {
  accountId: 'usr_1',
  role: 'user',
  sessionId: 'ses_1',
  clientId: claims.applicationId,
  issuedAt: SECONDS,
  expiresAt: SECONDS + 900,
}

const APPLICATION = {
  sub: 'app_1' as ApplicationId,
  role: 'application',
  ownerId: 'cli_1' as AccountId,
  keyId: 'key_1' as ServiceKeyId,
  scope: 'cli_1/reader root/lister',
  issuedAt: SECONDS,
  expiresAt: SECONDS + 900,
} as const

let ring: KeyRing
let jwks: { keys: JWK[] }
let token: string
beforeAll(async () => {
  ring = await newRing()
  jwks = signerOf(ring).jwks() as unknown as { keys: JWK[] }
  token = signerOf(ring).sign(claims)
})

const verifierOf = (options: Partial<VerifierOptions> = {}) =>
  createVerifier({ issuer: ISSUER, keys: jwks.keys, now: () => NOW, ...options })

/** The fault of a token that is refused; undefined for one that is taken. */
const faultOf = async (
  verifier: ReturnType<typeof verifierOf>,
  given: string,
): Promise<string | undefined> => {
  try {
    await verifier.verify(given)
    return undefined
  } catch (error) {
    if (!(error instanceof InvalidTokenError)) throw error
    if (given.length > 20) expect(error.message).not.toContain(given)
    return error.fault
  }
}

/** Keys behind a network that the test makes fail, and counts. */
const served = () => {
  const network = {
    loads: 0,
    keys: jwks.keys,
    reply: (): Response | Promise<Response> => Response.json({ keys: network.keys }),
    fetch: async (url: unknown, init?: RequestInit): Promise<Response> => {
      network.loads++
      // As on the edge: Workers know two of the three ways to take a redirect.
      if (init?.redirect === 'error') throw new TypeError('Invalid redirect value')
      expect(url).toBe(`${ISSUER}/.well-known/jwks.json`)
      return network.reply()
    },
  }
  return network
}

describe('S11: a token of the daemon', () => {
  test('is taken, as often as it comes, and says who it speaks for', async () => {
    const verifier = verifierOf()
    for (let round = 0; round < 3; round++) expect(await verifier.verify(token)).toEqual(auth)
  })

  const FORGED: readonly (readonly [string, () => string | Promise<string>, string])[] = [
    ['of another issuer', () => signerOf(ring, { issuer: `${ISSUER}/` }).sign(claims), 'wrong_issuer'],
    ['for another audience', () => signerOf(ring, { audience: 'shop' }).sign(claims), 'wrong_audience'],
    [
      'that has expired',
      () => signerOf(ring).sign({ ...claims, issuedAt: SECONDS - 900, expiresAt: SECONDS - 5 }),
      'expired',
    ],
    ['of the future', () => signerOf(ring).sign({ ...claims, issuedAt: SECONDS + 6 }), 'not_yet_valid'],
    ['signed with another key', async () => signerOf(await newRing()).sign(claims), 'unknown_key'],
    [
      'with a changed payload',
      () =>
        token.replace(
          /\.[^.]+\./,
          `.${
            signerOf(ring)
              .sign({ ...claims, sub: 'sa_1' as AccountId })
              .split('.')[1]
          }.`,
        ),
      'bad_signature',
    ],
    [
      'with a changed signature',
      () => `${token.slice(0, -3)}${token.at(-3) === 'A' ? 'B' : 'A'}${token.slice(-2)}`,
      'bad_signature',
    ],
    ['of another form', () => `${token}.`, 'malformed'],
    ['that is no token', () => '', 'malformed'],
  ]

  test.each(FORGED)('%s is refused, before and after the honest one', async (_what, make, fault) => {
    const verifier = verifierOf()
    const forged = await make()
    expect(await faultOf(verifier, forged)).toBe(fault)
    await verifier.verify(token)
    expect(await faultOf(verifier, forged)).toBe(fault)
  })

  test('is taken while clocks are five seconds apart, and ends though it is remembered', async () => {
    let now = NOW
    const verifier = verifierOf({ now: () => now })
    now = NOW - 5000
    await verifier.verify(token)
    now = (SECONDS + 904) * 1000
    await verifier.verify(token)
    now = (SECONDS + 905) * 1000
    expect(await faultOf(verifier, token)).toBe('expired')
  })
})

describe('S11: a token of an application', () => {
  test('is taken, narrowed or not, and says for whom it acts and by which key, and names no account', async () => {
    const { scope: _scope, ...whole } = APPLICATION
    for (const [subject, scope] of [
      [APPLICATION, ['cli_1/reader', 'root/lister']],
      [{ ...whole, scope: undefined }, undefined],
    ] as const) {
      const found = await verifierOf().verify(signerOf(ring).sign(subject))
      expect(found).toEqual({
        applicationId: 'app_1',
        role: 'application',
        clientId: 'app_1',
        ownerId: 'cli_1',
        keyId: 'key_1',
        scope,
        issuedAt: SECONDS,
        expiresAt: SECONDS + 900,
      })
      expect(found.accountId).toBeUndefined()
    }
  })

  const expected = { issuer: ISSUER, audience: 'authctl' }
  const VALUES = [
    undefined,
    null,
    '',
    'x',
    'app_1',
    'user',
    'application',
    'a b',
    'a  b',
    ' a',
    'é',
    1,
    {},
    ['a'],
    'x'.repeat(257),
    'x'.repeat(4097),
  ]
  const CLAIMS = ['sub', 'id', 'client_id', 'sid', 'role', 'owner_id', 'key_id', 'scope', 'jti']

  test.each([
    ['an application', APPLICATION],
    ['an account', claims],
  ] as const)(
    'is read as the daemon reads it, whatever one claim of that of %s is',
    async (_whose, subject) => {
      const verifier = verifierOf({ rememberedTokens: 0 })
      const [header = '', payload = ''] = signerOf(ring).sign(subject).split('.')
      const honest = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
      const counts = { taken: 0, refused: 0 }
      for (const name of CLAIMS)
        for (const value of VALUES) {
          const changed = Buffer.from(JSON.stringify({ ...honest, [name]: value })).toString('base64url')
          const input = `${header}.${changed}`
          const signed = `${input}.${ring.active.sign(input)}`
          const isTaken = (await faultOf(verifier, signed)) === undefined
          expect(isTaken, `${name}: ${JSON.stringify(value)}`).toBe(
            readPayload(signed, expected) !== undefined,
          )
          counts[isTaken ? 'taken' : 'refused'] += 1
        }
      expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(5)
    },
  )
})

describe('S11: nothing is taken that jose refuses', () => {
  const byJose = async (given: string): Promise<boolean> => {
    try {
      const options = {
        issuer: ISSUER,
        audience: 'authctl',
        typ: 'at+jwt',
        algorithms: ['EdDSA'],
        clockTolerance: 5,
        currentDate: new Date(NOW),
      }
      await jwtVerify(given, createLocalJWKSet(jwks), options)
      return true
    } catch {
      return false
    }
  }

  test('headers and claims of any kind, under an honest signature', async () => {
    const verifier = verifierOf()
    const parts = token.split('.').slice(0, 2)
    const [header, payload] = parts.map(
      (part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>,
    )
    const field = fc.constantFrom(
      'alg',
      'typ',
      'kid',
      'crit',
      'b64',
      'jwk',
      'iss',
      'aud',
      'exp',
      'iat',
      'nbf',
      'sub',
      'role',
      'sid',
      'jti',
      'id',
      'client_id',
    )
    const value = fc.oneof(
      fc.constantFrom<unknown>(
        undefined,
        null,
        '',
        'none',
        'HS256',
        'at+JWT',
        'JWT',
        ISSUER,
        'authctl',
        ['authctl'],
        ['exp'],
        true,
        0,
        -1,
        1e99,
        SECONDS,
        SECONDS + 5,
        SECONDS + 0.5,
        String(SECONDS),
      ),
      fc.jsonValue(),
    )
    let taken = 0
    await fc.assert(
      fc.asyncProperty(fc.boolean(), field, value, async (inHeader, name, given) => {
        const changedParts = [
          { ...header, ...(inHeader ? { [name]: given } : {}) },
          { ...payload, ...(inHeader ? {} : { [name]: given }) },
        ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        const input = changedParts.join('.')
        const changed = `${input}.${ring.active.sign(input)}`
        if ((await faultOf(verifier, changed)) !== undefined) return
        taken++
        expect(await byJose(changed)).toBe(true)
      }),
      { numRuns: 1500 },
    )
    expect(taken, 'nothing was taken').toBeGreaterThan(0)
  })

  test('any byte changed, and any cut', async () => {
    const verifier = verifierOf()
    await verifier.verify(token)
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A'
      expect(
        await faultOf(verifier, token.slice(0, at) + other + token.slice(at + 1)),
        `byte ${at}`,
      ).toBeDefined()
      expect(await faultOf(verifier, token.slice(0, at)), `cut at ${at}`).toBeDefined()
    }
  })

  test('another algorithm, a secret made of the public key, and none at all', async () => {
    const verifier = verifierOf()
    const ownKid = ring.active.kid
    const secret = Buffer.from(jwks.keys[0]?.x ?? '', 'base64url')
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >
    const forge = (alg: string, key: Parameters<SignJWT['sign']>[0]) =>
      new SignJWT(payload).setProtectedHeader({ alg, typ: 'at+jwt', kid: ownKid }).sign(key)
    const rsa = await generateKeyPair('RS256')
    const forged = [
      await forge('HS256', Buffer.concat([secret, secret])),
      await forge('RS256', rsa.privateKey),
      `${Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: ownKid })).toString('base64url')}.${token.split('.')[1]}.`,
      withSignature(
        inputOf('EdDSA', JSON.stringify(payload)),
        signature('EdDSA', inputOf('EdDSA', JSON.stringify(payload))),
      ),
    ]
    for (const one of forged) expect(await faultOf(verifier, one)).toBeDefined()
  })

  test('keys that are not for this: two of one id, of another curve, for encryption', async () => {
    const [own] = jwks.keys as [JWK]
    const other = await exportJWK(
      (await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })).publicKey,
    )
    const sets: JWK[][] = [
      [own, { ...other, kid: own.kid ?? '' }],
      [{ ...own, crv: 'X25519' }],
      [{ ...own, use: 'enc' }],
      [{ ...own, alg: 'ES256' }],
      [{ ...own, key_ops: ['encrypt'] }],
    ]
    for (const keys of sets) expect(await faultOf(verifierOf({ keys: keys }), token)).toBe('unknown_key')
  })
})

describe('S11: keys', () => {
  test('are loaded once for all who wait, and again when they are ten minutes old, beside the calls', async () => {
    const network = served()
    let now = NOW
    const verifier = verifierOf({ keys: undefined, fetch: network.fetch, now: () => now })
    await Promise.all(Array.from({ length: 100 }, () => verifier.verify(token)))
    expect(network.loads).toBe(1)
    now += 10 * MINUTE + 1
    await Promise.all(Array.from({ length: 100 }, () => verifier.verify(token)))
    expect(network.loads).toBe(2)
  })

  test('that are not there: ids made up by anybody load them once in half a minute, impossible ones never', async () => {
    const network = served()
    let now = NOW
    const verifier = verifierOf({ keys: undefined, fetch: network.fetch, now: () => now })
    await verifier.verify(token)
    const [, payload, mac] = token.split('.')
    const named = (kid: string) =>
      `${Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid })).toString('base64url')}.${payload}.${mac}`
    for (let n = 0; n < 500; n++) {
      now += 100
      expect(await faultOf(verifier, named(String(n).padStart(43, 'x')))).toBe('unknown_key')
      expect(await faultOf(verifier, named(`id-${n}`))).toBe('malformed')
    }
    expect(network.loads).toBe(2)
  })

  test('of a rotation are found at once, and a key that is withdrawn takes its remembered tokens along', async () => {
    const network = served()
    let now = NOW
    const verifier = verifierOf({ keys: undefined, fetch: network.fetch, now: () => now })
    await verifier.verify(token)
    const next = await newRing()
    network.keys = signerOf(next).jwks().keys as unknown as JWK[]
    now += MINUTE
    await verifier.verify(signerOf(next).sign(claims))
    expect(await faultOf(verifier, token)).toBe('unknown_key')
  })

  test('that are none spoil no other, where they are given and where they are loaded', async () => {
    const [own] = jwks.keys
    const broken: unknown[] = [
      null,
      'x',
      { ...own, kid: 'short', x: 'AA' },
      { ...own, kid: 'ops', key_ops: 1 },
    ]
    const network = served()
    network.keys = [...broken, own] as JWK[]
    for (const options of [{ keys: network.keys }, { keys: undefined, fetch: network.fetch }])
      expect(await verifierOf(options).verify(token)).toEqual(auth)
  })

  test('are loaded again when the clock was put back: nobody knows how old they are', async () => {
    const network = served()
    let now = NOW + 24 * 60 * MINUTE
    const verifier = verifierOf({ keys: undefined, fetch: network.fetch, now: () => now })
    const issuedAt = now / 1000
    await verifier.verify(signerOf(ring).sign({ ...claims, issuedAt, expiresAt: issuedAt + 900 }))
    now = NOW
    const next = await newRing()
    network.keys = signerOf(next).jwks().keys as unknown as JWK[]
    await verifier.verify(signerOf(next).sign(claims))
    expect(await faultOf(verifier, token)).toBe('unknown_key')
  })

  test.each([
    ['does not answer', () => Promise.reject(new Error('refused'))],
    ['answers 500', () => new Response('', { status: 500 })],
    ['answers no JSON', () => new Response('<html>')],
    ['answers no keys', () => Response.json({ keys: 1 })],
    ['sends elsewhere', () => Response.json({ keys: jwks.keys }, { status: 302 })],
  ] as const)(
    'S1: a daemon that %s: known keys serve for an hour, then calls fail as 503 and not as 401',
    async (_what, reply) => {
      const network = served()
      let now = NOW
      const long = signerOf(ring).sign({ ...claims, issuedAt: SECONDS, expiresAt: SECONDS + 3600 })
      const verifier = verifierOf({
        keys: undefined,
        fetch: network.fetch,
        now: () => now,
        clockToleranceSeconds: 60,
      })
      await verifier.verify(long)
      network.reply = reply
      now = NOW + 59 * MINUTE
      await verifier.verify(long)
      now = NOW + 60 * MINUTE + 1
      await expect(verifier.verify(long)).rejects.toMatchObject({ code: 'keys_unavailable' })
      const before = network.loads
      for (let n = 0; n < 100; n++) await verifier.verify(long).catch(() => undefined)
      expect(network.loads - before).toBeLessThanOrEqual(1)
      now += 1000
      network.reply = () => Response.json({ keys: network.keys })
      await verifier.verify(long)
    },
  )
})

test.each([
  [{ issuer: 'auth.example.com' }, /issuer/],
  [{ clockToleranceSeconds: 61 }, /clockToleranceSeconds/],
  [{ clockToleranceSeconds: NaN }, /clockToleranceSeconds/],
  [{ rememberedTokens: -1 }, /rememberedTokens/],
  [{ keys: { keys: [] } as never }, /member "keys"/],
])('S11: options that cannot be meant are refused: %j', (options, message) => {
  expect(() => verifierOf(options)).toThrow(message)
})

test('S11: it remembers no more tokens than it was told', async () => {
  let digests = 0
  const verifier = verifierOf({ rememberedTokens: 2 })
  for (let n = 0; n < 5; n++) {
    const own = signerOf(ring).sign({ ...claims, sid: `ses_${n}` as SessionId })
    digests += Number((await verifier.verify(own)).sessionId === `ses_${n}`)
  }
  expect(digests).toBe(5)
})
