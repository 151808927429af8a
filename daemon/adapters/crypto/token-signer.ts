import { hash } from 'node:crypto'
import { compactVerify } from 'jose/jws/compact/verify'
import {
  hasPinnedHeader,
  namesThumbprint,
  isStrictCompactForm,
  isTimely,
  readPayload,
  isOfApplication,
  type AccessTokenPayload,
  type ApplicationSubject,
  type SessionSubject,
} from '../../domain/access-token.ts'
import type { Random, TokenSigner } from '../../ports/crypto.ts'
import { RecentMap } from '../recent-map.ts'
import type { KeyRing } from './signing-keys.ts'

/**
 * Tokens whose signatures are known to be right, by their digests: those made here, and those that were
 * verified. A signature is checked once at most, everything that can change is checked at each use.
 */
const REMEMBERED_TOKENS = 16_384

interface Verified {
  readonly payload: AccessTokenPayload
  readonly kid: string
}

/** Its claims are read when it is used first. */
interface Signed {
  readonly payload: undefined
  readonly kid: string
}

/** Who is named, as claims of the token. */
const claimsOf = (subject: SessionSubject | ApplicationSubject) => {
  const { sub, role } = subject
  return isOfApplication(subject)
    ? {
        client_id: sub,
        role,
        id: sub,
        owner_id: subject.ownerId,
        key_id: subject.keyId,
        scope: subject.scope,
      }
    : { client_id: subject.applicationId, sid: subject.sid, role, id: sub }
}

/** Who is named, and until when. */
const subjectOf = (payload: AccessTokenPayload) => {
  const { iat: issuedAt, exp: expiresAt } = payload
  const times = { issuedAt, expiresAt }
  if (isOfApplication(payload)) {
    const { sub, role, ownerId, keyId, scope } = payload
    return { sub, role, ownerId, keyId, scope, ...times }
  }
  const { sub, sid, role, applicationId } = payload
  return { sub, sid, role, applicationId, ...times }
}

const digestOf = (token: string): string => hash('sha256', token, 'base64')

/**
 * Issues and verifies `at+jwt` access tokens with the keys of the present ring; the algorithm is the key's,
 * never the token's. Signing takes the main thread and is for those who have proved a secret; a signature
 * that anybody may send is verified beside it. A token that was made here or verified before is still refused
 * once its key has left the ring.
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
  const known = new RecentMap<string, Verified | Signed>(REMEMBERED_TOKENS)

  const keyOf = (token: string) => ring().accepted.find((accepted) => hasPinnedHeader(token, accepted))

  const read = (token: string, kid: string): Verified | undefined => {
    const payload = readPayload(token, options)
    return payload && { payload, kid }
  }

  const verifyOnce = async (token: string): Promise<Verified | undefined> => {
    if (!isStrictCompactForm(token)) return undefined
    const present = keyOf(token)
    if (present === undefined && namesThumbprint(token)) await options.unknownKey()
    const key = present ?? keyOf(token)
    if (key === undefined) return undefined
    try {
      await compactVerify(token, key.verifying, { algorithms: [key.alg] })
    } catch {
      return undefined
    }
    return read(token, key.kid)
  }

  const examine = async (token: string, digest: string): Promise<Verified | undefined> => {
    const found = known.get(digest)
    if (found?.payload !== undefined) return found
    const verified = found === undefined ? await verifyOnce(token) : read(token, found.kid)
    if (verified !== undefined) known.set(digest, verified)
    return verified
  }

  return {
    issuer: options.issuer,
    audience: options.audience,

    sign: (claims) => {
      const { active } = ring()
      const payload = JSON.stringify({
        ...claimsOf(claims),
        iss: options.issuer,
        sub: claims.sub,
        aud: options.audience,
        iat: claims.issuedAt,
        exp: claims.expiresAt,
        jti: options.random.id(),
      })
      const input = `${active.header}.${Buffer.from(payload).toString('base64url')}`
      const token = `${input}.${active.sign(input)}`
      known.set(digestOf(token), { payload: undefined, kid: active.kid })
      return token
    },

    verify: async (token, { now, ignoreExpiry }) => {
      const digest = digestOf(token)
      const found = await examine(token, digest)
      if (found === undefined) return undefined
      const isAccepted = ring().accepted.some(({ kid }) => kid === found.kid)
      if (
        !isAccepted ||
        !isTimely(found.payload, { now, ignoreExpiry, leewaySeconds: options.leewaySeconds })
      ) {
        known.delete(digest)
        return undefined
      }
      return subjectOf(found.payload)
    },

    attest: (typ, claims) => {
      const { active } = ring()
      if (active.publicJwks.length === 0) return null
      const header = { alg: active.alg, typ, kid: active.kid }
      const input = [header, { iss: options.issuer, ...claims }]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.')
      return `${input}.${active.sign(input)}`
    },

    jwks: () => ({ keys: ring().accepted.flatMap(({ publicJwks }) => publicJwks) }),
  }
}
