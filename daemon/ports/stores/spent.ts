/** Remembers what works once, until it would not work any more by itself. */
export interface SpentStore {
  /**
   * Notes that something is used up, by one conditional write: true for one caller only, whatever runs in
   * parallel, until `expiresAt`. With the path of an account it is told in the log of changes, with the
   * write.
   */
  spend(once: { key: string; expiresAt: number; now: number; path?: string }): Promise<boolean>
  /** Whether it is used up. */
  isSpent(key: string, now: number): Promise<boolean>
}
