import type { AccountId } from '../../domain/account.ts'
import type { Session, SessionId } from '../../domain/session.ts'

/** How a rotation ended. `reused` and `first: true` is answered to exactly one caller. */
export type RotateOutcome =
  | { readonly kind: 'rotated' | 'replayed' }
  | { readonly kind: 'reused'; readonly first: boolean }
  | { readonly kind: 'refused' }

/** Keeps the sessions and rotates their refresh tokens. */
export interface SessionStore {
  /**
   * Inserts, and ends the oldest live sessions of the account beyond the newest `mostLive`. When this has
   * resolved, the older ones are ended: of the sessions that were handed out after it, whatever runs in
   * parallel, no more than `mostLive` are live.
   */
  insert(session: Session, mostLive: number): Promise<void>
  get(id: SessionId): Promise<Session | undefined>
  /**
   * Rotates the refresh token by one compare-and-set on its rotation number. `rotated`: token `presented` was
   * the live one; its successor is now. `replayed`: it is the direct parent of the live one and was rotated
   * at most `graceMs` ago (or, by a stepped clock, ahead): nothing changed. `reused`: it is older, or its
   * grace has passed: the session is revoked. `refused`: there is no such session, it is revoked, of another
   * application, or past its idle or absolute expiry: nothing changed. The caller has verified that the token
   * belongs to this session's chain.
   */
  rotate(step: {
    id: SessionId
    presented: number
    applicationId: string
    successorDigest: string
    idleExpiresAt: number
    graceMs: number
    now: number
  }): Promise<RotateOutcome>
  /** Moves a session to a new epoch of its account (after a password change). */
  setEpoch(id: SessionId, epoch: number): Promise<void>
  /** Ends one session of an account. False: there is none that is not already revoked. */
  revoke(target: { id: SessionId; accountId: AccountId; now: number }): Promise<boolean>
  /** Ends every session of an account but `except`; answers how many were live before. */
  revokeAll(target: { accountId: AccountId; except: SessionId | null; now: number }): Promise<number>
  /** Sessions that are neither revoked nor expired, newest first, at most 200. */
  list(accountId: AccountId, now: number): Promise<Session[]>
}
