import { hash } from 'node:crypto'
import { compactVerify } from 'jose'
import {
  hasPinnedHeader,
  namesThumbprint,
  isStrictCompactForm,
  isTimely,
  readPayload,
  type AccessTokenPayload,
} from '../../domain/access-token.ts'
import type { Random, TokenSigner } from '../../ports/crypto.ts'
import { RecentMap } from '../recent-map.ts'
import type { KeyRing } from './signing-keys.ts'

/**
 * Verified tokens remembered, by their digests; a signature is checked once, everything that can change is
 * checked at each use.
 */
const REMEMBERED_TOKENS = 16_384

interface Verified {
  readonly payload: AccessTokenPayload
  readonly kid: string
}

/**
 * Issues and verifies `at+jwt` access tokens with the keys of the present ring; the algorithm is the key's,
 * never the token's. Signing takes the main thread and is for those who have proved a secret; a signature
 * that
 * anybody may send is verified beside it. A token that was verified before is still refused once its key has
 * left the ring.
 */
export const createTokenSigner = (
  ring: () => KeyRing,
  options: {
    issuer: string
    audience: string
    leewaySeconds: number
    random: Random
    /**
     * Called before a token under a key that is not in the ring is refused: another daemon may just have
     * begun to use it.
     */
    unknownKey: () => Promise<void>
  },
): TokenSigner => {
  const verified = new RecentMap<string, Verified>(REMEMBERED_TOKENS)

  const keyOf = (token: string) => ring().accepted.find((accepted) => hasPinnedHeader(token, accepted))

  const verifyOnce = async (token: string): Promise<Verified | undefined> => {
    if (!isStrictCompactForm(token)) return undefined
    const known = keyOf(token)
    if (known === undefined && namesThumbprint(token)) await options.unknownKey()
    const key = known ?? keyOf(token)
    if (key === undefined) return undefined
    try {
      await compactVerify(token, key.verifying, { algorithms: [key.alg] })
    } catch {
      return undefined
    }
    const payload = readPayload(token, options)
    return payload && { payload, kid: key.kid }
  }

  return {
    sign: (claims) => {
      const { active } = ring()
      const payload = JSON.stringify({
        client_id: claims.applicationId,
        sid: claims.sid,
        role: claims.role,
        id: claims.sub,
        iss: options.issuer,
        sub: claims.sub,
        aud: options.audience,
        iat: claims.issuedAt,
        exp: claims.expiresAt,
        jti: options.random.id(),
      })
      const input = `${active.header}.${Buffer.from(payload).toString('base64url')}`
      return `${input}.${active.sign(input)}`
    },

    verify: async (token, { now, ignoreExpiry }) => {
      const digest = hash('sha256', token, 'base64')
      const remembered = verified.get(digest)
      const found = remembered ?? (await verifyOnce(token))
      if (found === undefined) return undefined
      const isAccepted = ring().accepted.some(({ kid }) => kid === found.kid)
      if (
        !isAccepted ||
        !isTimely(found.payload, { now, ignoreExpiry, leewaySeconds: options.leewaySeconds })
      ) {
        verified.delete(digest)
        return undefined
      }
      if (remembered === undefined) verified.set(digest, found)
      const { sub, sid, role, applicationId, iat, exp } = found.payload
      return { sub, sid, role, applicationId, issuedAt: iat, expiresAt: exp }
    },

    jwks: () => ({ keys: ring().accepted.flatMap(({ publicJwks }) => publicJwks) }),
  }
}
