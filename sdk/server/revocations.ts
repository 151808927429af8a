import type { AuthctlClient } from '../client.ts'
import { KnownEnds, type Revocations } from './ended.ts'
import { followChanges, type Heard } from './feed.ts'
import { createKeySet, type KeySetOptions } from './key-set.ts'
import type { KeySet } from './keys.ts'
import { audienceOf, requireSignedBody } from './signed.ts'

/** What the feed of revocations is made of. */
export interface RevocationsOptions extends KeySetOptions {
  /** Signed in as an application or account that stands above those whose tokens are verified. */
  readonly client: Pick<AuthctlClient, 'snapshots' | 'session'>
  /** The keys of the daemon as a verifier has them; default: its own. */
  readonly keySet?: KeySet | undefined
  /** After so many milliseconds without a word the daemon is asked about each token. Default 5000. */
  readonly maxStalenessMs?: number | undefined
  /** Takes what bears no signature: for a daemon with `JWT_SECRET`, over a network that is trusted. */
  readonly acceptUnsigned?: boolean | undefined
  /** Told what goes wrong while it follows the daemon; it goes on by itself. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** Follows which tokens end, until it is closed. */
export interface FollowedRevocations extends Revocations {
  readonly close: () => Promise<void>
}

/**
 * Begins to follow which tokens end before their time: those of accounts that were disabled or deleted or
 * have a new password, and those of sessions that were ended. Give it to `createVerifier`. A decider of
 * `@authctl/sdk/local` has one already, over the same connection. Throws `ArgumentError`,
 * `UnsupportedPlatformError`.
 */
export const createRevocations = (options: RevocationsOptions): FollowedRevocations => {
  const { client, issuer, maxStalenessMs = 5000, acceptUnsigned = false, onError } = options
  const keySet = options.keySet ?? createKeySet(options)
  const ended = new KnownEnds(maxStalenessMs)
  const hear = async ({ changes, completeAt, isFresh, nonce }: Heard): Promise<void> => {
    const by = { keySet, issuer, audience: await audienceOf(client), acceptUnsigned, nonce }
    await requireSignedBody(changes, 'authctl-changes+jws', by)
    ended.hear(changes, isFresh, completeAt)
  }
  const closing = new AbortController()
  const { signal } = closing
  const running = followChanges({ client, hear, onError: (error) => onError?.(error), signal })
  const close = (): Promise<void> => {
    closing.abort()
    return running
  }
  return { livenessOf: ended.livenessOf, lastWord: ended.lastWord, close }
}
