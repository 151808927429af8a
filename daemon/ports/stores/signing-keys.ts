import type { KeyTimes } from '../../domain/signing-key.ts'

/** A signing key as it is stored: its private half is sealed. */
export interface StoredSigningKey extends KeyTimes {
  readonly kid: string
  readonly alg: 'EdDSA'
  /** The public JWK as JSON. */
  readonly publicJwk: string
  /** The private JWK, encrypted under a key outside the store. */
  readonly sealedPrivateJwk: string
  readonly createdAt: number
}

/** Keeps the keys that sign access tokens; daemons share them. */
export interface SigningKeyStore {
  /** Every key, oldest first. */
  list(): Promise<StoredSigningKey[]>
  /**
   * Adds a key under its sequence number. False: there is one of that number; of parallel additions of one
   * number exactly one is made.
   */
  add(key: StoredSigningKey): Promise<boolean>
  /** Marks a key as revoked. False: there is none of that id that is not revoked already. */
  revoke(kid: string, now: number): Promise<boolean>
  /**
   * Calls back soon after the keys may have changed, on stores that can tell; a hint that may be late or
   * missing, so callers look by themselves as well. Answers how to stop.
   */
  watch(changed: () => void): () => Promise<void>
}
