/** Remembers what works once, until it would not work any more by itself. */
export interface SpentStore {
  /**
   * Notes that something is used up, by one conditional write: true for one caller only, whatever runs in
   * parallel, until `expiresAt`.
   */
  spend(once: { key: string; expiresAt: number; now: number }): Promise<boolean>
  /** Whether it is used up. */
  isSpent(key: string, now: number): Promise<boolean>
}
