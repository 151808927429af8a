import type { AccountId } from '../../domain/account.ts'

/** How an attempt at a refresh key ended. */
export type RefreshKeyOutcome = 'ok' | 'wrong' | 'locked' | 'absent'

/** Keeps the refresh key of each account as a MAC, with its wrong tries. */
export interface RefreshKeyStore {
  /**
   * Sets the key. With none of this epoch set, `oldMac` is not looked at. Otherwise: `ok` only if `oldMac`
   * matches; `wrong` counts a try; `locked` when the tries are used up; `absent` when `oldMac` is null though
   * a key is set.
   */
  set(change: {
    accountId: AccountId
    epoch: number
    mac: string
    oldMac: string | null
    maxTries: number
    now: number
  }): Promise<RefreshKeyOutcome>
  /**
   * One attempt at the key, counted in the same write; `ok` clears the count. `absent`: none is set in this
   * epoch.
   */
  verify(attempt: {
    accountId: AccountId
    epoch: number
    mac: string
    maxTries: number
  }): Promise<RefreshKeyOutcome>
  /** Clears the count of wrong tries after a full sign-in. */
  unlock(accountId: AccountId): Promise<void>
}
