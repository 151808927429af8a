import { ArgumentError } from '../errors.ts'
import { requireAtLeast } from '../numbers.ts'
import { UnsupportedPlatformError } from '../platform.ts'
import { type Jwk, type KeySet, remoteKeys, staticKeys } from './keys.ts'

/** Where the keys of a daemon come from. */
export interface KeySetOptions {
  /** The daemon's `PUBLIC_URL`, exactly as it stands in the `iss` claim. */
  readonly issuer: string
  /** Keys at hand (RFC 7517), for places without a network: nothing is loaded. */
  readonly keys?: readonly Jwk[] | undefined
  /** Where the keys are. Default: the issuer's `/.well-known/jwks.json`. */
  readonly jwksUrl?: string | undefined
  /** For one load of the keys, in milliseconds, at least 1. Default 5000. */
  readonly timeoutMs?: number | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
  /** The time in milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** How long one request may take, in milliseconds. Throws `ArgumentError`. */
export const timeoutOf = ({ timeoutMs = 5000 }: Pick<KeySetOptions, 'timeoutMs'>): number => {
  requireAtLeast(1, { timeoutMs })
  return timeoutMs
}

/** The `fetch` that was given, or the platform's. Throws `UnsupportedPlatformError`. */
export const fetchOf = ({ fetch }: Pick<KeySetOptions, 'fetch'>): typeof globalThis.fetch => {
  const own = fetch ?? globalThis.fetch
  if (own === undefined)
    throw new UnsupportedPlatformError('unsupported_platform', 'this platform has no fetch')
  return (...args) => own(...args)
}

/**
 * The keys of a daemon, loaded when they are first needed. One for the process: give the same to the verifier
 * and to the decider, and they are loaded once. Throws `ArgumentError`, `UnsupportedPlatformError`.
 */
export const createKeySet = (options: KeySetOptions): KeySet => {
  const { issuer, keys, jwksUrl, now = Date.now } = options
  if (!/^https?:\/\/[^?#]+$/.test(issuer))
    throw new ArgumentError('issuer must be a URL: the PUBLIC_URL of the daemon')
  if (keys !== undefined && !Array.isArray(keys))
    throw new ArgumentError('keys must be a list: the member "keys" of a JWK set')
  if (globalThis.crypto?.subtle === undefined)
    throw new UnsupportedPlatformError('unsupported_platform', 'this platform has no crypto.subtle')
  if (keys !== undefined) return staticKeys(keys)
  const url = jwksUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`
  return remoteKeys({ url, fetch: fetchOf(options), timeoutMs: timeoutOf(options), now })
}
