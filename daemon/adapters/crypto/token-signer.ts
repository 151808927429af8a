import { compactVerify, SignJWT } from 'jose'
import {
  hasPinnedHeader,
  namesThumbprint,
  isStrictCompactForm,
  isTimely,
  readPayload,
  type AccessTokenPayload,
} from '../../domain/access-token.ts'
import type { Random, TokenSigner } from '../../ports/crypto.ts'
import type { KeyRing } from './signing-keys.ts'

/**
 * Verified tokens remembered; a signature is checked once, everything that can change is checked at each use.
 */
const REMEMBERED_TOKENS = 4096

interface Verified {
  readonly payload: AccessTokenPayload
  readonly kid: string
}

/**
 * Issues and verifies `at+jwt` access tokens with the keys of the present ring; the algorithm is the key's,
 * never the token's. A token that was verified before is still refused once its key has left the ring.
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
  const verified = new Map<string, Verified>()

  const remember = (token: string, found: Verified): Verified => {
    if (verified.size >= REMEMBERED_TOKENS) verified.delete(verified.keys().next().value as string)
    verified.set(token, found)
    return found
  }

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
    return payload && remember(token, { payload, kid: key.kid })
  }

  return {
    sign: (claims) => {
      const { active } = ring()
      return new SignJWT({
        client_id: claims.applicationId,
        sid: claims.sid,
        role: claims.role,
        id: claims.sub,
      })
        .setProtectedHeader({ alg: active.alg, typ: 'at+jwt', kid: active.kid })
        .setIssuer(options.issuer)
        .setSubject(claims.sub)
        .setAudience(options.audience)
        .setIssuedAt(claims.issuedAt)
        .setExpirationTime(claims.expiresAt)
        .setJti(options.random.id())
        .sign(active.signing)
    },

    verify: async (token, { now, ignoreExpiry }) => {
      const found = verified.get(token) ?? (await verifyOnce(token))
      const isAccepted = found !== undefined && ring().accepted.some(({ kid }) => kid === found.kid)
      if (
        !isAccepted ||
        !isTimely(found.payload, { now, ignoreExpiry, leewaySeconds: options.leewaySeconds })
      )
        return undefined
      const { payload } = found
      const { sub, sid, role, applicationId } = payload
      return { sub, sid, role, applicationId, issuedAt: payload.iat, expiresAt: payload.exp }
    },

    jwks: () => ({ keys: ring().accepted.flatMap(({ publicJwks }) => publicJwks) }),
  }
}
