import { ArgumentError, AuthctlError } from '../errors.ts'
import { requireAtLeast } from '../numbers.ts'
import { createDigest } from './digest.ts'
import { createAsk, type Word } from './ask.ts'
import type { Revocations } from './ended.ts'
import { createKeySet, type KeySetOptions } from './key-set.ts'
import type { KeySet, PublicKey } from './keys.ts'
import { type Auth, hasSignature, parseJws, readClaims, timeFault, type TokenFault } from './token.ts'

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
export interface VerifierOptions extends KeySetOptions {
  /** The daemon's `AUTHCTL_AUDIENCE`. Default `authctl`. */
  readonly audience?: string | undefined
  /** The keys of the daemon as another verifier or a decider has them; default: its own. */
  readonly keySet?: KeySet | undefined
  /** How far clocks may be apart, in seconds, at most 60. Default 5. */
  readonly clockToleranceSeconds?: number | undefined
  /** How many verified tokens are remembered. Default 10,000; 0: none. */
  readonly rememberedTokens?: number | undefined
  /** Which tokens have ended before their time: of `createRevocations`, or of a decider. */
  readonly revocations?: Revocations | undefined
  /**
   * What is done with a token of which `revocations` do not know whether it has ended: one of before they
   * began, or while they hear nothing, and one of an application of which they are told nothing. `ask` the
   * daemon (default), or `accept` it.
   */
  readonly whenUnknown?: 'ask' | 'accept' | undefined
}

/** Verifies access tokens in the process, without asking the daemon. */
export interface Verifier {
  /**
   * Resolves with who the token speaks for. Rejects with {@link InvalidTokenError}, with
   * `KeysUnavailableError` while the daemon's keys cannot be had, and with `DaemonUnavailableError` while it
   * cannot say whether a token has ended.
   */
  readonly verify: (token: string) => Promise<Auth>
}

interface Remembered {
  readonly auth: Auth
  readonly kid: string
  readonly key: PublicKey
  readonly digest: string
  /** Where its account stands, as the daemon said. */
  path?: string | undefined
  /** The last word of the revocations when the daemon said that it lives. */
  askedAt?: number
  /** For an application: what the daemon said last of whether it lives, and when, in milliseconds. */
  said?: { readonly word: Promise<Word>; readonly at: number }
}

const MAX_TOLERANCE_SECONDS = 60
/** About a token of an application of which nothing is told, the daemon is asked so often. */
const ASK_EVERY_MS = 1000

/**
 * A verifier of the daemon's Ed25519 access tokens (RFC 9068). Make one for the process: it keeps the keys
 * and remembers verified tokens by their digests. A token that was verified before is still refused once it
 * has expired or its key is no longer published. Without `revocations`, a session that was ended or an
 * account that was disabled is not seen before the token expires; with them it is within a second. So it is
 * with an application and its key; about a token of one of which `revocations` are told nothing the daemon is
 * asked again every second of its use.
 */
export const createVerifier = (options: VerifierOptions): Verifier => {
  const {
    audience = 'authctl',
    clockToleranceSeconds = 5,
    rememberedTokens = 10_000,
    now = Date.now,
  } = options
  requireAtLeast(0, { rememberedTokens, clockToleranceSeconds })
  if (clockToleranceSeconds > MAX_TOLERANCE_SECONDS)
    throw new ArgumentError(`clockToleranceSeconds must be at most ${MAX_TOLERANCE_SECONDS}`)
  const expected = { issuer: options.issuer, audience }
  const keySet = options.keySet ?? createKeySet(options)
  const digestOf = createDigest()
  const remembered = new Map<string, Remembered>()

  const requireTimely = (auth: Auth): void => {
    const fault = timeFault(auth, { now: now(), toleranceSeconds: clockToleranceSeconds })
    if (fault !== undefined) throw new InvalidTokenError(fault)
  }

  const { revocations, whenUnknown = 'ask' } = options
  const ask = createAsk(options)

  /** The daemon's word of a second ago at most, which all who wait for it share. */
  const askOften = async (token: string, found: Remembered): Promise<boolean> => {
    const at = now()
    const { said } = found
    const isRecent = said !== undefined && at >= said.at && at - said.at < ASK_EVERY_MS
    const asked = isRecent ? said : { word: ask(token), at }
    found.said = asked
    try {
      const { isLive, path } = await asked.word
      found.path ??= path
      return isLive
    } catch (error) {
      if (found.said === asked) delete found.said
      throw error
    }
  }

  /** The daemon's word, which holds until more is heard. */
  const askOnce = async (token: string, found: Remembered): Promise<boolean> => {
    const askedAt = revocations?.lastWord() ?? 0
    const { isLive } = await ask(token)
    if (isLive) found.askedAt = askedAt
    return isLive
  }

  /** Requires that the token has not ended before its time, as far as that is to be known. */
  const requireLive = async (token: string, found: Remembered): Promise<Auth> => {
    const { auth } = found
    const liveness = revocations?.livenessOf(auth, found) ?? 'live'
    if (liveness === 'live') return auth
    const askDaemon = auth.role === 'application' ? askOften : askOnce
    const isLive = liveness === 'unknown' && (whenUnknown === 'accept' || (await askDaemon(token, found)))
    if (!isLive) throw new InvalidTokenError('ended')
    return auth
  }

  const remember = (digest: string, found: Remembered): void => {
    const [oldest] = remembered.keys()
    if (oldest !== undefined && remembered.size >= rememberedTokens) remembered.delete(oldest)
    if (rememberedTokens > 0) remembered.set(digest, found)
  }

  const verifyOnce = async (token: string, digest: string): Promise<Auth> => {
    const parsed = parseJws(token, 'at+jwt')
    if (parsed === undefined) throw new InvalidTokenError('malformed')
    const key = keySet.current(parsed.kid) ?? (await keySet.find(parsed.kid))
    if (key === undefined) throw new InvalidTokenError('unknown_key')
    if (!(await hasSignature(parsed, key))) throw new InvalidTokenError('bad_signature')
    const auth = readClaims(parsed, expected)
    if (typeof auth === 'string') throw new InvalidTokenError(auth)
    requireTimely(auth)
    // Those who came with it at the same time share what the daemon says of it.
    const known = remembered.get(digest)
    if (known?.key === key) return requireLive(token, known)
    const found: Remembered = { auth: Object.freeze(auth), kid: parsed.kid, key, digest }
    remember(digest, found)
    return requireLive(token, found)
  }

  return {
    verify: async (token) => {
      if (typeof token !== 'string') throw new InvalidTokenError('malformed')
      keySet.refresh()
      const made = digestOf(token)
      const digest = typeof made === 'string' ? made : await made
      const found = remembered.get(digest)
      if (found !== undefined && keySet.current(found.kid) === found.key) {
        requireTimely(found.auth)
        return requireLive(token, found)
      }
      remembered.delete(digest)
      return verifyOnce(token, digest)
    },
  }
}
