/** How long verifiers may keep the published keys. */
export const JWKS_MAX_AGE_SECONDS = 300

/** How long before its first use a rotated key is published: twice what verifiers may keep (C12). */
export const PUBLISH_LEAD_MS = 2 * JWKS_MAX_AGE_SECONDS * 1000

/**
 * How long a key is accepted after its successor took over: the longest life that an access token can be
 * given, and the leeway.
 */
export const RETIRING_MS = 3600_000 + 30_000

/**
 * `next`: published, not used yet · `active`: signs · `retiring`: verifies what it has signed · `retired`:
 * nothing it signed can be valid any more · `revoked`: what it signed is refused.
 */
export type KeyState = 'next' | 'active' | 'retiring' | 'retired' | 'revoked'

/** When a key may be used; `sequence` counts the keys of a store from 1. */
export interface KeyTimes {
  readonly sequence: number
  readonly activeFrom: number
  readonly revokedAt: number | null
}

/**
 * The state of each key at a time: a function of what is stored and of nothing else, so that all daemons
 * agree. `active` is the newest key that may be used and was not revoked.
 */
export const keyStates = <K extends KeyTimes>(keys: readonly K[], now: number): Map<K, KeyState> => {
  const bySequence = [...keys].sort((a, b) => a.sequence - b.sequence)
  const active = bySequence.findLast((key) => key.revokedAt === null && key.activeFrom <= now)
  const stateOf = (key: K, index: number): KeyState => {
    if (key.revokedAt !== null) return 'revoked'
    if (key === active) return 'active'
    if (key.sequence > (active?.sequence ?? 0)) return 'next'
    const succeededAt = Math.min(...bySequence.slice(index + 1).map((later) => later.activeFrom))
    return now < succeededAt + RETIRING_MS ? 'retiring' : 'retired'
  }
  return new Map(bySequence.map((key, index) => [key, stateOf(key, index)]))
}
