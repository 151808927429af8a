import { isRole, type AccountId, type Role } from './account.ts'
import type { ApplicationId, ServiceKeyId } from './application.ts'
import type { SessionId } from './session.ts'

/** Seconds; RFC 9068 tokens of authctl never live longer, whatever the configuration says. */
export const MAX_ACCESS_TOKEN_SECONDS = 3600
const MAX_TOKEN_CHARACTERS = 8192
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The `role` of applications, which no account has. */
export const APPLICATION_ROLE = 'application' as const
const MAX_SCOPE_CHARACTERS = 4096
/** RFC 6749 section 3.3: names of visible characters, one space between them. */
const SCOPE = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/

/** Whom a token of a signed-in account names. */
export interface SessionSubject {
  readonly sub: AccountId
  readonly applicationId: string
  readonly sid: SessionId
  readonly role: Role
}

/** Whom a token of an application names, for which account it acts, and by which key it was issued. */
export interface ApplicationSubject {
  readonly sub: ApplicationId
  readonly role: typeof APPLICATION_ROLE
  readonly ownerId: AccountId
  readonly keyId: ServiceKeyId
  /** Names of policies, with one space between them (RFC 9068 section 2.2.3). */
  readonly scope: string | undefined
}

/** The claims of an access token that was verified. Times in seconds. */
export type AccessTokenPayload = (SessionSubject | ApplicationSubject) & {
  readonly iss: string
  readonly aud: string
  readonly exp: number
  readonly iat: number
  readonly nbf: number | undefined
  readonly jti: string
}

/** Whether the token is one of an application. */
export const isOfApplication = (
  subject: SessionSubject | ApplicationSubject,
): subject is ApplicationSubject => subject.role === APPLICATION_ROLE

/** Base64url without padding whose unused bits are zero (RFC 4648 section 3.5). */
const isCanonicalSegment = (segment: string): boolean => {
  const remainder = segment.length % 4
  if (remainder === 0) return true
  if (remainder === 1) return false
  const last = ALPHABET.indexOf(segment.charAt(segment.length - 1))
  return last % (remainder === 2 ? 16 : 4) === 0
}

/**
 * The strict compact form that libraries are laxer about: three canonical base64url segments, at most 8 KiB,
 * nothing around them. Says nothing about the signature.
 */
export const isStrictCompactForm = (token: string): boolean =>
  token.length <= MAX_TOKEN_CHARACTERS && COMPACT.test(token) && token.split('.').every(isCanonicalSegment)

/**
 * Parses JSON that this daemon wrote itself: any other spelling (white space, duplicate keys) does not
 * survive the round trip.
 */
const parseOwnJson = (segment: string): Record<string, unknown> | undefined => {
  const text = Buffer.from(segment, 'base64url').toString('utf8')
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return JSON.stringify(value) === text ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether the header is exactly `{alg, typ: "at+jwt", kid}` with the pinned algorithm and the known key; no
 * other parameter is looked at.
 */
export const hasPinnedHeader = (token: string, pinned: { alg: string; kid: string }): boolean => {
  const header = parseOwnJson(token.slice(0, token.indexOf('.')))
  return (
    header !== undefined &&
    Object.keys(header).length === 3 &&
    header['alg'] === pinned.alg &&
    header['typ'] === 'at+jwt' &&
    header['kid'] === pinned.kid
  )
}

/** Whether the header could be that of a generated key: a kid that is a SHA-256 thumbprint (RFC 7638). */
export const namesThumbprint = (token: string): boolean => {
  const kid = parseOwnJson(token.slice(0, token.indexOf('.')))?.['kid']
  return (
    typeof kid === 'string' &&
    /^[A-Za-z0-9_-]{43}$/.test(kid) &&
    hasPinnedHeader(token, { alg: 'EdDSA', kid })
  )
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 256
const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0
const isScope = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_SCOPE_CHARACTERS && SCOPE.test(value)

type Claims = Record<string, unknown>

/** The subject of an application's token, which is its own client and has no session. */
const applicationSubject = (claims: Claims): ApplicationSubject | undefined => {
  const { sub, client_id: clientId, sid, owner_id: ownerId, key_id: keyId, scope } = claims
  if (!isText(sub) || clientId !== sub || sid !== undefined) return undefined
  if (!isText(ownerId) || !isText(keyId) || (scope !== undefined && !isScope(scope))) return undefined
  return {
    sub: sub as ApplicationId,
    role: APPLICATION_ROLE,
    ownerId: ownerId as AccountId,
    keyId: keyId as ServiceKeyId,
    scope,
  }
}

const sessionSubject = ({ sub, client_id: applicationId, sid, role }: Claims): SessionSubject | undefined => {
  if (!isText(sub) || !isText(applicationId) || !isText(sid)) return undefined
  if (typeof role !== 'string' || !isRole(role)) return undefined
  return { sub: sub as AccountId, applicationId, sid: sid as SessionId, role }
}

/**
 * The payload of a token whose signature is already verified, or undefined unless every claim of RFC 9068
 * section 2.2 is there once and of its type, and the lifetime is within the cap. Time is not looked at.
 */
export const readPayload = (
  token: string,
  expected: { issuer: string; audience: string },
): AccessTokenPayload | undefined => {
  const claims = parseOwnJson(token.split('.')[1] ?? '')
  if (claims === undefined) return undefined
  const { iss, sub, aud, exp, iat, nbf, jti, role, id } = claims
  if (iss !== expected.issuer || aud !== expected.audience || !isText(jti) || sub !== id) return undefined
  if (!isSeconds(exp) || !isSeconds(iat) || (nbf !== undefined && !isSeconds(nbf))) return undefined
  if (exp <= iat || exp - iat > MAX_ACCESS_TOKEN_SECONDS) return undefined
  const subject = role === APPLICATION_ROLE ? applicationSubject(claims) : sessionSubject(claims)
  return subject && { ...subject, iss, aud, exp, iat, nbf, jti }
}

/** Whether the token may be used at this time. With `ignoreExpiry` only its beginning is looked at. */
export const isTimely = (
  payload: Pick<AccessTokenPayload, 'exp' | 'iat' | 'nbf'>,
  at: { now: number; leewaySeconds: number; ignoreExpiry: boolean },
): boolean => {
  const seconds = at.now / 1000
  if (payload.iat > seconds + at.leewaySeconds) return false
  if (payload.nbf !== undefined && payload.nbf > seconds + at.leewaySeconds) return false
  return at.ignoreExpiry || seconds < payload.exp + at.leewaySeconds
}
