import {
  constants,
  createHash,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
  sign,
} from 'node:crypto'
import type { JWK } from 'jose'

/** Keys of one run, and signatures of every kind that a forger with all the keys could make. */
export const SECRET = randomBytes(32)
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const okp = generateKeyPairSync('ed25519')

export const RSA_BYTES = 256
const publicJwk = (key: KeyObject): JWK => key.export({ format: 'jwk' })

export const asNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
export const asBytes = (value: bigint, length: number): Buffer =>
  Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')

export type Algorithm = 'HS256' | 'ES256' | 'EdDSA' | `${'RS' | 'PS'}${256 | 384 | 512}`

export const RSA_MODULUS = asNumber(Buffer.from(publicJwk(rsa.publicKey).n ?? '', 'base64url'))
export const RSA_PUBLIC_PEM = rsa.publicKey.export({ format: 'pem', type: 'spki' })
export const EC_PUBLIC_DER = ec.publicKey.export({ format: 'der', type: 'spki' })

export const hashOf = (alg: Algorithm): string => `sha${alg.slice(2)}`
export const digest = (alg: Algorithm, input: string): Buffer =>
  createHash(hashOf(alg)).update(input).digest()

/** The key that verifies an algorithm, as a verifier is configured with it. */
export const verifyingKey = (alg: Algorithm): JWK => {
  if (alg === 'HS256') return { kty: 'oct', k: SECRET.toString('base64url'), alg }
  if (alg === 'ES256') return { ...publicJwk(ec.publicKey), alg }
  if (alg === 'EdDSA') return { ...publicJwk(okp.publicKey), alg }
  return { ...publicJwk(rsa.publicKey), alg }
}

export const signature = (alg: Algorithm, input: string, saltLength?: number): Buffer => {
  const bytes = Buffer.from(input)
  if (alg === 'HS256') return createHmac('sha256', SECRET).update(bytes).digest()
  if (alg === 'EdDSA') return sign(null, bytes, okp.privateKey)
  if (alg === 'ES256') return sign('sha256', bytes, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' })
  const key = rsa.privateKey
  if (alg.startsWith('RS')) return sign(hashOf(alg), bytes, key)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return sign(hashOf(alg), bytes, {
    key,
    padding,
    saltLength: saltLength ?? constants.RSA_PSS_SALTLEN_DIGEST,
  })
}

/** The RSA signature whose encoded message is exactly this block. */
export const signBlock = (block: Buffer): Buffer =>
  privateEncrypt({ key: rsa.privateKey, padding: constants.RSA_NO_PADDING }, block)

/** The encoded message of an RSA signature. */
export const blockOf = (bytes: Buffer): Buffer =>
  publicDecrypt({ key: rsa.publicKey, padding: constants.RSA_NO_PADDING }, bytes)
