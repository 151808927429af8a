import type { ApplicationSubject, SessionSubject } from '../domain/access-token.ts'
import type { PublicJwk } from '../domain/application.ts'

/**
 * argon2id password hashes (PHC strings). Both verbs run in a bounded pool and throw `overloaded` when its
 * queue is full.
 */
export interface PasswordHasher {
  hash(password: string): Promise<string>
  /**
   * `hash` null: spends the time of a real verification and answers false, so that unknown accounts cannot be
   * told by timing.
   */
  verify(password: string, hash: string | null): Promise<boolean>
  /** Whether the hash was made with other parameters than today's. */
  needsRehash(hash: string): boolean
}

/** The claims of an access token (RFC 9068 section 2.2). Times in seconds. */
export type AccessClaims = (SessionSubject | ApplicationSubject) & {
  readonly issuedAt: number
  readonly expiresAt: number
}

/** The kinds of what a daemon says to applications under its signature. */
export type AttestationType = 'authctl-snapshot+jws' | 'authctl-accounts+jws' | 'authctl-changes+jws'

/** Issues and verifies access tokens. The issuer and the audience are its own. */
export interface TokenSigner {
  /** The `iss` of every token. */
  readonly issuer: string
  /** The `aud` of every token. */
  readonly audience: string
  /** A signed token. It takes the main thread: only for callers who have just proved a secret. */
  sign(claims: AccessClaims): string
  /**
   * The claims of a token that this issuer signed, or undefined. Verified: strict form, signature under the
   * pinned algorithm, `typ`, issuer, audience, presence and type of all claims, lifetime cap, and (unless
   * `ignoreExpiry`) expiry. Not verified: that session or application, and account, live.
   */
  verify(token: string, options: { now: number; ignoreExpiry: boolean }): Promise<AccessClaims | undefined>
  /**
   * A compact JWS of the issuer over claims of another kind than those of a token: `typ` keeps the kinds
   * apart (RFC 8725 section 3.11). Null while tokens are signed by a secret, which nobody else can verify.
   */
  attest(typ: AttestationType, claims: Readonly<Record<string, unknown>>): string | null
  /** The public keys as a JWK set (RFC 7517); empty for a symmetric secret. */
  jwks(): { keys: readonly Record<string, string>[] }
}

/** The public keys of applications. */
export interface PublicKeys {
  /**
   * Whether these members are a key, spelt as it is written: a point of its curve, or a modulus of 2048 to
   * 4096 bits with the exponent 65537.
   */
  isKey(jwk: Omit<PublicJwk, 'kid' | 'use'>): boolean
  /**
   * Whether the private half of a key has signed this text; `signature` is base64url. Beside the main thread:
   * anybody may send one.
   */
  hasSigned(jwk: PublicJwk, signed: { input: string; signature: string }): Promise<boolean>
}

/** A long text, one part after the other; none ends between the two halves of a character. */
export type TextInPieces = readonly string[] | AsyncIterable<string>

/** Keyed digests and sealing, each under its own key derived from secrets that are kept outside the store. */
export interface Vault {
  /** HMAC-SHA-256 of a one-time code, bound to its challenge, phone and purpose. */
  otpMac(binding: { challengeId: string; phone: string; purpose: string; code: string }): string
  /** HMAC-SHA-256 of a refresh key, bound to its account, under `REFRESH_KEY_SECRET`. */
  refreshKeyMac(accountId: string, refreshKey: string): string
  /** HMAC-SHA-256 of a service key, bound to its application. */
  serviceKeyMac(applicationId: string, serviceKey: string): string
  /** Whether it is the MAC of this service key, in constant time. */
  isServiceKeyMac(mac: string, applicationId: string, serviceKey: string): boolean
  /**
   * The secret of the next refresh token of a session, derived from the present one: the same each time, so
   * that a lost reply can be repeated.
   */
  nextRefreshSecret(secret: Buffer): Buffer
  /**
   * HMAC-SHA-256 of what a caller has sent, for one use of it. For every text that may hold a secret which
   * can be guessed: a body with a password, a name field that a password was typed into.
   */
  sentMac(
    use: 'idempotency-key' | 'idempotency-content' | 'limit' | 'user-code',
    ...parts: readonly string[]
  ): string
  /**
   * What stands for a name towards one audience: 128 bits of HMAC-SHA-256, base64url. The same each time, and
   * no audience finds the name by it, or what another audience is told for it.
   */
  hiddenName(audience: string, kind: string, name: string): string
  /**
   * HMAC-SHA-256 of the text of a plan, so that a file of it shows who made it. The text comes in pieces: how
   * it was cut makes no difference.
   */
  planMac(pieces: TextInPieces): Promise<string>
  /** Whether it is the MAC of this text, in constant time. */
  isPlanMac(mac: string, pieces: TextInPieces): Promise<boolean>
  /**
   * SHA-256, base64url. Only of what is no secret (texts of policies) or has 128 bits of randomness (refresh
   * tokens): anything less is found by trying, and takes `sentMac` (B1).
   */
  digest(text: string): string
  /** Authenticated encryption for short-lived secrets that must wait in the store. */
  seal(plaintext: string, context: string): string
  /** The plaintext, or undefined if the text was changed or sealed for another context. */
  open(sealed: string, context: string): string | undefined
}

/** Randomness and identity, from the system's CSPRNG. */
export interface Random {
  /** 256 bits. */
  secret(): Buffer
  /** 26 characters of base 32: 130 bits. */
  id(): string
  /**
   * 26 characters of base 32 that sort by the given time: 45 bits of milliseconds, then 85 random bits. For
   * the keys of rows, so that new ones stay together in the indexes; never for anything that must not be
   * guessed.
   */
  rowKey(now: number): string
  /** A uniformly random decimal code, leading zeros kept. */
  code(digits: number): string
}
