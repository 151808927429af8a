import { createSecretKey } from 'node:crypto'
import { createLocalJWKSet, jwtVerify, SignJWT, decodeJwt, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../daemon/adapters/crypto/random.ts'
import {
  createRingMaker,
  generateSigningKey,
  hs256Ring,
  type KeyRing,
} from '../../daemon/adapters/crypto/signing-keys.ts'
import { createTokenSigner } from '../../daemon/adapters/crypto/token-signer.ts'
import { createVault } from '../../daemon/adapters/crypto/vault.ts'
import type { AccountId } from '../../daemon/domain/account.ts'
import type { SessionId } from '../../daemon/domain/session.ts'
import type { AccessClaims } from '../../daemon/ports/crypto.ts'

const SECRET = 'a secret of this test that has more than 32 bytes'
const ISSUER = 'https://auth.example.org'
const NOW = 1_800_000_000_000
const AT = { now: NOW, ignoreExpiry: false }

const vault = createVault({ secret: SECRET, refreshKeySecret: SECRET })
const ringOf = createRingMaker(vault)

const newRing = async (): Promise<KeyRing> =>
  ringOf([await generateSigningKey(vault, { sequence: 1, createdAt: NOW, activeFrom: NOW })], NOW)

const signerOf = (ring: () => KeyRing, { issuer = ISSUER, random = createRandom() } = {}) =>
  createTokenSigner(ring, {
    issuer,
    audience: 'api',
    leewaySeconds: 30,
    random,
    unknownKey: () => Promise.resolve(),
  })

const claims: AccessClaims = {
  sub: 'usr_1' as AccountId,
  sid: 'ses_1' as SessionId,
  role: 'user',
  applicationId: 'an "app" with ünusual letters',
  issuedAt: NOW / 1000,
  expiresAt: NOW / 1000 + 900,
}

/** The same token, made by jose. */
const signedByJose = (
  token: string,
  { alg, kid }: { alg: string; kid: string },
  key: Parameters<SignJWT['sign']>[0],
) => new SignJWT(decodeJwt(token)).setProtectedHeader({ alg, typ: 'at+jwt', kid }).sign(key)

describe('C11: tokens are those that jose would make', () => {
  test('an Ed25519 token verifies in jose by the published keys, with every claim', async () => {
    const ring = await newRing()
    const signer = signerOf(() => ring)
    const jwks = signer.jwks() as unknown as { keys: JWK[] }
    for (let round = 0; round < 50; round++) {
      const token = signer.sign(claims)
      const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks), {
        issuer: ISSUER,
        audience: 'api',
        typ: 'at+jwt',
        algorithms: ['EdDSA'],
        currentDate: new Date(NOW),
      })
      expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: ring.active.kid })
      expect(payload).toMatchObject({
        sub: 'usr_1',
        id: 'usr_1',
        sid: 'ses_1',
        client_id: claims.applicationId,
      })
      expect(await signerOf(() => ring).verify(token, AT)).toEqual(claims)
    }
  })

  test('an HS256 token is the same, byte for byte', async () => {
    const ring = hs256Ring(SECRET)
    const token = signerOf(() => ring).sign(claims)
    expect(await signedByJose(token, ring.active, createSecretKey(Buffer.from(SECRET)))).toBe(token)
  })
})

test('C11: a token that was made here is read and not verified again; by any other signer it is', async () => {
  const [ring, other] = [await newRing(), await newRing()]
  const blind: KeyRing = {
    active: ring.active,
    accepted: [{ ...ring.active, verifying: other.active.verifying }],
  }
  const signer = signerOf(() => blind)
  const token = signer.sign(claims)
  for (const _again of [1, 2]) expect(await signer.verify(token, AT)).toEqual(claims)
  expect(await signer.verify(token, { ...AT, now: (claims.expiresAt + 30) * 1000 })).toBe(undefined)
  expect(await signer.verify(token, AT)).toBe(undefined)
  expect(await signerOf(() => blind).verify(signer.sign(claims), AT)).toBe(undefined)
  const tooLong = signer.sign({ ...claims, expiresAt: claims.issuedAt + 3601 })
  expect(await signer.verify(tooLong, AT)).toBe(undefined)
})

describe('C12: a token that was verified before is looked at again each time', () => {
  test('it ends with its key, and comes back with none that only has its id', async () => {
    const [first, second] = [await newRing(), await newRing()]
    let ring: KeyRing = { active: second.active, accepted: [first.active, second.active] }
    const signer = signerOf(() => ring)
    const token = signerOf(() => first).sign(claims)
    expect(await signer.verify(token, AT)).toEqual(claims)
    ring = second
    expect(await signer.verify(token, AT)).toBe(undefined)
    ring = { active: second.active, accepted: [second.active, { ...second.active, kid: first.active.kid }] }
    expect(await signer.verify(token, AT)).toBe(undefined)
  })

  test('it ends with its time, begins with it, and is refused under another issuer', async () => {
    const ring = await newRing()
    const signer = signerOf(() => ring)
    const token = signerOf(() => ring).sign(claims)
    expect(await signer.verify(token, AT)).toEqual(claims)
    const after = (claims.expiresAt + 30) * 1000
    expect(await signer.verify(token, { now: after, ignoreExpiry: false })).toBe(undefined)
    expect(await signer.verify(token, { now: after, ignoreExpiry: true })).toEqual(claims)
    expect(await signer.verify(token, { now: after - 1, ignoreExpiry: false })).toEqual(claims)
    expect(await signer.verify(token, { now: NOW - 31_000, ignoreExpiry: true })).toBe(undefined)
    const renamed = signerOf(() => ring, { issuer: `${ISSUER}/` })
    expect(await renamed.verify(token, AT)).toBe(undefined)
  })

  test('a forged one is refused each time, before and after the honest one', async () => {
    const ring = await newRing()
    const signer = signerOf(() => ring)
    const honest = signerOf(() => ring).sign(claims)
    const [header, payload, signature = ''] = honest.split('.')
    const other = signer.sign({ ...claims, sub: 'sa_1' as AccountId, role: 'super-admin' }).split('.')[1]
    const forged = [
      `${header}.${other}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -2)}AA`,
      `${header}.${payload}.`,
      `${honest} `,
      `${header}.${payload}.${signature}.${signature}`,
    ]
    for (const _again of [0, 1, 2]) {
      for (const token of forged) expect(await signer.verify(token, AT), token).toBe(undefined)
      expect(await signer.verify(honest, AT)).toEqual(claims)
    }
  })
})
