import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import {
  calculateJwkThumbprint,
  compactVerify,
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
  type CryptoKey,
  type JWK,
} from 'jose'
import {
  hasPinnedHeader,
  isStrictCompactForm,
  isTimely,
  readPayload,
  type AccessTokenPayload,
} from '../../domain/access-token.ts'
import type { Random, TokenSigner, Vault } from '../../ports/crypto.ts'
import type { SigningKeyStore, StoredSigningKey } from '../../ports/stores.ts'

interface SigningKey {
  readonly alg: 'EdDSA' | 'HS256'
  readonly kid: string
  readonly signing: CryptoKey | KeyObject
  readonly verifying: CryptoKey | KeyObject
  readonly publicJwks: readonly Record<string, string>[]
}

const SEAL_CONTEXT = 'signing-key:'
/** Verified tokens remembered; a signature is checked once, everything that can change is checked at each use. */
const REMEMBERED_TOKENS = 4096

const createCandidate = async (vault: Vault, now: number): Promise<StoredSigningKey> => {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const publicJwk = await exportJWK(pair.publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  return {
    kid,
    alg: 'EdDSA',
    publicJwk: JSON.stringify(publicJwk),
    sealedPrivateJwk: vault.seal(JSON.stringify(await exportJWK(pair.privateKey)), SEAL_CONTEXT + kid),
    createdAt: now,
  }
}

/** The Ed25519 key of this store, generated on first use; its private part is kept sealed. Throws when the sealing secret has changed. */
export const loadEd25519Key = async (
  keys: SigningKeyStore,
  vault: Vault,
  now: number,
): Promise<SigningKey> => {
  const stored = (await keys.get()) ?? (await keys.getOrInsert(await createCandidate(vault, now)))
  const opened = vault.open(stored.sealedPrivateJwk, SEAL_CONTEXT + stored.kid)
  if (opened === undefined) {
    throw new Error(
      'the stored signing key cannot be opened: AUTHCTL_SECRET is not the one it was sealed with',
    )
  }
  const publicJwk = JSON.parse(stored.publicJwk) as JWK
  return {
    alg: 'EdDSA',
    kid: stored.kid,
    signing: (await importJWK(JSON.parse(opened) as JWK, 'EdDSA')) as CryptoKey,
    verifying: (await importJWK(publicJwk, 'EdDSA')) as CryptoKey,
    publicJwks: [
      { kty: 'OKP', crv: 'Ed25519', x: publicJwk.x ?? '', kid: stored.kid, use: 'sig', alg: 'EdDSA' },
    ],
  }
}

/** A symmetric key from `JWT_SECRET`; nothing of it is published. */
export const loadHs256Key = (secret: string): SigningKey => {
  const key = createSecretKey(Buffer.from(secret, 'utf8'))
  const kid = createHmac('sha256', secret).update('authctl/kid').digest('base64url').slice(0, 16)
  return { alg: 'HS256', kid, signing: key, verifying: key, publicJwks: [] }
}

/** Issues and verifies `at+jwt` access tokens with one key; the algorithm is the key's, never the token's. */
export const createTokenSigner = (
  key: SigningKey,
  options: { issuer: string; audience: string; leewaySeconds: number; random: Random },
): TokenSigner => {
  const verified = new Map<string, AccessTokenPayload>()

  const remember = (token: string, payload: AccessTokenPayload): AccessTokenPayload => {
    if (verified.size >= REMEMBERED_TOKENS) verified.delete(verified.keys().next().value as string)
    verified.set(token, payload)
    return payload
  }

  const verifyOnce = async (token: string): Promise<AccessTokenPayload | undefined> => {
    if (!isStrictCompactForm(token) || !hasPinnedHeader(token, key)) return undefined
    try {
      await compactVerify(token, key.verifying, { algorithms: [key.alg] })
    } catch {
      return undefined
    }
    const payload = readPayload(token, options)
    return payload && remember(token, payload)
  }

  return {
    sign: (claims) =>
      new SignJWT({ client_id: claims.clientId, sid: claims.sid, role: claims.role, id: claims.sub })
        .setProtectedHeader({ alg: key.alg, typ: 'at+jwt', kid: key.kid })
        .setIssuer(options.issuer)
        .setSubject(claims.sub)
        .setAudience(options.audience)
        .setIssuedAt(claims.issuedAt)
        .setExpirationTime(claims.expiresAt)
        .setJti(options.random.id())
        .sign(key.signing),

    verify: async (token, { now, ignoreExpiry }) => {
      const payload = verified.get(token) ?? (await verifyOnce(token))
      if (
        payload === undefined ||
        !isTimely(payload, { now, ignoreExpiry, leewaySeconds: options.leewaySeconds })
      )
        return undefined
      const { sub, sid, role, clientId } = payload
      return { sub, sid, role, clientId, issuedAt: payload.iat, expiresAt: payload.exp }
    },

    jwks: () => ({ keys: key.publicJwks }),
  }
}
