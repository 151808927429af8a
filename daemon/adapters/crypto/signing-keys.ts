import {
  createHmac,
  createPrivateKey,
  createSecretKey,
  sign as signBytes,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import type { CryptoKey, JWK } from 'jose'
// Only what is used: the package as a whole would be held in memory.
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import { exportJWK } from 'jose/key/export'
import { generateKeyPair } from 'jose/key/generate/keypair'
import { importJWK } from 'jose/key/import'
import { keyStates } from '../../domain/signing-key.ts'
import type { Vault } from '../../ports/crypto.ts'
import type { StoredSigningKey } from '../../ports/stores/index.ts'

/** A key that is ready to sign and to verify, with the public forms of it that are published. */
export interface SigningKey {
  readonly alg: 'EdDSA' | 'HS256'
  readonly kid: string
  /** The protected header of what it signs, encoded. */
  readonly header: string
  /** The signature over a header and a payload, encoded. It takes the main thread for its time. */
  readonly sign: (input: string) => string
  readonly verifying: CryptoKey | KeyObject
  readonly publicJwks: readonly Record<string, string>[]
}

/** The keys of one moment: the one that signs, and all whose signatures are accepted and published. */
export interface KeyRing {
  readonly active: SigningKey
  readonly accepted: readonly SigningKey[]
}

const SEAL_CONTEXT = 'signing-key:'

const headerOf = (alg: SigningKey['alg'], kid: string): string =>
  Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid })).toString('base64url')

/**
 * A new Ed25519 key, its private part sealed. Its id never begins with `-`, so that it can be typed as an
 * argument.
 */
export const generateSigningKey = async (
  vault: Vault,
  place: Pick<StoredSigningKey, 'sequence' | 'createdAt' | 'activeFrom'>,
): Promise<StoredSigningKey> => {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const publicJwk = await exportJWK(pair.publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  if (kid.startsWith('-')) return generateSigningKey(vault, place)
  return {
    kid,
    alg: 'EdDSA',
    publicJwk: JSON.stringify(publicJwk),
    sealedPrivateJwk: vault.seal(JSON.stringify(await exportJWK(pair.privateKey)), SEAL_CONTEXT + kid),
    revokedAt: null,
    ...place,
  }
}

/** The usable form of a stored key. Throws when the sealing secret has changed. */
const openSigningKey = async (stored: StoredSigningKey, vault: Vault): Promise<SigningKey> => {
  const opened = vault.open(stored.sealedPrivateJwk, SEAL_CONTEXT + stored.kid)
  if (opened === undefined) {
    throw new Error(
      'the stored signing key cannot be opened: AUTHCTL_SECRET is not the one it was sealed with',
    )
  }
  const publicJwk = JSON.parse(stored.publicJwk) as JWK
  const privateKey = createPrivateKey({ key: JSON.parse(opened) as JsonWebKey, format: 'jwk' })
  return {
    alg: 'EdDSA',
    kid: stored.kid,
    header: headerOf('EdDSA', stored.kid),
    sign: (input) => signBytes(null, Buffer.from(input), privateKey).toString('base64url'),
    verifying: (await importJWK(publicJwk, 'EdDSA')) as CryptoKey,
    publicJwks: [
      { kty: 'OKP', crv: 'Ed25519', x: publicJwk.x ?? '', kid: stored.kid, use: 'sig', alg: 'EdDSA' },
    ],
  }
}

/**
 * Makes rings of stored keys; each key is opened once, and kept no longer than it is of use. Throws when no
 * key may sign.
 */
export const createRingMaker = (vault: Vault) => {
  const opened = new Map<string, SigningKey>()

  const open = async (stored: StoredSigningKey): Promise<SigningKey> => {
    const key = opened.get(stored.kid) ?? (await openSigningKey(stored, vault))
    opened.set(stored.kid, key)
    return key
  }

  return async (stored: readonly StoredSigningKey[], now: number): Promise<KeyRing> => {
    const usable = [...keyStates(stored, now)].filter(
      ([, state]) => state !== 'revoked' && state !== 'retired',
    )
    const active = usable.find(([, state]) => state === 'active')
    if (active === undefined) throw new Error('no signing key is active: run authctl keys rotate --now')
    for (const kid of opened.keys()) if (!usable.some(([key]) => key.kid === kid)) opened.delete(kid)
    return {
      active: await open(active[0]),
      accepted: await Promise.all(usable.map(([key]) => open(key))),
    }
  }
}

/** A symmetric key from `JWT_SECRET`; nothing of it is published, and it is not rotated but replaced. */
export const hs256Ring = (secret: string): KeyRing => {
  const key = createSecretKey(Buffer.from(secret, 'utf8'))
  const kid = createHmac('sha256', secret).update('authctl/kid').digest('base64url').slice(0, 16)
  const active: SigningKey = {
    alg: 'HS256',
    kid,
    header: headerOf('HS256', kid),
    sign: (input) => createHmac('sha256', key).update(input).digest('base64url'),
    verifying: key,
    publicJwks: [],
  }
  return { active, accepted: [active] }
}
