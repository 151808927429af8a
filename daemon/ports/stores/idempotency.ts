/** What a caller that brings a key has to do: go on, wait, refuse, or repeat the reply. */
export type IdempotencyOutcome =
  | { readonly kind: 'started' }
  | { readonly kind: 'in-progress' }
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'replay'; readonly sealedReply: string }

/** Keeps the replies of requests that carry an idempotency key. */
export interface IdempotencyStore {
  /**
   * Claims a key for a request. `started` for one caller until `leaseUntil`; a later call with the same
   * fingerprint gets the reply once it is finished, or the claim if its holder has let the lease pass.
   * Another fingerprint is a `mismatch`.
   */
  begin(claim: {
    key: string
    fingerprint: string
    now: number
    leaseUntil: number
    expiresAt: number
  }): Promise<IdempotencyOutcome>
  /** Keeps the sealed reply. */
  finish(key: string, fingerprint: string, sealedReply: string): Promise<void>
  /** Gives an unfinished claim up, so that the request can be made again. */
  abandon(key: string, fingerprint: string): Promise<void>
}
