import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { PublicJwk } from '../../domain/application.ts'
import type { PublicKeys } from '../../ports/crypto.ts'

const MIN_BITS = 2048
const MAX_BITS = 4096
const EXPONENT = 65_537n

const verifyBeside = promisify(verify)

const keyOf = ({ kty, crv, x, y, n, e }: Omit<PublicJwk, 'kid' | 'use'>): KeyObject => {
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined)
  return createPublicKey({ key: Object.fromEntries(members), format: 'jwk' })
}

const isStrong = ({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean => {
  if (type !== 'rsa') return true
  const bits = details?.modulusLength ?? 0
  return bits >= MIN_BITS && bits <= MAX_BITS && details?.publicExponent === EXPONENT
}

/** The public keys of applications by the system's OpenSSL. */
export const createPublicKeys = (): PublicKeys => ({
  isKey: (jwk) => {
    try {
      const key = keyOf(jwk)
      const written = key.export({ format: 'jwk' })
      const members = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const
      return isStrong(key) && members.every((name) => written[name] === jwk[name])
    } catch {
      return false
    }
  },

  hasSigned: (jwk, { input, signature }) =>
    verifyBeside(
      jwk.alg === 'EdDSA' ? null : 'sha256',
      Buffer.from(input),
      { key: keyOf(jwk), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    ).catch(() => false),
})
