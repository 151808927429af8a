import type { Account } from '../types.gen.ts'
import type { PublicKey } from './keys.ts'

/** The role of an account. */
export type Role = Account['role']

/** When a token begins and ends, in seconds since 1970 (RFC 7519 section 2). */
interface Lifetime {
  readonly issuedAt: number
  readonly expiresAt: number
}

/** An account that is signed in. */
export interface AccountAuth extends Lifetime {
  /** The id of the account, the `sub` claim. */
  readonly accountId: string
  readonly role: Role
  readonly sessionId: string
  /** The application that signed the person in, the `client_id` claim. */
  readonly clientId: string
  readonly applicationId?: never
}

/**
 * An application that acts by a service key. It may do what its owner may, and no more than its own policies
 * and its scope allow: what the owner may says nothing of what it may.
 */
export interface ApplicationAuth extends Lifetime {
  /** `app_…`, the `sub` claim. */
  readonly applicationId: string
  readonly role: 'application'
  /** The same as `applicationId`, the `client_id` claim. */
  readonly clientId: string
  /** The account that it acts for. */
  readonly ownerId: string
  /** The service key by which the token was issued. */
  readonly keyId: string
  /** The policies to which the token was narrowed; undefined: it was not. */
  readonly scope: readonly string[] | undefined
  readonly accountId?: never
  readonly sessionId?: never
}

/** Who a token speaks for; `role` says which of both it is. */
export type Auth = AccountAuth | ApplicationAuth

/** Why a token is not taken. */
export type TokenFault =
  | 'malformed'
  | 'unknown_key'
  | 'bad_signature'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'not_yet_valid'
  | 'expired'
  | 'ended'

/** What is pinned: a token must say exactly this. */
export interface Expected {
  readonly issuer: string
  readonly audience: string
}

/** A token taken apart; nothing is proved by it. */
export interface Parsed {
  readonly kid: string
  /** What was signed, and the signature. */
  readonly signed: string
  readonly signature: ArrayBuffer
  readonly claims: Readonly<Record<string, unknown>>
}

const MAX_CHARACTERS = 8192
const MAX_LIFETIME_SECONDS = 3600
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]{86}$/
/** A SHA-256 thumbprint (RFC 7638), as the daemon names its keys. */
const THUMBPRINT = /^[\w-]{43}$/

/** Bytes, as a string of one character for each, in base64url without padding (RFC 4648 section 5). */
export const base64url = (bytes: string): string =>
  btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')

/** The bytes of a segment, as a string of one character for each; undefined for a lax spelling. */
const bytesOf = (segment: string): string | undefined => {
  try {
    const bytes = atob(segment.replaceAll('-', '+').replaceAll('_', '/'))
    // Unused bits that are not zero do not survive the way back (RFC 4648 section 3.5).
    return base64url(bytes) === segment ? bytes : undefined
  } catch {
    return undefined
  }
}

const toArray = (bytes: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * An object as the daemon writes it: white space and keys that are there twice do not survive the way back.
 */
const objectOf = (segment: string): Record<string, unknown> | undefined => {
  const bytes = bytesOf(segment)
  if (bytes === undefined) return undefined
  try {
    const text = utf8.decode(toArray(bytes))
    const value: unknown = JSON.parse(text)
    const isOwn = typeof value === 'object' && value !== null && JSON.stringify(value) === text
    return isOwn && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/**
 * Takes a JWS apart that has the strict form of the daemon's: `{alg: "EdDSA", typ, kid}` and nothing else in
 * its header, canonical base64url, at most 8 KiB. Undefined for anything else.
 */
export const parseJws = (jws: string, kind: string): Parsed | undefined => {
  if (jws.length > MAX_CHARACTERS || !COMPACT.test(jws)) return undefined
  const [header = '', payload = '', signature = ''] = jws.split('.')
  const { alg, typ, kid, ...others } = objectOf(header) ?? {}
  if (alg !== 'EdDSA' || typ !== kind || Object.keys(others).length > 0) return undefined
  if (typeof kid !== 'string' || !THUMBPRINT.test(kid)) return undefined
  const claims = objectOf(payload)
  const bytes = bytesOf(signature)
  if (claims === undefined || bytes === undefined) return undefined
  return { kid, signed: `${header}.${payload}`, signature: toArray(bytes).buffer, claims }
}

/** Whether the key has made the signature. */
export const hasSignature = ({ signature, signed }: Parsed, { key }: PublicKey): Promise<boolean> =>
  crypto.subtle.verify('Ed25519', key, signature, new TextEncoder().encode(signed))

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 256
const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

const ROLES: Readonly<Record<Role, true>> = {
  'super-admin': true,
  admin: true,
  client: true,
  'sub-client': true,
  user: true,
}

const MAX_SCOPE_CHARACTERS = 4096
/** RFC 6749 section 3.3: names of visible characters, one space between them. */
const SCOPE = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/
const isScope = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_SCOPE_CHARACTERS && SCOPE.test(value)

type Claims = Parsed['claims']

/** An application is its own client and has no session. */
const applicationOf = (
  subject: string,
  claims: Claims,
): Omit<ApplicationAuth, keyof Lifetime> | undefined => {
  const { client_id: clientId, sid, owner_id: ownerId, key_id: keyId, scope } = claims
  if (clientId !== subject || sid !== undefined || !isText(ownerId) || !isText(keyId)) return undefined
  if (scope !== undefined && !isScope(scope)) return undefined
  const names = scope === undefined ? undefined : Object.freeze(scope.split(' '))
  return { applicationId: subject, role: 'application', clientId: subject, ownerId, keyId, scope: names }
}

const accountOf = (
  subject: string,
  { client_id: clientId, sid, role }: Claims,
): Omit<AccountAuth, keyof Lifetime> | undefined => {
  if (!isText(clientId) || !isText(sid)) return undefined
  if (typeof role !== 'string' || !Object.hasOwn(ROLES, role)) return undefined
  return { accountId: subject, role: role as Role, sessionId: sid, clientId }
}

/** Reads the claims of a token whose signature was verified (RFC 9068 section 2.2). Time is not looked at. */
export const readClaims = (
  { claims }: Parsed,
  { issuer, audience }: Expected,
): Auth | Extract<TokenFault, 'malformed' | 'wrong_issuer' | 'wrong_audience'> => {
  const { iss, sub, aud, exp, iat, nbf, jti, role, id } = claims
  if (iss !== issuer) return 'wrong_issuer'
  if (aud !== audience) return 'wrong_audience'
  if (!isText(sub) || sub !== id || !isText(jti)) return 'malformed'
  // The daemon's tokens begin when they are issued.
  if (!isSeconds(exp) || !isSeconds(iat) || nbf !== undefined) return 'malformed'
  if (exp <= iat || exp - iat > MAX_LIFETIME_SECONDS) return 'malformed'
  const auth = role === 'application' ? applicationOf(sub, claims) : accountOf(sub, claims)
  return auth === undefined ? 'malformed' : { ...auth, issuedAt: iat, expiresAt: exp }
}

/** Why a token may not be used at a time in milliseconds; undefined if it may. */
export const timeFault = (
  { issuedAt, expiresAt }: Lifetime,
  { now, toleranceSeconds }: { now: number; toleranceSeconds: number },
): Extract<TokenFault, 'not_yet_valid' | 'expired'> | undefined => {
  const seconds = Math.floor(now / 1000)
  if (issuedAt > seconds + toleranceSeconds) return 'not_yet_valid'
  return expiresAt <= seconds - toleranceSeconds ? 'expired' : undefined
}
