/**
 * `not_found`: the named object does not exist · `conflict`: a unique key is taken, or the change would break
 * an invariant · `stale`: the object is not in the state that the caller expects · `unavailable`: the store
 * cannot answer now; the write may or may not have happened and the verb may be repeated.
 */
export type StoreFailureKind = 'not_found' | 'conflict' | 'stale' | 'unavailable'

/** What a verb of the store rejects with. `message` and `cause` are for the log. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure'
  readonly kind: StoreFailureKind

  constructor(kind: StoreFailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
  }
}
