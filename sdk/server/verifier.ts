import { ArgumentError, AuthctlError } from '../errors.ts'
import { UnsupportedPlatformError } from '../platform.ts'
import { createDigest } from './digest.ts'
import { type Jwk, type KeySet, type PublicKey, remoteKeys, staticKeys } from './keys.ts'
import { type Auth, type Parsed, parseToken, readClaims, timeFault, type TokenFault } from './token.ts'

/**
 * The token is not one to act by. Answer 401 with `WWW-Authenticate: Bearer error="invalid_token"` (RFC
 * 6750).
 */
export class InvalidTokenError extends AuthctlError {
  /** Why, for the log of the application; callers need not be told. */
  declare readonly fault: TokenFault
  constructor(fault: TokenFault) {
    super('invalid_token', `the access token is not valid: ${fault.replaceAll('_', ' ')}`)
    this.fault = fault
  }
}

/** What a verifier is made of. */
export interface VerifierOptions {
  /** The daemon's `PUBLIC_URL`, exactly as it stands in the `iss` claim. */
  readonly issuer: string
  /** The daemon's `AUTHCTL_AUDIENCE`. Default `authctl`. */
  readonly audience?: string | undefined
  /** Keys at hand (RFC 7517), for places without a network: nothing is loaded. */
  readonly keys?: readonly Jwk[] | undefined
  /** Where the keys are. Default: the issuer's `/.well-known/jwks.json`. */
  readonly jwksUrl?: string | undefined
  /** How far clocks may be apart, in seconds, at most 60. Default 5. */
  readonly clockToleranceSeconds?: number | undefined
  /** How many verified tokens are remembered. Default 10,000; 0: none. */
  readonly rememberedTokens?: number | undefined
  /** For one load of the keys, in milliseconds. Default 5000. */
  readonly timeoutMs?: number | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
  /** The time in milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** Verifies access tokens in the process, without asking the daemon. */
export interface Verifier {
  /**
   * Resolves with who the token speaks for. Rejects with {@link InvalidTokenError}, or with
   * `KeysUnavailableError` while the daemon's keys cannot be had.
   */
  readonly verify: (token: string) => Promise<Auth>
}

interface Remembered {
  readonly auth: Auth
  readonly kid: string
  readonly key: PublicKey
}

const MAX_TOLERANCE_SECONDS = 60

const checkOptions = ({
  issuer,
  keys,
  clockToleranceSeconds = 5,
  rememberedTokens = 10_000,
}: VerifierOptions): void => {
  if (!/^https?:\/\/[^?#]+$/.test(issuer))
    throw new ArgumentError('issuer must be the PUBLIC_URL of the daemon, such as https://auth.example.com')
  if (keys !== undefined && !Array.isArray(keys))
    throw new ArgumentError('keys must be a list of keys: of a JWK set, its member "keys"')
  if (!(clockToleranceSeconds >= 0 && clockToleranceSeconds <= MAX_TOLERANCE_SECONDS))
    throw new ArgumentError(`clockToleranceSeconds must be from 0 to ${MAX_TOLERANCE_SECONDS}`)
  if (!(Number.isInteger(rememberedTokens) && rememberedTokens >= 0))
    throw new ArgumentError('rememberedTokens must be 0 or more')
}

const keySetOf = (
  { issuer, keys, jwksUrl, fetch, timeoutMs = 5000 }: VerifierOptions,
  now: () => number,
): KeySet => {
  if (keys !== undefined) return staticKeys(keys)
  const own = fetch ?? globalThis.fetch
  if (own === undefined)
    throw new UnsupportedPlatformError('unsupported_platform', 'this platform has no fetch')
  const url = jwksUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`
  return remoteKeys({ url, fetch: (...args) => own(...args), timeoutMs, now })
}

const hasSignature = ({ signature, signed }: Parsed, { key }: PublicKey): Promise<boolean> =>
  crypto.subtle.verify('Ed25519', key, signature, new TextEncoder().encode(signed))

/**
 * A verifier of the daemon's Ed25519 access tokens (RFC 9068). Make one for the process: it keeps the keys
 * and remembers verified tokens by their digests. A token that was verified before is still refused once it
 * has expired or its key is no longer published. A session that was ended, or an account that was disabled,
 * is not seen before the token expires: ask the daemon where that is too late.
 */
export const createVerifier = (options: VerifierOptions): Verifier => {
  checkOptions(options)
  if (globalThis.crypto?.subtle === undefined)
    throw new UnsupportedPlatformError('unsupported_platform', 'this platform has no crypto.subtle')
  const {
    audience = 'authctl',
    clockToleranceSeconds = 5,
    rememberedTokens = 10_000,
    now = Date.now,
  } = options
  const expected = { issuer: options.issuer, audience }
  const keySet = keySetOf(options, now)
  const digestOf = createDigest()
  const remembered = new Map<string, Remembered>()

  const requireTimely = (auth: Auth): Auth => {
    const fault = timeFault(auth, { now: now(), toleranceSeconds: clockToleranceSeconds })
    if (fault !== undefined) throw new InvalidTokenError(fault)
    return auth
  }

  const remember = (digest: string, found: Remembered): void => {
    const [oldest] = remembered.keys()
    if (oldest !== undefined && remembered.size >= rememberedTokens) remembered.delete(oldest)
    if (rememberedTokens > 0) remembered.set(digest, found)
  }

  const verifyOnce = async (token: string, digest: string): Promise<Auth> => {
    const parsed = parseToken(token)
    if (parsed === undefined) throw new InvalidTokenError('malformed')
    const key = keySet.current(parsed.kid) ?? (await keySet.find(parsed.kid))
    if (key === undefined) throw new InvalidTokenError('unknown_key')
    if (!(await hasSignature(parsed, key))) throw new InvalidTokenError('bad_signature')
    const auth = readClaims(parsed, expected)
    if (typeof auth === 'string') throw new InvalidTokenError(auth)
    requireTimely(auth)
    remember(digest, { auth: Object.freeze(auth), kid: parsed.kid, key })
    return auth
  }

  return {
    verify: async (token) => {
      if (typeof token !== 'string') throw new InvalidTokenError('malformed')
      keySet.refresh()
      const made = digestOf(token)
      const digest = typeof made === 'string' ? made : await made
      const found = remembered.get(digest)
      if (found === undefined) return verifyOnce(token, digest)
      if (keySet.current(found.kid) === found.key) return requireTimely(found.auth)
      remembered.delete(digest)
      return verifyOnce(token, digest)
    },
  }
}
